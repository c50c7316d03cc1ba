"""A person's mail, over the gate's own IMAP and submission ports, opened with the token that the gate handed us.

It holds no password: when the browser's session ends, the token dies, and every connection made with it.
"""

import email
import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default

NEWEST = 50
PREVIEW_FIELDS = "(FLAGS UID BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE)])"


@dataclass(frozen=True, slots=True)
class Gate:
    """Where the gate's mail ports are, and the CA that vouches for them."""

    host: str
    imaps: int
    submissions: int
    ca: str

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca)


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list."""

    uid: str
    sender: str
    subject: str
    date: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, opened."""

    uid: str
    sender: str
    to: str
    subject: str
    date: str
    text: str
    attachments: tuple[str, ...]


class Mailbox:
    """One mail account, reached by ``address`` and ``token``. Calls open a session of their own, and close it."""

    def __init__(self, gate: Gate, address: str, token: str) -> None:
        self.gate = gate
        self.address = address
        self._xoauth2 = f"user={address}\x01auth=Bearer {token}\x01\x01"

    def open_session(self) -> imaplib.IMAP4:
        """Return a logged-in IMAP session with INBOX selected; the caller shuts it down.

        Raises:
            imaplib.IMAP4.error: the gate refused us, in its own words.
        """
        imap = imaplib.IMAP4_SSL(self.gate.host, self.gate.imaps, ssl_context=self.gate.tls(), timeout=10)
        try:
            imap.authenticate("XOAUTH2", lambda _challenge: self._xoauth2.encode())
            imap.select("INBOX", readonly=True)
        except BaseException:
            imap.shutdown()
            raise
        return imap

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        """Yield a session and shut it down after use."""
        imap = self.open_session()
        try:
            yield imap
        finally:
            imap.shutdown()

    def lines(self) -> list[Line]:
        """Return the newest messages, newest first."""
        with self.session() as imap:
            _, (total,) = imap.select("INBOX", readonly=True)
            last = int(total or 0)
            if not last:
                return []
            _, data = imap.fetch(f"{max(1, last - NEWEST + 1)}:{last}", PREVIEW_FIELDS)
        return [
            _line(item[0].decode("ascii", "replace"), item[1]) for item in reversed(data) if isinstance(item, tuple)
        ]

    def open(self, uid: str) -> Letter | None:
        """Return one message and mark it seen."""
        with self.session() as imap:
            imap.select("INBOX")
            _, data = imap.uid("FETCH", uid, "(BODY[])")
        found = next((item[1] for item in data if isinstance(item, tuple)), None)
        return _letter(uid, found) if found else None

    def count(self, imap: imaplib.IMAP4) -> int:
        """Return how many messages INBOX holds now."""
        _, (total,) = imap.select("INBOX", readonly=True)
        return int(total or 0)

    def send(self, to: list[str], subject: str, text: str) -> None:
        """Send a message as this person.

        Raises:
            smtplib.SMTPException: refused; the words are the server's.
        """
        letter = EmailMessage()
        letter["From"] = self.address
        letter["To"] = ", ".join(to)
        letter["Subject"] = subject
        letter["Date"] = email.utils.localtime()
        letter["Message-ID"] = email.utils.make_msgid(domain=self.address.rpartition("@")[2])
        letter.set_content(text)
        context = self.gate.tls()
        with smtplib.SMTP_SSL(self.gate.host, self.gate.submissions, context=context, timeout=10) as smtp:
            smtp.ehlo()
            smtp.auth("XOAUTH2", lambda _challenge=None: self._xoauth2, initial_response_ok=True)
            smtp.send_message(letter)


def _line(described: str, header: bytes) -> Line:
    message = email.message_from_bytes(header, policy=default)
    uid = described.split("UID ")[1].split(" ")[0].rstrip(")")
    return Line(uid, str(message["From"] or ""), str(message["Subject"] or ""), _date(message), "\\Seen" in described)


def _letter(uid: str, octets: bytes) -> Letter:
    message = email.message_from_bytes(octets, policy=default)
    body = message.get_body(("plain", "html"))
    text = body.get_content() if body is not None else ""
    names = tuple(part.get_filename() or "?" for part in message.iter_attachments())
    return Letter(
        uid,
        str(message["From"] or ""),
        str(message["To"] or ""),
        str(message["Subject"] or ""),
        _date(message),
        text,
        names,
    )


def _date(message: email.message.Message) -> str:
    try:
        return email.utils.parsedate_to_datetime(str(message["Date"])).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""
