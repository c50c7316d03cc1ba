"""IMAP commands as a stranger sends them (RFC 9051, section 9): octets in, whole commands out. Pure, and bounded at
every step.

A command is read to its end, literals included, before anybody looks at it: octets of a literal are never a command,
whatever became of the command they belong to. A line ends in CR LF and nothing else; a bare CR, a bare LF or a NUL
spoils it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

LITERALS = 8
DIGITS = 10

LITERAL = re.compile(rb"\{(\d{1,20})(\+?)\}\Z")
_HEAD = rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|~}]{1,64}) ([A-Za-z]{1,32})"
TAG = re.compile(_HEAD + rb"(?: |\Z)")
TOKEN = re.compile(rb'"((?:[^"\\\r\n]|\\["\\])*)"|([^\x00-\x20\x7f"(){]+)|([()])')
_PLAIN = rb'(?:"([^"\\\x00-\x1f\x7f]*)"|([^\x00-\x20\x7f-\xff"(){%*\\]+))'
USUAL = re.compile(_HEAD + rb" " + _PLAIN + rb" " + _PLAIN + rb"\r\n")
"""A whole line with two strings and no escape: how nearly every LOGIN looks."""
ESCAPED = re.compile(rb"\\(.)")

Token = bytes


class NeedMore(NamedTuple):
    """The client waits to be told that it may send its literal."""


class Bad(NamedTuple):
    """Something that is no command. ``tag`` where one could be read. ``fatal``: the stream cannot be trusted to go
    on."""

    what: str
    tag: bytes = b"*"
    fatal: bool = False


class Command(Struct, frozen=True):
    """One whole command; ``verb`` in upper case. ``tokens`` are its arguments, atoms and strings alike, without
    quoting; ``shape`` has an ``s`` for each of them, and the parentheses where they stood."""

    tag: bytes
    verb: str
    tokens: tuple[Token, ...] = ()
    shape: str = ""

    def __repr__(self) -> str:
        return f"Command({self.tag!r}, {self.verb!r}, shape={self.shape!r})"


class Reader:
    """Reads commands from octets that come as they please. ``line`` bounds a command without its literals,
    ``literal`` each literal."""

    __slots__ = ("_buffer", "_line", "_literal", "_need", "_parts", "_scanned", "_size")

    def __init__(self, line: int, literal: int) -> None:
        self._line = line
        self._literal = literal
        self._buffer = bytearray()
        self._scanned = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._need = 0

    def feed(self, data: bytes | memoryview) -> None:
        """Take octets."""
        self._buffer += data

    def alone(self, data: bytes | memoryview) -> Command | None:
        """Return the command that ``data`` is, if nothing waits before it and it is as usual. None: feed it."""
        if self._buffer or self._parts or len(data) > self._line:
            return None
        found = USUAL.fullmatch(data)
        if found is None:
            return None
        tag, verb, quoted, atom, quoted_too, atom_too = found.groups()
        tokens = (atom if quoted is None else quoted, atom_too if quoted_too is None else quoted_too)
        return Command(tag, verb.decode().upper(), tokens, "ss")

    def forget(self) -> None:
        """Drop everything that was not read yet."""
        self._buffer.clear()
        self._restart()

    def rest(self) -> bytes:
        """Take out everything that was not read yet."""
        if not self._buffer:
            return b""
        rest = bytes(self._buffer)
        self.forget()
        return rest

    @property
    def waiting(self) -> int:
        """How many octets were fed and not read yet."""
        return len(self._buffer)

    def raw_line(self) -> bytes | Bad | None:
        """Return the next line without its CR LF, as it is (a SASL response); None: not whole yet."""
        end = self._buffer.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._buffer)
            return Bad("line too long", fatal=True) if self._scanned > self._line * 2 else None
        self._scanned = 0
        if end > self._line * 2:
            return Bad("line too long", fatal=True)
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            return Bad("lines end in CR LF")
        return line[:-2]

    def next(self) -> Command | NeedMore | Bad | None:
        """Return the next whole command, or what stands in its way; None: feed more."""
        while True:
            if self._need:
                if len(self._buffer) < self._need:
                    return None
                literal = bytes(self._buffer[: self._need])
                del self._buffer[: self._need]
                self._need = 0
                self._parts.append(literal)
                if b"\0" in literal:
                    return self._spoilt("NUL in a literal")
            line = self._fragment()
            if not isinstance(line, bytes):
                return line
            found = LITERAL.search(line)
            if found is None:
                self._parts.append(line)
                parts = self._parts
                self._restart()
                return parse(parts)
            answer = self._announced(line[: found.start()], found[1], bool(found[2]))
            if answer is not None:
                return answer

    def _fragment(self) -> bytes | Bad | None:
        """Return the rest of the line, without its CR LF."""
        end = self._buffer.find(b"\n", self._scanned)
        size = len(self._buffer) if end < 0 else end
        if self._size + size > self._line:
            return Bad("line too long", fatal=True)
        if end < 0:
            self._scanned = size
            return None
        self._scanned = 0
        self._size += size
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            # What hides behind the spoilt end is not taken for a literal: from here on nothing can be trusted.
            return Bad("lines end in CR LF", fatal=bool(self._parts) or LITERAL.search(line.strip()) is not None)
        return line[:-2]

    def _announced(self, head: bytes, digits: bytes, plus: bool) -> NeedMore | Bad | None:
        """A literal was announced. One that is too big is refused, and fatal if it is on its way already."""
        size = int(digits)
        if len(digits) > DIGITS or size > self._literal or len(self._parts) >= 2 * LITERALS:
            found = TAG.match(self._parts[0] if self._parts else head)
            self._restart()
            return Bad("literal too big", found[1] if found else b"*", fatal=plus)
        self._parts.append(head)
        self._need = size
        if size == 0:
            self._parts.append(b"")
        return None if plus else NeedMore()

    def _spoilt(self, what: str) -> Bad:
        self.forget()
        return Bad(what, fatal=True)

    def _restart(self) -> None:
        self._parts = []
        self._size = self._need = self._scanned = 0


def parse(parts: Sequence[bytes]) -> Command | Bad:
    """Return the command that ``parts`` hold: text, literal, text, literal ... text."""
    head = TAG.match(parts[0])
    if head is None:
        return Bad("what is this?", _tag_of(parts[0]))
    tag, verb = head[1], head[2].decode().upper()
    tokens: list[bytes] = []
    shape = ""
    at = head.end()
    for number, part in enumerate(parts):
        if number % 2:
            tokens.append(part)
            shape += "s"
            continue
        read = _tokens(part, at, tokens)
        if read is None:
            return Bad("wrong arguments", tag)
        shape += read
        at = 0
    if shape.count("(") > 4:
        return Bad("too deep", tag)
    return Command(tag, verb, tuple(tokens), shape)


def _tokens(text: bytes, at: int, tokens: list[bytes]) -> str | None:
    """Add the tokens of ``text`` from ``at`` to ``tokens``; return their shape (``s``, ``(``, ``)``), None when it
    has no shape."""
    shape = ""
    end = len(text)
    while at < end:
        if text[at] == 0x20:
            at += 1
            continue
        found = TOKEN.match(text, at)
        if found is None:
            return None
        at = found.end()
        if found[3] is not None:
            shape += found[3].decode()
            continue
        quoted = found[1]
        tokens.append(found[2] if quoted is None else ESCAPED.sub(rb"\1", quoted))
        shape += "s"
    return shape


def _tag_of(line: bytes) -> bytes:
    found = re.match(rb"([!#$&',\-./0-9:;<=>?@A-Z\[\]^_`a-z|~}]{1,64})(?: |\Z)", line)
    return found[1] if found else b"*"


def quoted(text: str) -> bytes:
    """Return ``text`` as a quoted string.

    Raises:
        ValueError: a quoted string cannot hold it.
    """
    if not text.isascii() or not text.isprintable():
        raise ValueError("not for a quoted string")
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'
