"""ManageSieve (RFC 5804, section 4): lines and literals out of octets that come as they please, and sentences made of
them. Pure, bounded, O(1) memory where a literal is only passed on.

Client and server speak alike: words, then CR LF; a string is quoted or a literal. A line ends in CR LF and nothing
else. A client's literal never waits (``{n+}``), so that nothing can be trusted any more behind one that is not taken.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

LITERAL = re.compile(rb"\{(\d{1,10})(\+?)\}\r\n\Z")
TOKEN = re.compile(rb'"((?:[^"\\\x00\r\n]|\\["\\])*)"|([^\x00-\x20\x7f"(){}\\]+)|([()])')
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
LARGEST = 2**32
LITERALS = 8
QUOTED = 1024
"""The longest quoted string, in octets; longer ones are literals."""


class Bad(NamedTuple):
    """Something that is no sentence; the stream cannot be trusted to go on."""

    what: str


class Line(NamedTuple):
    """A line with its CR LF. ``first``: it begins a sentence. ``literal``: so many octets follow it; -1: it ends the
    sentence."""

    octets: bytes
    first: bool
    literal: int


class Octets(NamedTuple):
    """A piece of a literal."""

    octets: bytes


class Reader:
    """Reads lines of at most ``bound`` octets, and literals piece by piece. ``client``: whose literals never wait."""

    __slots__ = ("_bound", "_buffer", "_client", "_inside", "_left", "_scanned")

    def __init__(self, bound: int, *, client: bool) -> None:
        self._bound = bound
        self._client = client
        self._buffer = bytearray()
        self._scanned = 0
        self._left = 0
        self._inside = False

    def feed(self, data: bytes | memoryview) -> None:
        """Take octets."""
        self._buffer += data

    def forget(self) -> None:
        """Drop everything that was not read yet."""
        self._buffer.clear()
        self._scanned = self._left = 0
        self._inside = False

    @property
    def waiting(self) -> int:
        """How many octets were fed and not read yet."""
        return len(self._buffer)

    def next(self) -> Line | Octets | Bad | None:
        """Return the next line, or piece of a literal; None: feed more."""
        if self._left:
            return self._piece()
        end = self._buffer.find(b"\n", self._scanned) + 1
        size = end or len(self._buffer)
        if size > self._bound + 2:
            return Bad("line too long")
        if not end:
            self._scanned = size
            return None
        self._scanned = 0
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            return Bad("lines end in CR LF")
        first, literal = not self._inside, -1
        found = LITERAL.search(line)
        if found is not None:
            literal = self._left = int(found[1])
            if literal >= LARGEST or (self._client and not found[2]):
                return Bad("no literal of ours")
        self._inside = found is not None
        return Line(line, first, literal)

    def _piece(self) -> Octets | None:
        data = bytes(self._buffer[: self._left])
        if not data:
            return None
        del self._buffer[: self._left]
        self._left -= len(data)
        return Octets(data)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole command or response: its words without quoting. ``shape`` has an ``a`` for each atom, an ``s`` for each
    string, and the parentheses where they stood; an empty line has none."""

    words: tuple[bytes, ...] = field(repr=False)
    shape: str

    @property
    def verb(self) -> bytes:
        """The atom that it begins with, in upper case; empty where it begins with a string."""
        return self.words[0].upper() if self.shape[:1] == "a" else b""

    @property
    def arguments(self) -> tuple[bytes, ...]:
        """The strings behind the verb."""
        return self.words[1:]


class Sentences:
    """Makes whole sentences of what a reader reads; each literal within ``bound`` octets, and few of them."""

    __slots__ = ("_bound", "_parts", "_reader")

    def __init__(self, reader: Reader, bound: int) -> None:
        self._reader = reader
        self._bound = bound
        self._parts: list[bytearray] = []

    def next(self) -> Sentence | Bad | None:
        """Return the next sentence; None: feed more."""
        while True:
            piece = self._reader.next()
            if piece is None or isinstance(piece, Bad):
                return piece
            if isinstance(piece, Octets):
                self._parts[-1] += piece.octets
                continue
            self._parts.append(bytearray(piece.octets))
            if piece.literal < 0:
                parts, self._parts = self._parts, []
                return sentence(parts)
            if piece.literal > self._bound or len(self._parts) > 2 * LITERALS:
                return Bad("literal too big")
            self._parts.append(bytearray())


def sentence(parts: list[bytearray]) -> Sentence | Bad:
    """Return the sentence that ``parts`` hold: line, literal, line, literal ... line."""
    words: list[bytes] = []
    shape = ""
    for number, part in enumerate(parts):
        if number % 2:
            words.append(bytes(part))
            shape += "s"
            continue
        read = tokens(bytes(part), words)
        if read is None:
            return Bad("wrong syntax")
        shape += read
    return Sentence(tuple(words), shape)


def tokens(line: bytes, words: list[bytes]) -> str | None:
    """Add the words of ``line`` to ``words``, the mark of a literal left out; return their shape, None when the line
    has none."""
    found = LITERAL.search(line)
    end = found.start() if found else len(line) - 2
    shape, at = "", 0
    while at < end:
        if line[at] == 0x20:
            at += 1
            continue
        token = TOKEN.match(line, at, end)
        if token is None:
            return None
        at = token.end()
        if token[3] is not None:
            shape += token[3].decode()
            continue
        string = token[1]
        words.append(token[2] if string is None else ESCAPED.sub(rb"\1", string))
        shape += "a" if string is None else "s"
    return shape


def string(text: bytes, *, client: bool = False) -> bytes:
    """Return ``text`` as a string, quoted if it may be (section 1.6 of RFC 5804 has no line ends there)."""
    if len(text) <= QUOTED and not any(octet in text for octet in b"\r\n\0"):
        return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return b"{%d%b}\r\n%b" % (len(text), b"+" if client else b"", text)
