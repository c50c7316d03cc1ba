"""Lines as SMTP and POP3 know them, out of octets that come as they please. Pure, and bounded.

A line ends in CR LF and nothing else; a bare CR, a bare LF or a NUL spoils it.
"""

from typing import NamedTuple


class Bad(NamedTuple):
    """A line that is none. ``fatal``: it is too long to be read on."""

    what: str
    fatal: bool = False


class Reader:
    """Reads lines of at most ``bound`` octets."""

    __slots__ = ("_bound", "_buffer", "_scanned")

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._buffer = bytearray()
        self._scanned = 0

    def feed(self, data: bytes | memoryview) -> None:
        """Take octets."""
        self._buffer += data

    def rest(self) -> bytes:
        """Take out everything that was not read yet."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        self._scanned = 0
        return rest

    @property
    def waiting(self) -> int:
        """How many octets were fed and not read yet."""
        return len(self._buffer)

    def next(self) -> bytes | Bad | None:
        """Return the next line without its CR LF; None: feed more."""
        end = self._buffer.find(b"\n", self._scanned)
        size = len(self._buffer) if end < 0 else end
        if size > self._bound:
            return Bad("line too long", fatal=True)
        if end < 0:
            self._scanned = size
            return None
        self._scanned = 0
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            return Bad("lines end in CR LF")
        return line[:-2]
