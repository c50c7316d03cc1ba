"""SMTP paths and parameters (RFC 5321, section 4.1), and the replies of a next hop. Pure, bounded, strict.

What is passed on is written anew from its parts, never copied.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

REPLY_LINES = 100
REPLY_LINE = 2048

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LABEL = r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\-\u0080-\U0010ffff]{0,61}[A-Za-z0-9\u0080-\U0010ffff])?"
ADDRESS = re.compile(
    rf"(?P<local>{_ATOM}(?:\.{_ATOM})*|\"(?:[ !#-=?-\[\]-~]|\\[ -=?-~])*\")"
    rf"@(?P<domain>{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]{{2,45}}\]|\[IPv6:[0-9A-Fa-f:.]{{2,45}}\])\Z"
)
ENVELOPE = re.compile(rb"(?:FROM|TO): ?<([^<>\x00-\x1f\x7f]{0,320})>(?: +([!-~ ]*))?\Z", re.IGNORECASE)
PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9\-]*)(?:=([!-<>-~]+))?\Z")
XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2}){1,500}"

MAIL_PARAMETERS: Mapping[str, re.Pattern[str]] = {
    "SIZE": re.compile(r"\d{1,20}\Z"),
    "BODY": re.compile(r"(?:7BIT|8BITMIME)\Z", re.IGNORECASE),
    "SMTPUTF8": re.compile(r"\Z"),
    "RET": re.compile(r"(?:FULL|HDRS)\Z", re.IGNORECASE),
    "ENVID": re.compile(rf"{XTEXT}\Z"),
    "AUTH": re.compile(r".*\Z"),
}
RCPT_PARAMETERS: Mapping[str, re.Pattern[str]] = {
    "NOTIFY": re.compile(r"(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})\Z", re.IGNORECASE),
    "ORCPT": re.compile(rf"(?:rfc822|utf-8);{XTEXT}\Z", re.IGNORECASE),
}
EXTENSION_OF: Mapping[str, str] = {
    "SIZE": "SIZE",
    "BODY": "8BITMIME",
    "SMTPUTF8": "SMTPUTF8",
    "RET": "DSN",
    "ENVID": "DSN",
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
}


class Unacceptable(Exception):
    """The client's line is refused; ``reply`` is what it is answered, without CR LF."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Envelope:
    """A path with its parameters: ``address`` is ``""`` for the null path."""

    address: str
    parameters: Mapping[str, str]

    def line(self, word: str, offered: frozenset[str]) -> bytes:
        """Return the command for a next hop that offers these extensions. SIZE is a hint, left out where it is not
        taken.

        Raises:
            Unacceptable: it does not take what the client asks for.
        """
        written = [f"{word}:<{self.address}>"]
        for key, value in self.parameters.items():
            if EXTENSION_OF[key] in offered:
                written.append(f"{key}={value}" if value else key)
            elif key != "SIZE":
                raise Unacceptable(f"555 5.5.4 The mail server does not take {key}")
        return (" ".join(written) + "\r\n").encode()


def envelope(argument: bytes, word: str, known: Mapping[str, re.Pattern[str]]) -> Envelope:
    """Read what follows ``MAIL`` or ``RCPT``; ``word`` is ``FROM`` or ``TO``. The AUTH parameter (RFC 4954) is read
    and dropped: a client speaks for nobody but its user.

    Raises:
        Unacceptable: the syntax is wrong, or a parameter unknown.
    """
    found = ENVELOPE.match(argument)
    if found is None or not argument[: len(word)].upper().startswith(word.encode()):
        raise Unacceptable(f"501 5.5.4 Syntax: {'MAIL' if word == 'FROM' else 'RCPT'} {word}:<address>")
    parameters = _parameters((found[2] or b"").decode("ascii"), known)
    address = _path(found[1], "SMTPUTF8" in parameters or word == "TO")
    parameters.pop("AUTH", None)
    return Envelope(address, parameters)


def _path(octets: bytes, utf8: bool) -> str:
    if not octets:
        return ""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise Unacceptable("501 5.1.3 The address is not UTF-8") from None
    if not text.isascii() and not utf8:
        raise Unacceptable("553 5.6.7 That address needs SMTPUTF8")
    if not is_address(text):
        raise Unacceptable("501 5.1.3 Bad address syntax")
    return text


def _parameters(text: str, known: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for word in text.split():
        found = PARAMETER.match(word)
        key = found[1].upper() if found else ""
        if found is None or key in parameters:
            raise Unacceptable("501 5.5.4 Bad parameters")
        value = found[2] or ""
        if key not in known:
            raise Unacceptable(f"555 5.5.4 Unknown parameter {key}")
        if not known[key].match(value):
            raise Unacceptable(f"501 5.5.4 Bad value of {key}")
        parameters[key] = value
    return parameters


def is_address(text: str) -> bool:
    """Tell whether ``text`` is a mailbox of RFC 5321 (or 6531): no route, no comment, no control character."""
    found = ADDRESS.match(text)
    return found is not None and len(found["local"].encode()) <= 64 and len(found["domain"].encode()) <= 255


def canonical(address: str) -> str:
    """Return an address in the form in which two spellings of one are equal."""
    return unicodedata.normalize("NFKC", address).casefold()


class Reply(NamedTuple):
    """One whole reply of a next hop: its code, and its octets with every CR LF."""

    code: int
    octets: bytes

    @property
    def texts(self) -> list[str]:
        """The lines without code and CR LF."""
        return [line[4:].decode("utf-8", "replace") for line in self.octets.split(b"\r\n")[:-1]]


class Replies:
    """Reads the replies of a next hop.

    ``next`` raises ValueError when what comes is none: too long, no code, or codes that differ between lines.
    """

    __slots__ = ("_buffer", "_lines")

    def __init__(self) -> None:
        self._buffer = b""
        self._lines: list[bytes] = []

    def feed(self, data: bytes | memoryview) -> None:
        """Take octets."""
        self._buffer += data

    @property
    def waiting(self) -> bool:
        """Tell whether octets were fed that no reply has used up."""
        return bool(self._buffer or self._lines)

    def next(self) -> Reply | None:
        """Return the next whole reply; None: feed more."""
        while True:
            end = self._buffer.find(b"\n")
            if end < 0 and len(self._buffer) <= REPLY_LINE:
                return None
            line, self._buffer = self._buffer[: end + 1], self._buffer[end + 1 :]
            if not _REPLY.match(line) or len(line) > REPLY_LINE or len(self._lines) >= REPLY_LINES:
                raise ValueError("not a reply")
            if self._lines and self._lines[0][:3] != line[:3]:
                raise ValueError("a reply with two codes")
            self._lines.append(line)
            if line[3:4] != b"-":
                octets = b"".join(self._lines)
                self._lines = []
                return Reply(int(octets[:3]), octets)


_REPLY = re.compile(rb"[2-5][0-9]{2}(?:[ -][^\r\n\0]*)?\r\n\Z")
