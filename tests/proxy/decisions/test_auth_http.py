"""nginx's mail protocol, word by word: the login out of a request, and answers that nginx can read."""

from urllib.parse import quote, unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from kernel.authority import UpstreamLogin
from kernel.config.settings import Bounds, Endpoint
from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.decisions.auth_http import Login, Unreadable, read_login, refusal, refused, welcome
from proxy.web.head import Block, read_block
from tests.servers.certificates import Authority

SERVER = Endpoint("10.1.2.3", 143)
# nginx.org, ngx_mail_auth_http_module: the request of the documentation, and its TLS fields.
PLAIN = (
    *("Host: localhost", "Auth-Method: plain", "Auth-User: user", "Auth-Pass: password", "Auth-Protocol: imap"),
    *("Auth-Login-Attempt: 1", "Client-IP: 192.0.2.42", "Client-Host: client.example.org"),
)


def block(*fields: str) -> Block:
    return read_block("".join(f"{field}\r\n" for field in fields).encode("latin-1"), Bounds())


def changed(**changes: str | None) -> tuple[str, ...]:
    """Return the documentation's request with fields changed (``auth_user`` for ``Auth-User``), or left out (None)."""
    told = dict(field.split(": ", 1) for field in PLAIN)
    for name, value in changes.items():
        key = next(
            each for each in [*told, "Auth-SSL-Verify", "Auth-SSL-Cert"] if each.lower().replace("-", "_") == name
        )
        told.pop(key, None)
        if value is not None:
            told[key] = value
    return tuple(f"{name}: {value}" for name, value in told.items())


def test_the_documentations_request_is_read() -> None:
    assert read_login(block(*PLAIN)) == Login("imap", "192.0.2.42", "user", 1, password="password")


@pytest.mark.parametrize(("method", "kind"), [("plain", "password"), ("login", "password"), ("xoauth2", "token")])
def test_a_secret_is_what_its_method_makes_of_it(method: str, kind: str) -> None:
    login = read_login(block(*changed(auth_method=method, auth_user="alice%40example.com", auth_pass="p%25%20%C3%A9")))
    assert (login.name, getattr(login, kind)) == ("alice@example.com", "p% é")


@pytest.mark.parametrize(("protocol", "service"), [("imap", "imap"), ("pop3", "pop3"), ("smtp", "submission")])
def test_protocols_have_their_services(protocol: str, service: str) -> None:
    assert read_login(block(*changed(auth_protocol=protocol))).service == service


def test_a_certificate_counts_when_nginx_has_verified_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    pem = Authority(tmp_path).issue("laptop", client=True)[0].read_bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    shown = {"auth_ssl_cert": quote(pem), "auth_method": "external", "auth_pass": None}
    assert read_login(block(*changed(auth_ssl_verify="SUCCESS", **shown))).certificate == der
    for verified in ("NONE", "FAILED:self signed certificate", None):
        assert read_login(block(*changed(auth_ssl_verify=verified, **shown))).certificate == b""
    for odd in ("", "x", quote(pem[:-40]), quote(pem + pem)):
        with pytest.raises(Unreadable):
            read_login(block(*changed(auth_ssl_verify="SUCCESS", **{**shown, "auth_ssl_cert": odd})))


@pytest.mark.parametrize(
    "changes",
    [
        *({"auth_method": method} for method in ("apop", "cram-md5", "none", "", "PLAIN", None)),
        *({"auth_protocol": protocol} for protocol in ("sieve", "", "IMAP", None)),
        *({"auth_login_attempt": attempt} for attempt in ("", "-1", "1e3", "9999999", None)),
        *({"auth_pass": secret} for secret in ("", "a%00b", "a%0d%0ab", "%ff", "x" * 5000, None)),
        *({"auth_user": name} for name in ("a%00b", "%0aAuth-Status: OK", "x" * 5000)),
        {"auth_method": "external"},
        {"client_ip": None},
    ],
)
def test_what_could_be_read_otherwise_is_no_login(changes: dict[str, str | None]) -> None:
    with pytest.raises(Unreadable):
        read_login(block(*changed(**changes)))


def test_a_doubled_field_is_no_login() -> None:
    for field in PLAIN[1:-1]:
        with pytest.raises(Unreadable):
            read_login(block(*PLAIN, field))


@given(st.binary(max_size=60).map(quote))
def test_no_password_breaks_the_reading(secret: str) -> None:
    try:
        login = read_login(block(*changed(auth_pass=secret)))
    except Unreadable:
        return
    assert login.password == unquote(secret)
    assert not any(sign < " " or sign == "\x7f" for sign in login.password)


def test_the_answer_names_server_and_login_and_nothing_else() -> None:
    reply = welcome(UpstreamLogin("LOGIN", "alice@example.com*gate", "master-secret"), SERVER)
    assert reply.octets(close=True).decode().split("\r\n") == [
        *("HTTP/1.1 200 OK", "Auth-Status: OK", "Auth-Server: 10.1.2.3", "Auth-Port: 143"),
        *("Auth-User: alice@example.com*gate", "Auth-Pass: master-secret", "Content-Length: 0", "Connection: close"),
        *("", ""),
    ]


@pytest.mark.parametrize(
    "login",
    [
        UpstreamLogin("PLAIN", "gate", "secret", "alice@example.com"),
        UpstreamLogin("NONE", "alice@example.com", ""),
        UpstreamLogin("LOGIN", "alice", "a\r\nAuth-Server: 192.0.2.1"),
        UpstreamLogin("LOGIN", "alice\n", "secret"),
        UpstreamLogin("XOAUTH2", "alice@example.com", "t" * 900),
    ],
)
def test_what_nginx_could_not_pass_on_is_not_handed_out(login: UpstreamLogin) -> None:
    with pytest.raises(ValueError, match="nginx"):
        welcome(login, SERVER)


WORDS = "User name or password is wrong."


@pytest.mark.parametrize(
    ("protocol", "reason", "said"),
    [
        ("imap", Reason.CREDENTIALS, [f"Auth-Status: [AUTHENTICATIONFAILED] {WORDS}", "Auth-Wait: 2"]),
        ("pop3", Reason.CREDENTIALS, [f"Auth-Status: [AUTH] {WORDS}", "Auth-Wait: 2"]),
        ("smtp", Reason.CREDENTIALS, [f"Auth-Status: {WORDS}", "Auth-Error-Code: 535 5.7.8", "Auth-Wait: 2"]),
        ("imap", Reason.POLICY, ["Auth-Status: [AUTHORIZATIONFAILED] No. https://id.example/r/ABCD2345"]),
        ("smtp", Reason.POLICY, ["Auth-Status: No. https://id.example/r/ABCD2345", "Auth-Error-Code: 535 5.7.1"]),
        ("pop3", Reason.STALE, ["Auth-Status: [SYS/TEMP] No. https://id.example/r/ABCD2345"]),
        ("smtp", Reason.STALE, ["Auth-Status: No. https://id.example/r/ABCD2345", "Auth-Error-Code: 454 4.7.0"]),
        ("imap", Reason.AUDIT, ["Auth-Status: [UNAVAILABLE] No. https://id.example/r/ABCD2345"]),
    ],
)
def test_a_refusal_has_the_protocols_form(protocol: str, reason: Reason, said: list[str]) -> None:
    wrong = reason is Reason.CREDENTIALS
    admission = Admission(
        admitted=False,
        session="s",
        service="imap",
        address="192.0.2.42",
        reason=reason,
        words=WORDS if wrong else "No.",
        link="" if wrong else "https://id.example/r/ABCD2345",
    )
    reply = refusal(protocol, admission, again=True)
    assert [field.decode() for field in reply.fields] == said
    assert "Auth-Wait: 2" not in [field.decode() for field in refusal(protocol, admission, again=False).fields]


def test_no_words_break_out_of_their_field() -> None:
    admission = Admission(False, "s", "imap", "192.0.2.42", Reason.POLICY, words="No.\r\nAuth-Status: OK " + "x" * 900)
    reply = refusal("imap", admission, again=False)
    assert len(reply.fields) == 1 and b"\r" not in reply.fields[0] and b"\n" not in reply.fields[0]
    assert reply.fits


def test_words_in_another_script_are_english_here_and_their_own_behind_the_link() -> None:
    admission = Admission(False, "s", "imap", "192.0.2.42", Reason.POLICY, words="社員専用です。", link="https://x/r/A")
    [status] = refusal("imap", admission, again=False).fields
    assert status == b"Auth-Status: [AUTHORIZATIONFAILED] The access policy does not allow this. https://x/r/A"


def test_a_limit_that_nobody_would_keep_says_so() -> None:
    [status] = refused("imap", Reason.LIMITS).fields
    assert status.startswith(b"Auth-Status: [AUTHORIZATIONFAILED] The access policy limits this session")
