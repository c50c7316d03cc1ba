"""Whatever a stranger sends to a mail port before authentication gets the protocol's own error and, when it goes on, a
close; nothing is ever run that stood behind the error (attacks E1 to E16, F2, F5, F18)."""

import base64
import os
import ssl

import pytest

from tests.e2e.demo import Demo
from tests.hostile.line import MAIL_PORTS, Line, mail

pytestmark = pytest.mark.e2e
IMAP, SUBMISSION = MAIL_PORTS[:2], MAIL_PORTS[2:]
BYE = {"imap": b"* BYE ", "imaps": b"* BYE ", "submission": b"4", "submissions": b"4"}


def plain(text: str) -> bytes:
    return base64.b64encode(text.encode())


def alive(demo: Demo) -> None:
    """Say that the port still serves those who behave."""
    for port in MAIL_PORTS:
        line = mail(demo, port)
        assert line.say(b"a NOOP\r\n" if port in IMAP else b"NOOP\r\n", b"\r\n").octets[:4] in (b"a OK", b"250 ")
        line.close()


@pytest.mark.parametrize("port", MAIL_PORTS)
@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"A" * (1 << 20), id="a line of 1 MiB"),
        pytest.param(b"a ID " + b"(" * 50_000 + b"\r\n", id="50,000 parentheses"),
        pytest.param(os.urandom(1 << 16).replace(b"\r\n", b"") + b"\r\n" * 20, id="noise"),
        pytest.param(b"\0" * 70_000, id="NULs"),
        pytest.param(b"\r\n" * 1000, id="empty lines"),
        pytest.param(b"NOSUCH thing\r\n" * 1000, id="no such command, a thousand times"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", id="HTTP GET"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\na LOGIN alice x\r\nEHLO x\r\n", id="HTTP POST"),
        pytest.param(b"\x16\x03\x01\x02\x00" + b"\x01" * 3000 + b"\r\n" * 20, id="a TLS hello in the wrong place"),
    ],
)
def test_nonsense_is_told_so_and_cut(demo: Demo, port: str, octets: bytes) -> None:
    heard = mail(demo, port).say(octets)

    assert heard.closed
    assert len(heard.octets) < 4096
    assert all(line[:1] in b"*a45N" for line in heard.lines), heard.octets
    assert b"OK" not in heard.octets.replace(b"NOSUCH", b"")


@pytest.mark.parametrize("port", IMAP)
@pytest.mark.parametrize("size", ["4294967296", "18446744073709551617", "-1", "99999999999999999999999", "1e3", "0x10"])
def test_a_literal_that_cannot_be_is_refused_before_its_octets(demo: Demo, port: str, size: str) -> None:
    line = mail(demo, port)
    assert line.say(f"a LOGIN {{{size}}}\r\n".encode(), b"\r\n").octets.startswith(b"a BAD ")
    assert line.say(b"b NOOP\r\n", b"\r\n").octets.startswith(b"b OK ")


@pytest.mark.parametrize("port", IMAP)
@pytest.mark.parametrize("command", ["LOGIN", "NOOP", "NOSUCH", "AUTHENTICATE PLAIN", "ID"])
def test_a_literal_sent_without_asking_ends_it_and_is_never_run_as_a_command(
    demo: Demo, port: str, command: str
) -> None:
    """Attack E6: what follows a refused LITERAL+ is data, and if it cannot be skipped the connection goes."""
    for size in ("4294967296+", "18446744073709551617+", "70000+"):
        heard = mail(demo, port).say(f"a {command} {{{size}}}\r\nx NOOP\r\ny CAPABILITY\r\nz LOGOUT\r\n".encode())
        assert heard.closed
        assert not [line for line in heard.lines if line[:2] in (b"x ", b"y ")], heard.octets


@pytest.mark.parametrize("port", MAIL_PORTS)
@pytest.mark.parametrize("end", [b"\n", b"\r", b"\0\r\n", b"\r\r\n", b"\n\r\n"], ids=repr)
def test_only_cr_lf_ends_a_line(demo: Demo, port: str, end: bytes) -> None:
    """Attack E8: nothing hides behind an end of line that only one of two parsers takes for one."""
    noop = b"a NOOP" if port in IMAP else b"NOOP"
    heard = mail(demo, port).say((noop + end) * 12 + b"x\r\n" * 8)

    assert heard.closed
    assert b" OK" not in heard.octets and b"250" not in heard.octets, heard.octets


@pytest.mark.parametrize(
    ("port", "starttls", "behind"),
    [("imap", b"a STARTTLS\r\n", b"b NOOP\r\n"), ("submission", b"STARTTLS\r\n", b"NOOP\r\n")],
)
@pytest.mark.parametrize("apart", [False, True], ids=["in one segment", "right behind"])
def test_what_is_pipelined_behind_starttls_is_never_run_inside_tls(
    demo: Demo, port: str, starttls: bytes, behind: bytes, apart: bool
) -> None:
    """Attack E1: a man in the middle who injects a command before TLS finds it dropped or the connection ended."""
    line = mail(demo, port)
    if port == "submission":
        line.say(b"EHLO x\r\n", b"250 ")
    if apart:
        line.send(starttls)
        line.send(behind)
    else:
        line.send(starttls + behind)
    heard = line.hear(b"TLS")
    try:
        line.secure()
    except (ssl.SSLError, OSError):
        return
    answer = line.say(b"c CAPABILITY\r\n" if port == "imap" else b"EHLO y\r\n", b"AUTH")
    assert not heard.octets.count(b"b OK"), heard.octets
    assert b"b OK" not in answer.octets and not answer.octets.startswith(b"250 "), answer.octets


@pytest.mark.parametrize("behind", [b"a LOGIN alice secret\r\n", b"a AUTHENTICATE PLAIN AGEAYg==\r\n"])
def test_no_credential_before_tls_on_imap(demo: Demo, behind: bytes) -> None:
    heard = mail(demo, "imap").say(behind, b"\r\n")
    assert heard.octets.startswith(b"a NO [PRIVACYREQUIRED]")


@pytest.mark.parametrize("mechanism", [b"PLAIN AGEAYg==", b"LOGIN", b"XOAUTH2 eA==", b"EXTERNAL ="])
def test_no_credential_before_tls_on_submission(demo: Demo, mechanism: bytes) -> None:
    line = mail(demo, "submission")
    assert b"AUTH" not in line.say(b"EHLO x\r\n", b"250 ").octets
    assert line.say(b"AUTH " + mechanism + b"\r\n", b"\r\n").octets.startswith(b"530 5.7.0")


def test_a_second_starttls_is_refused(demo: Demo) -> None:
    assert mail(demo, "imaps").say(b"a STARTTLS\r\n", b"\r\n").octets.startswith(b"a BAD")
    assert mail(demo, "submissions").say(b"STARTTLS\r\n", b"\r\n").octets[:1] == b"5"


def responses(demo: Demo) -> list[tuple[bytes, bytes]]:
    """Every way to say it wrongly: a mechanism and what is sent as its first message, in base64 or not."""
    alice = demo.person("alice")
    good, bob = alice.app_password("imap"), demo.person("bob").email
    bearer = f"n,a={alice.email},\x01auth=Bearer "
    return [
        (b"PLAIN", plain(f"{bob}\0{alice.email}\0{good}")),
        (b"PLAIN", plain(f"{alice.email}\0{bob}\0{good}")),
        (b"PLAIN", plain(f"\0{alice.email}\0{good}\0")),
        (b"PLAIN", plain(f"\0{alice.email}\0{good}\0{good}")),
        (b"PLAIN", plain("\0\0")),
        (b"PLAIN", plain("\0")),
        (b"PLAIN", b"="),
        (b"PLAIN", plain(f"\0\0{good}")),
        (b"PLAIN", plain(f"\0{alice.email}\0")),
        (b"PLAIN", plain(f"\0{alice.email}\0{alice.password}")),
        (b"PLAIN", plain(f"\0{alice.email}\0{demo.person('bob').app_password('imap')}")),
        (b"PLAIN", b"!!!!"),
        (b"PLAIN", b"AGEAYg"),
        (b"PLAIN", b"AGEA=Yg="),
        (b"PLAIN", base64.b64encode(b"\0\xff\xfe\0\xff")),
        (b"PLAIN", plain(f"\0{alice.email}*gatepost\0{good}")),
        (b"PLAIN", plain(f"\0{alice.email}\r\nx\0{good}")),
        (b"OAUTHBEARER", plain(bearer + "x\x01\x01")),
        (b"OAUTHBEARER", plain(bearer)),
        (b"OAUTHBEARER", plain("n,,\x01\x01")),
        (b"OAUTHBEARER", plain("y,,\x01auth=Bearer x\x01\x01")),
        (b"OAUTHBEARER", plain("\x01" * 500)),
        (b"XOAUTH2", plain(f"user={alice.email}\x01auth=Bearer x\x01\x01")),
        (b"XOAUTH2", plain("user=\x01\x01")),
        (b"EXTERNAL", b"="),
        (b"EXTERNAL", plain(alice.email)),
        (b"SCRAM-SHA-256", plain("n,,n=alice,r=abc")),
        (b"SCRAM-SHA-256-PLUS", plain("p=tls-exporter,,n=alice,r=abc")),
        (b"CRAM-MD5", b""),
        (b"GSSAPI", b"AAAA"),
        (b"A" * 200, b"AAAA"),
    ]


def test_every_wrong_sasl_message_is_a_clean_no_on_imap(demo: Demo) -> None:
    """Attack E10."""
    for mechanism, message in responses(demo):
        line = mail(demo, "imaps")
        heard = line.say(b"a AUTHENTICATE " + mechanism + b" " + message + b"\r\n", b"\r\n")
        if heard.octets.startswith(b"+"):  # the failure of a token is told first, and the client confirms it (RFC 7628)
            heard = line.say(b"AQ==\r\n" if mechanism in (b"OAUTHBEARER", b"XOAUTH2") else b"*\r\n", b"\r\n")
        assert heard.octets[:4] in (b"a NO", b"a BA"), (mechanism, message, heard.octets)
        line.close()
    alive(demo)


def test_every_wrong_sasl_message_is_a_clean_no_on_submission(demo: Demo) -> None:
    for mechanism, message in responses(demo):
        line = mail(demo, "submissions")
        line.say(b"EHLO x\r\n", b"250 ")
        heard = line.say(b"AUTH " + mechanism + b" " + message + b"\r\n", b"\r\n")
        if heard.octets.startswith(b"334"):
            heard = line.say(b"AQ==\r\n" if mechanism in (b"OAUTHBEARER", b"XOAUTH2") else b"*\r\n", b"\r\n")
        assert heard.octets[:1] in (b"4", b"5"), (mechanism, message, heard.octets)
        assert line.say(b"MAIL FROM:<alice@example.com>\r\n", b"\r\n").octets.startswith(b"530"), mechanism
        line.close()
    alive(demo)


@pytest.mark.parametrize("port", ["imaps", "submissions"])
def test_a_cancelled_or_endless_exchange_authenticates_nobody(demo: Demo, port: str) -> None:
    order = b"a AUTHENTICATE PLAIN\r\n" if port == "imaps" else b"AUTH PLAIN\r\n"
    line = mail(demo, port)
    if port == "submissions":
        line.say(b"EHLO x\r\n", b"250 ")
    assert line.say(order, b"\r\n").octets[:1] in (b"+", b"3")
    assert line.say(b"*\r\n", b"\r\n").octets[:5] in (b"a BAD", b"501 5")
    line.say(order, b"\r\n")
    heard = line.say(b"A" * (1 << 20) + b"\r\n")
    assert heard.closed
    assert len(heard.octets) < 200


def test_what_stands_behind_a_failed_login_is_answered_in_order_and_nobody_is_in(demo: Demo) -> None:
    """Attack E7."""
    heard = mail(demo, "imaps").say(b'a LOGIN alice wrong\r\nb SELECT INBOX\r\nc LIST "" *\r\nd LOGOUT\r\n')
    tagged = [line[:4] for line in heard.lines if line[:1] != b"*"]
    assert tagged[0] == b"a NO"
    assert b"b OK" not in tagged and b"c OK" not in tagged


@pytest.mark.parametrize(
    "command", [b"BDAT 10 LAST", b"XCLIENT ADDR=192.0.2.1 LOGIN=alice", b"XFORWARD ADDR=192.0.2.1"]
)
def test_extensions_that_we_do_not_offer_are_refused(demo: Demo, command: bytes) -> None:
    """Attacks E9, F3, F5."""
    for port in SUBMISSION:
        line = mail(demo, port)
        assert command.split()[0] not in line.say(b"EHLO x\r\n", b"250 ").octets
        assert line.say(command + b"\r\n", b"\r\n").octets[:2] == b"50"


def test_no_command_before_authentication_reaches_the_upstream(demo: Demo) -> None:
    line = mail(demo, "submissions")
    line.say(b"EHLO x\r\n", b"250 ")
    for command in (b"MAIL FROM:<alice@example.com>", b"RCPT TO:<bob@example.com>", b"DATA", b"VRFY alice", b"EXPN x"):
        assert line.say(command + b"\r\n", b"\r\n").octets[:1] == b"5", command
    imap = mail(demo, "imaps")
    for command in (
        b"SELECT INBOX",
        b'LIST "" *',
        b"FETCH 1 BODY[]",
        b"APPEND INBOX {3+}\r\nabc",
        b"IDLE",
        b"ENABLE UTF8=ACCEPT",
    ):
        assert imap.say(b"a " + command + b"\r\n", b"\r\n").octets[:4] in (b"a BA", b"a NO"), command
        imap.close()
        imap = mail(demo, "imaps")


def test_tls_below_1_2_is_refused_on_every_port(demo: Demo) -> None:
    for port in ("imaps", "submissions"):
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(Line(demo, demo.port(port), False).socket)
