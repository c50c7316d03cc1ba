"""Mail programs that are not ours, at the demo's ports: imaplib and smtplib, with the ways to log in."""

import base64
import contextlib
import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import make_msgid

from tests.e2e.demo import Demo, Person

PATIENCE = 15.0


def open_imap(demo: Demo, context: ssl.SSLContext | None = None) -> imaplib.IMAP4_SSL:
    """Return a connection to the IMAPS port, not logged in."""
    return imaplib.IMAP4_SSL("localhost", demo.port("imaps"), ssl_context=context or demo.trust(), timeout=PATIENCE)


@contextlib.contextmanager
def imap(demo: Demo, person: Person, secret: str = "") -> Iterator[imaplib.IMAP4_SSL]:
    """Lend a session that is logged in with the laptop's app password, or with ``secret``."""
    session = open_imap(demo)
    try:
        session.login(person.email, secret or person.app_password("imap"))
        yield session
    finally:
        session.shutdown()


def refusal(demo: Demo, name: str, secret: str) -> str:
    """Return the words with which a login is refused."""
    session = open_imap(demo)
    try:
        session.login(name, secret)
    except imaplib.IMAP4.error as refused:
        return str(refused.args[0], "utf-8") if isinstance(refused.args[0], bytes) else str(refused.args[0])
    finally:
        session.shutdown()
    raise AssertionError("let in")


def oauthbearer(person: Person, token: str, port: int) -> bytes:
    """Return the client's first message (RFC 7628 section 3.1)."""
    return f"n,a={person.email},\x01host=localhost\x01port={port}\x01auth=Bearer {token}\x01\x01".encode()


def open_submission(demo: Demo, implicit: bool, context: ssl.SSLContext | None = None) -> smtplib.SMTP:
    """Return a connection to port 465's or 587's stand-in, inside TLS, not logged in."""
    trust = context or demo.trust()
    if implicit:
        return smtplib.SMTP_SSL("localhost", demo.port("submissions"), context=trust, timeout=PATIENCE)
    session = smtplib.SMTP("localhost", demo.port("submission"), timeout=PATIENCE)
    session.starttls(context=trust)
    return session


def letter(sender: Person, to: Person, subject: str, text: str = "See the subject.\n") -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"{sender.name} <{sender.email}>"
    made["To"] = to.email
    made["Subject"] = subject
    made["Message-ID"] = make_msgid(domain="example.com")
    made.set_content(text)
    return made


def found(session: imaplib.IMAP4, subject: str) -> bytes:
    """Return the newest message with a subject, whole; empty when there is none."""
    session.select("INBOX", readonly=True)
    _, (numbers,) = session.search(None, "HEADER", "Subject", f'"{subject}"')
    if not numbers.split():
        return b""
    _, data = session.fetch(numbers.split()[-1].decode(), "(BODY.PEEK[])")
    return next(item[1] for item in data if isinstance(item, tuple))


class Idling:
    """An IMAP session in IDLE, on a raw TLS socket, so that every octet of its end is seen."""

    def __init__(self, demo: Demo, person: Person, secret: str) -> None:
        plain = socket.create_connection(("localhost", demo.port("imaps")), timeout=PATIENCE)
        self.socket = demo.trust().wrap_socket(plain, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        self.file.readline()
        login = base64.b64encode(f"\0{person.email}\0{secret}".encode()).decode()
        self.order(f"a AUTHENTICATE PLAIN {login}")
        self.order("b SELECT INBOX")
        self.socket.sendall(b"c IDLE\r\n")
        assert self.file.readline().startswith(b"+")

    def order(self, line: str) -> None:
        self.socket.sendall(line.encode() + b"\r\n")
        tag = line.split()[0].encode() + b" "
        while not (answer := self.file.readline()).startswith(tag):
            assert answer, line
        assert b" OK" in answer, answer

    def rest(self) -> list[str]:
        """Return every line until the other side closes."""
        lines = [line.decode().rstrip() for line in self.file]
        self.socket.close()
        return lines
