"""POP3 commands and where a server's responses end (RFC 1939, section 3; RFC 2449, section 4). Pure, and bounded.

Lines are read by ``proxy.gateways.lines``; what a server lists is passed on as it comes, and only followed.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

STATUS = re.compile(rb"(?:\+OK|-ERR)(?: [^\r\n\0]*)?\r\n\Z", re.IGNORECASE)
CODE = re.compile(rb"-ERR \[([A-Z][A-Z0-9/\-]{0,30})\]", re.IGNORECASE)
END = b"\r\n.\r\n"
LONGEST = 8192
"""Of a status line, in octets. RFC 2449 allows 512."""


class Kind(Enum):
    """What a command is answered: one line, lines up to a dot (capabilities are such, too), or we cannot know."""

    LINE = "line"
    LISTING = "listing"
    CAPABILITIES = "capabilities"
    UNKNOWN = "unknown"


KINDS: Mapping[bytes, tuple[Kind, Kind]] = {
    b"CAPA": (Kind.CAPABILITIES, Kind.LINE),
    b"DELE": (Kind.LINE, Kind.LINE),
    b"LANG": (Kind.LISTING, Kind.LINE),
    b"LAST": (Kind.LINE, Kind.LINE),
    b"LIST": (Kind.LISTING, Kind.LINE),
    b"NOOP": (Kind.LINE, Kind.LINE),
    b"QUIT": (Kind.LINE, Kind.LINE),
    b"RETR": (Kind.LISTING, Kind.LISTING),
    b"RSET": (Kind.LINE, Kind.LINE),
    b"STAT": (Kind.LINE, Kind.LINE),
    b"TOP": (Kind.LISTING, Kind.LISTING),
    b"UIDL": (Kind.LISTING, Kind.LINE),
    b"UTF8": (Kind.LINE, Kind.LINE),
}
"""How a command of the transaction state is answered: without an argument, and with one."""


class Command(NamedTuple):
    """``verb`` in upper case; ``argument`` as it came, spaces included (a password may hold them)."""

    verb: bytes
    argument: bytes

    @property
    def kind(self) -> Kind:
        """How a server answers it, if it says +OK."""
        bare, given = KINDS.get(self.verb, (Kind.UNKNOWN, Kind.UNKNOWN))
        return given if self.argument else bare


def command(line: bytes) -> Command:
    """Read a line without its CR LF."""
    verb, _, argument = line.partition(b" ")
    return Command(verb.upper(), argument)


class Replies:
    """Follows what a server answers, piece by piece, in O(1) memory.

    ::

        status --one line, or -ERR--> done          status --+OK of a listing--> listing --CR LF . CR LF--> done
    """

    __slots__ = ("_listing", "_status", "_tail")

    def __init__(self) -> None:
        self._status = b""
        self._listing = False
        self._tail = b""

    @property
    def here(self) -> bool:
        """Tell whether the client has seen whole lines alone."""
        return not self._listing or self._tail.endswith(b"\r\n")

    def take(self, data: bytes, at: int, kind: Kind) -> tuple[bytes, int, bool]:
        """Follow ``data`` from ``at`` on, as the answer to a command of ``kind``.

        Returns what the client may be sent, where the rest begins, and whether the answer is done.

        Raises:
            ValueError: this is no answer, or its first line is too long.
        """
        if self._listing:
            return self._list(data, at)
        end = data.find(b"\n", at) + 1
        if len(self._status) + (end or len(data)) - at > LONGEST:
            raise ValueError("line too long")
        if not end:
            self._status += data[at:]
            return b"", len(data), False
        line, self._status = self._status + data[at:end], b""
        if STATUS.match(line) is None:
            raise ValueError("not an answer")
        self._listing = kind in (Kind.LISTING, Kind.CAPABILITIES) and line[:1] == b"+"
        self._tail = b"\r\n"
        return line, end, not self._listing

    def _list(self, data: bytes, at: int) -> tuple[bytes, int, bool]:
        # The end may have begun in the octets before: with the status line, or in another piece.
        astride = (self._tail + data[at : at + 4]).find(END)
        found = astride + at - len(self._tail) if astride >= 0 else data.find(END, at)
        if found >= 0 or astride >= 0:
            self._listing = False
            return data[at : found + 5], found + 5, True
        self._tail = (self._tail + data[max(at, len(data) - 4) :])[-4:]
        return data[at:], len(data), False
