"""A server's stream as lines and pieces of literals (RFC 9051, section 7). Pure, O(1) memory, no copy of a literal.

A line may be as long as ``LONGEST``; what is longer than ``HELD`` comes in parts. Nothing else than CR LF ends one.
"""

import re
from typing import NamedTuple

MARK = re.compile(rb"~?\{(\d{1,20})\+?\}\r\n\Z")
STATUS = re.compile(rb"\* (?:OK|NO|BAD|BYE|PREAUTH)[ \r]|[^*]", re.IGNORECASE)
"""How lines begin that hold text for people, in which ``{5}`` says nothing."""
HELD = 64 * 1024
"""How much of a line is held until its end is in sight, in octets."""
TAIL = 32
"""The longest mark of a literal, with its CR LF, is no longer than that."""
LONGEST = 16 * 1024 * 1024
"""The longest line: what a search finds in a mailbox of two million messages."""
LARGEST = 2**32


class Bad(NamedTuple):
    """Something that no server says; the stream cannot be trusted to go on."""

    what: str


class Line(NamedTuple):
    """A line with its CR LF, or a part of one. ``first``: it begins a response. ``ends``: the CR LF is there.
    ``literal``: so many octets follow it; -1: the response ends with it."""

    octets: bytes
    first: bool
    ends: bool = True
    literal: int = -1

    @property
    def last(self) -> bool:
        """Tell whether the response ends here."""
        return self.ends and self.literal < 0


class Octets(NamedTuple):
    """A piece of a literal: valid as long as what was fed."""

    octets: bytes | memoryview


Fragment = Line | Octets


class Reader:
    """Feed it, then ask for what is ``next`` until there is nothing, before it is fed again."""

    __slots__ = ("_at", "_data", "_first", "_left", "_length", "_rest", "_text", "_told")

    def __init__(self, left: int = 0, told: bytes = b"", *, first: bool = True) -> None:
        """In mid-stream: ``left`` octets of a literal are to come, ``told`` ends the part of a line that was read by
        somebody else, ``first`` is False within a response."""
        self._data: bytes | memoryview = b""
        self._text: bytes | None = b""
        self._at = 0
        self._rest = told
        self._told = len(told)
        self._left = left
        self._length = 0
        self._first = first

    @property
    def here(self) -> bool:
        """Tell whether the server stands between two responses."""
        return self._first and not self._rest and not self._left

    def feed(self, data: bytes | memoryview) -> None:
        """Take octets."""
        if self._rest:
            self._data = self._text = self._rest + data
            self._rest = b""
        else:
            self._data, self._text = data, None
        self._at = 0

    def next(self) -> Fragment | Bad | None:
        """Return the next fragment; None: feed more."""
        at, size = self._at, len(self._data)
        if at >= size:
            return None
        if self._left:
            self._at = end = min(size, at + self._left)
            self._left -= end - at
            return Octets(self._data[at:end])
        text = self._text
        if text is None:
            text = self._text = bytes(self._data)
        end = text.find(b"\n", at) + 1
        if not end:
            return self._unfinished(text, at)
        self._at = end
        return self._line(text[at:end])

    def _unfinished(self, text: bytes, at: int) -> Line | Bad | None:
        """Keep the beginning of a line; let go of one that grows long, but for what may be the mark of a literal."""
        keep = len(text) if len(text) - at <= HELD else TAIL
        self._at = len(text)
        part, self._rest = (b"", text[at:]) if keep == len(text) else (text[at:-TAIL], text[-TAIL:])
        if not part:
            return None
        self._length += len(part)
        if self._length > LONGEST:
            return Bad("line too long")
        first, self._first = self._first, False
        if self._told:
            part, self._told = part[self._told :], 0
        return Line(part, first, ends=False)

    def _line(self, line: bytes) -> Line | Bad:
        self._length = 0
        if not line.endswith(b"\r\n"):
            return Bad("lines end in CR LF")
        first, literal = self._first, -1
        mark = MARK.search(line) if line.endswith(b"}\r\n") else None
        if mark is not None and first and STATUS.match(line):
            mark = None
        if mark is not None:
            literal = self._left = int(mark[1])
            if literal >= LARGEST:
                return Bad("literal too big")
        self._first = mark is None
        if self._told:
            line, self._told = line[self._told :], 0
        return Line(line, first, True, literal)
