"""A client's stream as lines and pieces of literals (RFC 9051, sections 4.3 and 9). Pure, O(1) memory for a literal.

A line ends in CR LF and nothing else. Behind the mark of a literal nothing is read until it is ``granted`` or
``refused``: whether its octets come at all, or are asked for, is not the reader's to say.
"""

import re
from typing import NamedTuple

MARK = re.compile(rb"(~?)\{(\d{1,20})(\+?)\}\r\n\Z")
LARGEST = 2**32
"""The most octets of one literal."""


class Bad(NamedTuple):
    """Something that is no line; the stream cannot be trusted to go on."""

    what: str


class Line(NamedTuple):
    """A line with its CR LF. ``first``: it begins a command. ``literal``: so many octets follow it; -1: it ends the
    command. ``waits``: they come only when they are asked for."""

    octets: bytes
    first: bool
    literal: int = -1
    waits: bool = False


class Octets(NamedTuple):
    """A piece of a literal that was granted."""

    octets: bytes


class Reader:
    """Reads lines of at most ``bound`` octets, a command without its literals no longer than that."""

    __slots__ = ("_bound", "_buffer", "_inside", "_left", "_mark", "_scanned", "_size")

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._buffer = bytearray()
        self._scanned = self._size = 0
        self._left = 0
        self._inside = False
        self._mark: Line | None = None

    def feed(self, data: bytes | memoryview) -> None:
        """Take octets."""
        self._buffer += data

    @property
    def waiting(self) -> int:
        """How many octets were fed and not read yet."""
        return len(self._buffer)

    @property
    def between(self) -> bool:
        """Tell whether a command is read to its end, and the next has not begun."""
        return not self._inside and not self._left

    def passes(self, data: bytes | memoryview) -> bool:
        """Tell whether ``data`` lies within a literal, nothing waiting before it; then it counts as read."""
        if self._buffer or self._left <= len(data):
            return False
        self._left -= len(data)
        return True

    def rest(self) -> bytes:
        """Take out everything that was not read yet."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        self._scanned = self._size = 0
        return rest

    def granted(self) -> None:
        """The literal whose mark was read comes now."""
        if self._mark is not None:
            self._left, self._mark = self._mark.literal, None

    def refused(self) -> None:
        """The literal whose mark was read is not asked for: its command ends there. One that does not wait comes all
        the same."""
        mark = self._mark
        if mark is not None and mark.waits:
            self._mark, self._inside, self._size = None, False, 0
        else:
            self.granted()

    def next(self) -> Line | Octets | Bad | None:
        """Return the next line or piece; None: feed more, or say what becomes of the literal."""
        if self._mark is not None:
            return None
        if self._left:
            return self._piece()
        end = self._buffer.find(b"\n", self._scanned) + 1
        if self._size + (end or len(self._buffer)) > self._bound:
            return Bad("line too long")
        if not end:
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._scanned = 0
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            return Bad("lines end in CR LF")
        return self._line(line)

    def _line(self, line: bytes) -> Line | Bad:
        first, self._inside = not self._inside, line.endswith(b"}\r\n")
        mark = MARK.search(line) if self._inside else None
        if mark is None:
            self._inside, self._size = False, 0
            return Line(line, first)
        size = int(mark[2])
        if size >= LARGEST:
            return Bad("literal too big")
        self._size += len(line)
        self._mark = Line(line, first, size, not mark[3])
        return self._mark

    def _piece(self) -> Octets | None:
        data = bytes(self._buffer[: self._left])
        if not data:
            return None
        del self._buffer[: self._left]
        self._left -= len(data)
        return Octets(data)


def asking(line: bytes) -> bytes:
    """Return a line so that the server asks for its literal before any of it comes."""
    return line[:-4] + b"}\r\n" if line.endswith(b"+}\r\n") else line
