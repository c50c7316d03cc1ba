"""A letter on its way through: where it ends, whether its octets are clean, and whose name stands on it. Pure.

End of data is CR LF . CR LF and nothing else. A bare CR, a bare LF or a NUL spoils the letter (VU#302671): what one
hop takes for the end and the next does not is how letters are smuggled. The letter stays dot-stuffed all the way;
only the header is looked at without.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from proxy.gateways.submission.grammar import is_address

END = b"\r\n.\r\n"
HEAD = 256 * 1024
"""The largest header taken, in octets."""

FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)\Z", re.DOTALL)
WORD = re.compile(
    r'[ \t\r\n]+|"(?:[^"\\]|\\.)*"|<[^<>"(),:;\\]*>|<"(?:[^"\\]|\\.)*"@[^<>"(),:;\\ ]*>|[^\s"<>(),:;@\\]+|[,@]',
    re.DOTALL,
)

BOUND = ("from", "sender", "resent-from", "resent-sender")
"""Fields whose addresses must all be the user's. Reply-To is not among them: answers may be wanted elsewhere."""


class Piece(NamedTuple):
    """What can be passed on of what was fed. ``ended``: the letter is whole, and ``rest`` stands behind it."""

    octets: bytes
    ended: bool = False
    rest: bytes = b""


class Scanner:
    """Finds the end of one letter and watches its octets; holds back at most four of them."""

    __slots__ = ("_held", "_started", "size", "spoilt")

    def __init__(self) -> None:
        self._held = b""
        self._started = False
        self.size = 0
        self.spoilt = False

    def feed(self, data: bytes | memoryview) -> Piece:
        """Take octets; return what is certain. The terminator is not part of the letter."""
        work = self._held + data if self._held else bytes(data)
        if not self._started:
            if work[:3] == b".\r\n":
                return Piece(b"", ended=True, rest=work[3:])
            if b".\r\n".startswith(work):
                self._held = work
                return Piece(b"")
            self._started = True
        at = work.find(END)
        if at >= 0:
            self._held = b""
            return self._certain(work[: at + 2], ended=True, rest=work[at + 5 :])
        keep = next((size for size in (4, 3, 2, 1) if work.endswith(END[:size])), 0)
        self._held = work[len(work) - keep :]
        return self._certain(work[: len(work) - keep])

    def _certain(self, octets: bytes, *, ended: bool = False, rest: bytes = b"") -> Piece:
        # A CR at the end is always held back, so no CR LF is ever cut in two here.
        self.size += len(octets)
        pairs = octets.count(b"\r\n")
        if pairs != octets.count(b"\n") or pairs != octets.count(b"\r") or b"\0" in octets:
            self.spoilt = True
        return Piece(octets, ended, rest)


def head_end(octets: bytes | bytearray) -> int:
    """Return where the header ends (behind the last CR LF of its last field), -1 when that is not in sight."""
    if octets[:2] == b"\r\n":
        return 0
    at = octets.find(b"\r\n\r\n")
    return at + 2 if at >= 0 else -1


def fault_of(head: bytes, belongs: Callable[[str], bool]) -> str:
    """Return why a letter with this header (dot-stuffed) may not be sent by a user to whom ``belongs`` says yes;
    ``""``: it may.

    Exactly one From, at most one Sender, no group, every address the user's (RFC 5322, section 3.6.2; attack F4).
    """
    fields = _fields(head)
    if fields is None:
        return "The header is malformed"
    names = [name for name, _ in fields]
    if names.count("from") != 1 or names.count("sender") > 1:
        return "There must be one From, and one Sender at most"
    for name, text in fields:
        if name not in BOUND:
            continue
        addresses = mailboxes(text)
        if addresses is None:
            return f"The {name.title()} field cannot be understood"
        if not all(belongs(address) for address in addresses):
            return f"You may not send as {', '.join(a for a in addresses if not belongs(a))[:100]}"
    return ""


def _fields(head: bytes) -> list[tuple[str, str]] | None:
    """Return the fields, unfolded; None when a line is none, or when an address field is not UTF-8."""
    fields: list[tuple[str, bytes]] = []
    for line in head.split(b"\r\n")[:-1]:
        line = line.removeprefix(b".")
        if line[:1] in (b" ", b"\t"):
            if not fields or not line.strip():
                return None
            fields[-1] = (fields[-1][0], fields[-1][1] + line)
            continue
        found = FIELD.match(line)
        if found is None:
            return None
        fields.append((found[1].decode("ascii").lower(), found[2]))
    try:
        return [(name, body.decode() if name in BOUND else "") for name, body in fields]
    except UnicodeDecodeError:
        return None


def mailboxes(text: str) -> list[str] | None:
    """Return the addresses of a mailbox list (RFC 5322, section 3.4); None when it is empty, a group, or anything
    that two readers might read differently: routes, stray quotes, an ``@`` outside an address, text behind one."""
    words = _words(text)
    if words is None:
        return None
    addresses: list[str] = []
    mailbox: list[str] = []
    for word in (*words, ","):
        if word != ",":
            mailbox.append(word)
            continue
        address = _address(mailbox)
        if address is None:
            return None
        addresses.append(address)
        mailbox = []
    return addresses


def _address(words: list[str]) -> str | None:
    if not words:
        return None
    if words[-1].startswith("<"):
        if any(word == "@" or word.startswith("<") for word in words[:-1]):
            return None
        address = words[-1][1:-1].strip()
    else:
        if len(words) != 3 or words[1] != "@":
            return None
        address = "".join(words)
    return address if is_address(address) else None


def _words(text: str) -> list[str] | None:
    """Cut the text into words, quoted strings, angle addresses, ``@`` and ``,``; comments and blanks fall away."""
    words: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "(":
            at = _comment_end(text, at)
            if at < 0:
                return None
            continue
        found = WORD.match(text, at)
        if found is None:
            return None
        at = found.end()
        if not found[0].isspace():
            words.append(found[0])
    return words


def _comment_end(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 1
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return -1
