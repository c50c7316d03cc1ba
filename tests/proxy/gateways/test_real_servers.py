"""The gate in front of a real Dovecot and a real Postfix."""

import asyncio
import email
import email.message
import email.policy
import imaplib
import poplib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from kernel.authority import UpstreamLogin
from kernel.config.settings import Backend, Endpoint, Tls, Upstream
from tests.proxy.gateways.sockets import Stage
from tests.servers.certificates import Authority
from tests.servers.dovecot import BINARY as DOVECOT
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import BINARY as POSTFIX
from tests.servers.postfix import Postfix
from tests.servers.processes import open_folder, root

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(DOVECOT is None, reason="dovecot is not installed"),
]
T = TypeVar("T")
KEY = ec.generate_private_key(ec.SECP256R1())
CLIENT = "127.0.0.2"
"""Where the client connects from: another address than the gate's own."""


def token(user: str = "alice@example.org", *, issuer: str = "https://id.example.org", life: int = 60) -> str:
    now = int(time.time())
    pem = KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    claims = {"iss": issuer, "sub": "u_alice", "email": user, "aud": "imap", "iat": now, "exp": now + life}
    return jwt.encode({"alg": "ES256", "kid": "k1", "typ": "JWT"}, claims, ECKey.import_key(pem))


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with open_folder("gp-d-") as folder:
        server = Dovecot(folder)
        public = KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        server.trust("k1", "ES256", public.decode())
        try:
            yield server.start()
        finally:
            server.stop()


@pytest.fixture(scope="module")
def secured(authority: Authority) -> Iterator[Dovecot]:
    with open_folder("gp-t-") as folder:
        server = Dovecot(folder, certificate=authority.issue("localhost"))
        try:
            yield server.start()
        finally:
            server.stop()


@pytest.fixture(scope="module")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    if POSTFIX is None or not root():
        pytest.skip("postfix is not installed, or we are not root")
    with open_folder("gp-p-") as folder:
        server = Postfix(folder, dovecot.lmtp_port, dovecot.sasl_socket)
        try:
            yield server.start()
        finally:
            server.stop()


async def in_thread(work: Callable[[], T]) -> T:
    return await asyncio.wait_for(asyncio.to_thread(work), 30)


def lead_to(
    stage: Stage, port: int, login: UpstreamLogin, tls: Tls = Tls.NONE, authority: Authority | None = None
) -> None:
    upstream = Upstream(Endpoint("127.0.0.1", port), tls, authority.path if authority else None, "localhost")
    stage.choice = (Backend("real", imap=upstream, submission=upstream), upstream)
    stage.mint.login = login


def imap(stage: Stage) -> imaplib.IMAP4_SSL:
    class FromAfar(imaplib.IMAP4_SSL):
        def _create_socket(self, timeout):  # type: ignore[no-untyped-def]
            return from_afar(self.port, self.ssl_context)

    return FromAfar("127.0.0.1", stage.listening.port, ssl_context=stage.client_context())


LOGINS = {
    "xoauth2": lambda: UpstreamLogin("XOAUTH2", "alice@example.org", token()),
    "oauthbearer": lambda: UpstreamLogin("OAUTHBEARER", "alice@example.org", token()),
    "master": lambda: UpstreamLogin("LOGIN", "alice@example.org*gate", "master-secret"),
    "authzid": lambda: UpstreamLogin("PLAIN", "gate", "master-secret", "alice@example.org"),
}


@pytest.mark.parametrize("way", LOGINS)
async def test_dovecot_lets_the_gate_in_as_the_user(authority: Authority, dovecot: Dovecot, way: str) -> None:
    stage = Stage(authority, "imap")

    def read_mail() -> None:
        with imap(stage) as client:
            assert client.login("alice", "secret")[0] == "OK"
            assert "IDLE" in client.capabilities or "IDLE" in client.capability()[1][0].decode()
            assert client.append("INBOX", "", None, f"Subject: by {way}\r\n\r\nhello\r\n".encode())[0] == "OK"  # type: ignore[arg-type]
            assert client.select("INBOX")[0] == "OK"
            numbers = client.search(None, "SUBJECT", f'"by {way}"')[1][0].split()
            assert b"hello" in client.fetch(numbers[-1].decode(), "(RFC822)")[1][0][1]  # type: ignore[index]

    async with stage.open():
        lead_to(stage, dovecot.imap_port, LOGINS[way]())
        await in_thread(read_mail)
        await stage.leases.until(lambda: bool(stage.leases.released))
    line = await in_thread(lambda: last_login(dovecot, "imap-login"))
    assert f"rip={CLIENT}" in line
    assert "session=<s_abc>" in line


@pytest.mark.parametrize("way", LOGINS)
async def test_dovecot_lets_the_gate_in_as_the_user_by_pop3(authority: Authority, dovecot: Dovecot, way: str) -> None:
    stage = Stage(authority, "pop3")

    class FromAfar(poplib.POP3_SSL):
        def _create_socket(self, timeout):  # type: ignore[no-untyped-def]
            return from_afar(self.port, self.context)  # type: ignore[attr-defined]

    def read_mail() -> None:
        client = FromAfar("localhost", stage.listening.port, context=stage.client_context())
        client.user("alice")
        client.pass_("secret")
        before = client.stat()[0]
        with smtplib.LMTP("127.0.0.1", dovecot.lmtp_port) as lmtp:
            lmtp.sendmail("bob@example.org", ["alice@example.org"], f"Subject: by {way}\r\n\r\n.dot\r\n".encode())
        assert client.capa().keys() == {"CAPA", "TOP", "UIDL", "RESP-CODES", "PIPELINING", "AUTH-RESP-CODE"}
        client.quit()
        again = FromAfar("localhost", stage.listening.port, context=stage.client_context())
        again.user("alice")
        again.pass_("secret")
        lines = again.retr(before + 1)[1]
        assert f"Subject: by {way}".encode() in lines
        assert lines[-1] == b".dot"
        assert again.dele(before + 1).startswith(b"+OK")
        assert again.quit().startswith(b"+OK")

    async with stage.open():
        lead_to(stage, dovecot.pop3_port, LOGINS[way]())
        await in_thread(read_mail)
        await stage.leases.until(lambda: len(stage.leases.released) == 2)
    line = await in_thread(lambda: last_login(dovecot, "pop3-login"))
    assert f"rip={CLIENT}" in line
    assert "session=<s_abc>" in line


@pytest.mark.parametrize("way", LOGINS)
async def test_dovecot_lets_the_gate_in_as_the_user_by_sieve(authority: Authority, dovecot: Dovecot, way: str) -> None:
    stage = Stage(authority, "sieve")

    def filter_mail() -> None:
        with from_afar(stage.listening.port, stage.client_context()) as client, client.makefile("rwb") as file:

            def say(line: bytes) -> list[bytes]:
                file.write(line)
                file.flush()
                lines = [file.readline()]
                while not lines[-1].startswith((b"OK", b"NO", b"BYE")):
                    lines.append(file.readline())
                return lines

            assert say(b"")[-1].startswith(b"OK")
            assert say(b'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n') == [b'OK "Logged in."\r\n']
            capabilities = b"".join(say(b"CAPABILITY\r\n"))
            assert b'"SIEVE" "fileinto ' in capabilities
            assert b"SASL" not in capabilities
            assert say(b'PUTSCRIPT "x" {7+}\r\nkeep;\r\n\r\n')[-1].startswith(b"OK")
            assert say(b'GETSCRIPT "x"\r\n')[:2] == [b"{7}\r\n", b"keep;\r\n"]
            assert b'"x"\r\n' in say(b"LISTSCRIPTS\r\n")
            assert say(b"LOGOUT\r\n")[-1].startswith(b"OK")
            assert file.read() == b""

    async with stage.open():
        lead_to(stage, dovecot.sieve_port, LOGINS[way]())
        await in_thread(filter_mail)
        await stage.leases.until(lambda: bool(stage.leases.released))
    line = await in_thread(lambda: last_login(dovecot, "managesieve-login"))
    assert f"rip={CLIENT}" in line
    assert "session=<s_abc>" in line


def from_afar(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    sock = socket.create_connection(("127.0.0.1", port), 10, source_address=(CLIENT, 0))
    return context.wrap_socket(sock, server_hostname="localhost")


def last_login(dovecot: Dovecot, server: str) -> str:
    """Return the newest login on the log; its writer is another process, so wait for it."""
    mark = f"{server}: Info: Login: user=<alice@example.org>"
    until = time.monotonic() + 10
    while time.monotonic() < until:
        lines = [line for line in dovecot.log.read_text().splitlines() if mark in line]
        if lines and f"rip={CLIENT}" in lines[-1]:
            return lines[-1]
        time.sleep(0.05)
    raise AssertionError(dovecot.log.read_text()[-3000:])


@pytest.mark.parametrize(
    "bad",
    [
        lambda: UpstreamLogin("XOAUTH2", "alice@example.org", token(issuer="https://evil.example")),
        lambda: UpstreamLogin("XOAUTH2", "alice@example.org", token(life=-60)),
        lambda: UpstreamLogin("XOAUTH2", "bob@example.org", token()),
        lambda: UpstreamLogin("LOGIN", "alice@example.org", "guessed"),
        lambda: UpstreamLogin("LOGIN", "alice@example.org*gate", "wrong"),
    ],
)
async def test_dovecot_refuses_and_the_client_keeps_its_password(authority: Authority, dovecot: Dovecot, bad) -> None:
    stage = Stage(authority, "imap")
    async with stage.open():
        lead_to(stage, dovecot.imap_port, bad())
        client = await stage.connect()
        await client.line()
        client.say(b"a LOGIN alice secret\r\n")
        assert (await client.line()).startswith(b"a NO [UNAVAILABLE] ")
        assert stage.leases.held == {}
        await client.close()


@pytest.mark.parametrize(
    ("service", "said", "answer"),
    [
        ("pop3", b"USER alice\r\nPASS secret\r\n", b"-ERR [SYS/TEMP] "),
        ("sieve", b'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n', b"NO (TRYLATER) "),
    ],
)
async def test_a_login_that_dovecot_refuses_is_our_trouble_in_every_protocol(
    authority: Authority, dovecot: Dovecot, service: str, said: bytes, answer: bytes
) -> None:
    stage = Stage(authority, service)
    async with stage.open():
        port = dovecot.pop3_port if service == "pop3" else dovecot.sieve_port
        lead_to(stage, port, UpstreamLogin("XOAUTH2", "alice@example.org", token(life=-60)))
        client = await stage.connect()
        client.say(said)
        assert answer in await client.rest()
        assert stage.leases.held == {}
        await client.close()


@pytest.mark.parametrize(
    ("service", "said", "heard"),
    [
        ("imap", b"a LOGIN alice secret\r\nb LOGOUT\r\n", b"b OK Logout"),
        ("pop3", b"USER alice\r\nPASS secret\r\nQUIT\r\n", b"+OK Logging out"),
        ("sieve", b'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\nLOGOUT\r\n', b'OK "Logout'),
    ],
)
async def test_starttls_comes_before_the_login_at_dovecot(
    authority: Authority, secured: Dovecot, service: str, said: bytes, heard: bytes
) -> None:
    stage = Stage(authority, service)
    async with stage.open():
        lead_to(stage, getattr(secured, f"{service}_port"), LOGINS["authzid"](), Tls.STARTTLS, authority)
        client = await stage.connect()
        client.say(said)
        assert heard in await client.rest()
        await client.close()


@pytest.mark.parametrize("way", ["xclient", "token"])
async def test_a_letter_through_postfix_is_read_through_dovecot(
    authority: Authority, dovecot: Dovecot, postfix: Postfix, way: str
) -> None:
    sending, reading = Stage(authority, "submission"), Stage(authority, "imap")
    subject = f"letter by {way} {time.time()}"
    letter = email.message.EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Alice <alice@example.org>", "bob@example.org", subject
    letter.set_content(".\n..\nこんにちは\n" * 1000)

    def send() -> None:
        with smtplib.SMTP_SSL(
            "localhost", sending.listening.port, context=sending.client_context(), source_address=(CLIENT, 0)
        ) as smtp:
            smtp.login("alice", "secret")
            assert smtp.send_message(letter) == {}
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                smtp.sendmail(
                    "alice@example.org", ["x@elsewhere.example.invalid."], b"From: alice@example.org\r\n\r\nx"
                )

    def read() -> bytes:
        with imap(reading) as client:
            client.login("alice", "secret")
            client.select("INBOX")
            until = time.monotonic() + 15
            while time.monotonic() < until:
                client.noop()
                numbers = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
                if numbers:
                    return client.fetch(numbers[-1].decode(), "(RFC822)")[1][0][1]  # type: ignore[index, return-value]
                time.sleep(0.1)
        raise AssertionError(postfix.log.read_text()[-3000:])

    login = UpstreamLogin("NONE", "", "") if way == "xclient" else LOGINS["xoauth2"]()
    async with sending.open(), reading.open():
        lead_to(sending, postfix.submission_port, login)
        lead_to(reading, dovecot.imap_port, UpstreamLogin("LOGIN", "bob@example.org*gate", "master-secret"))
        await in_thread(send)
        received = await in_thread(read)
    parsed = email.message_from_bytes(received, policy=email.policy.default)
    assert parsed.get_content().splitlines() == [".", "..", "こんにちは"] * 1000  # type: ignore[attr-defined]
    log = postfix.log.read_text()
    assert f"[{CLIENT}]" in log
    assert "sasl_username=alice@example.org" in log
