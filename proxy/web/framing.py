"""Bodies of HTTP/1.1 messages (RFC 9112 6 and 7): where they end, and their octets framed afresh. Pure.

A chunked body is taken apart and put together again: extensions and trailers are dropped, so nothing that we did not
read ourselves reaches the other side. ::

    SIZE --size line--> DATA --n octets--> DATA_END --CRLF--> SIZE
      '--size 0--> TRAILER --empty line--> done
"""

import re
from enum import Enum, auto
from typing import Protocol

from proxy.web.head import VALUE, Bad

# RFC 9112 7.1: hexadecimal digits, then extensions which we bound and drop. No sign, no 0x, no space before the size.
SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;" + VALUE + rb")?[ \t]*")
SIZE_LINE = 1024
TRAILERS = 8192
LAST_CHUNK = b"0\r\n\r\n"


class Body(Protocol):
    """How one body is framed. ``done`` once its last octet was taken."""

    done: bool

    def take(self, data: memoryview) -> tuple[int, bytes | memoryview]:
        """Take octets of the body: return how many belong to it, and what to send on in their place.

        Raises:
            Bad: the framing is broken.
        """
        ...


class NoBody:
    """Nothing follows the head."""

    done = True

    def take(self, data: memoryview) -> tuple[int, bytes | memoryview]:
        return 0, b""


class Counted:
    """Exactly so many octets, passed on as they are."""

    __slots__ = ("done", "left")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0

    def take(self, data: memoryview) -> tuple[int, bytes | memoryview]:
        left, size = self.left, len(data)
        if size < left:
            self.left = left - size
            return size, data
        self.left = 0
        self.done = True
        return left, data if size == left else data[:left]


class UntilClose:
    """Whatever comes until the sender closes; its end is told from outside."""

    done = False

    def take(self, data: memoryview) -> tuple[int, bytes | memoryview]:
        return len(data), data


class _Part(Enum):
    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILER = auto()


class Chunked:
    """A chunked body, framed afresh. ``plain``: give the bare octets instead, for a receiver that reads until close."""

    __slots__ = ("_left", "_line", "_part", "_plain", "_trailers", "done")

    def __init__(self, *, plain: bool = False) -> None:
        self.done = False
        self._plain = plain
        self._part = _Part.SIZE
        self._left = 0
        self._line = b""
        self._trailers = 0

    def take(self, data: memoryview) -> tuple[int, bytes | memoryview]:
        out: list[bytes | memoryview] = []
        at, size = 0, len(data)
        while at < size and not self.done:
            if self._part is _Part.DATA:
                part = data[at : at + self._left]
                at += len(part)
                self._left -= len(part)
                self._put(out, part)
                if not self._left:
                    self._part = _Part.DATA_END
            else:
                at = self._take_line(data, at, out)
        return at, out[0] if len(out) == 1 else b"".join(out)

    def _put(self, out: list[bytes | memoryview], part: memoryview) -> None:
        if self._plain:
            out.append(part)
        else:
            out += (b"%x\r\n" % len(part), part, b"\r\n")

    def _take_line(self, data: memoryview, at: int, out: list[bytes | memoryview]) -> int:
        """Gather one line up to its CRLF, and step on when it is whole. Returns where the next octet is."""
        room = (2 if self._part is _Part.DATA_END else SIZE_LINE) - len(self._line)
        piece = bytes(data[at : at + room])
        stop = piece.find(b"\n")
        self._line += piece if stop < 0 else piece[: stop + 1]
        if stop < 0:
            if len(piece) == room:
                raise Bad(400, "a chunk is malformed")
            return at + len(piece)
        line, self._line = self._line, b""
        # A line feed without its carriage return ends a line for some readers and not for others.
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise Bad(400, "a chunk is malformed")
        self._step(line[:-2], out)
        return at + stop + 1

    def _step(self, line: bytes, out: list[bytes | memoryview]) -> None:
        if self._part is _Part.DATA_END:
            if line:
                raise Bad(400, "a chunk is longer than it said")
            self._part = _Part.SIZE
        elif self._part is _Part.SIZE:
            match = SIZE.fullmatch(line)
            if match is None:
                raise Bad(400, "a chunk size is malformed")
            self._left = int(match[1], 16)
            self._part = _Part.DATA if self._left else _Part.TRAILER
        elif line:
            self._trailers += len(line)
            if self._trailers > TRAILERS:
                raise Bad(431, "the trailers are too large")
        else:
            self.done = True
            if not self._plain:
                out.append(LAST_CHUNK)
