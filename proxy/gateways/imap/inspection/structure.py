"""A message's parts as the server tells of them (RFC 9051, section 7.5.2), and which of them may be read. Pure.

What may be read is text that is no file: a part of type ``text/...`` (or a report's ``message/delivery-status``) that
has no file name and is not disposed of as an attachment. Whatever else there is, is an attachment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from proxy.gateways.imap.inspection.values import Malformed, Value

MOST_PARTS = 500
DEEPEST = 20
READABLE = frozenset(("message/delivery-status", "message/disposition-notification"))
NAMES = frozenset(("name", "filename"))


class Make(Enum):
    """Of what kind a part is: octets, several parts, or a whole message."""

    LEAF = "leaf"
    MULTI = "multi"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Part:
    """One part. ``section``: its number (empty: the message itself, which has several parts). ``head``: the section
    that is its header. ``octets``: of its body as it is sent, 0 where it has several parts."""

    make: Make
    type: str
    section: bytes
    head: bytes
    octets: int = 0
    disposition: str = ""
    filename: bytes | None = None
    boundary: bytes = b""
    parts: tuple["Part", ...] = ()

    @property
    def readable(self) -> bool:
        """Tell whether it may be read: as text, or as far as what it holds may be."""
        if self.disposition not in ("", "inline") or self.filename is not None:
            return False
        if self.make is Make.LEAF:
            return self.type.startswith("text/") or self.type in READABLE
        return self.make is Make.MESSAGE or bool(self.boundary)

    def walk(self) -> Iterator["Part"]:
        """Yield it and every part within it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def within(self) -> int:
        """Return how many octets of bodies are in it."""
        if self.make is Make.MULTI:
            return sum(part.within() for part in self.parts)
        return self.octets


def structure(told: Value) -> Part:
    """Return the message that a server tells of in BODYSTRUCTURE.

    Raises:
        Malformed: it cannot be understood, or there is too much of it.
    """
    root = _root(told, b"", 0)
    if sum(1 for _ in root.walk()) > MOST_PARTS:
        raise Malformed("too many parts")
    return root


def _root(told: Value, outer: bytes, depth: int) -> Part:
    """Return a message's own part; ``outer``: the number of the part that the message is."""
    head = outer + b".HEADER" if outer else b"HEADER"
    several = isinstance(told, list) and bool(told) and isinstance(told[0], list)
    section = outer if several else (outer + b".1" if outer else b"1")
    return _part(told, section, head, depth)


def _part(told: Value, section: bytes, head: bytes, depth: int) -> Part:
    if not isinstance(told, list) or not told or depth > DEEPEST:
        raise Malformed("no part, or too deep")
    if isinstance(told[0], list):
        return _multi(told, section, head, depth)
    if len(told) < 7:
        raise Malformed("half a part")
    kind = f"{_word(told[0])}/{_word(told[1])}"
    octets = told[6]
    if not isinstance(octets, bytes) or not octets.isdigit() or len(octets) > 10:
        raise Malformed("no size")
    message = kind in ("message/rfc822", "message/global") and len(told) > 9 and isinstance(told[8], list)
    extra = told[10:] if message else told[8:] if kind.startswith("text/") else told[7:]
    disposition, filename = _disposed(told[2], extra[1] if len(extra) > 1 else None)
    inner = (_root(told[8], section, depth + 1),) if message else ()
    make = Make.MESSAGE if message else Make.LEAF
    return Part(make, kind, section, head, int(octets), disposition, filename, parts=inner)


def _multi(told: list[Value], section: bytes, head: bytes, depth: int) -> Part:
    count = next((at for at, one in enumerate(told) if not isinstance(one, list)), len(told))
    if count >= len(told):
        raise Malformed("several parts of no kind")
    extra = told[count + 1 :]
    parameters = _pairs(extra[0] if extra else None)
    disposition, filename = _disposed(extra[0] if extra else None, extra[1] if len(extra) > 1 else None)
    numbers = [b"%b.%d" % (section, at) if section else b"%d" % at for at in range(1, count + 1)]
    parts = tuple(_part(one, number, number + b".MIME", depth + 1) for one, number in zip(told, numbers, strict=False))
    kind = f"multipart/{_word(told[count])}"
    boundary = _fit(parameters.get("boundary", b""))
    return Part(Make.MULTI, kind, section, head, 0, disposition, filename, boundary, parts)


def _fit(boundary: bytes) -> bytes:
    """Return a boundary if it can be one (RFC 2046, section 5.1.1)."""
    fits = 0 < len(boundary) <= 200 and boundary.isascii() and boundary.decode("latin-1").isprintable()
    return boundary if fits else b""


def _disposed(parameters: Value, told: Value) -> tuple[str, bytes | None]:
    """Return a part's disposition, and its file name: None where there is none. RFC 2231 may cut a name in pieces."""
    disposition, named = "", _pairs(parameters)
    if isinstance(told, list) and told:
        disposition = _word(told[0])
        named = {**named, **_pairs(told[1] if len(told) > 1 else None)}
    pieces = [text for key, text in sorted(named.items()) if key.partition("*")[0] in NAMES]
    return disposition, b"".join(pieces) if pieces else None


def _pairs(told: Value) -> dict[str, bytes]:
    if not isinstance(told, list):
        return {}
    pairs = zip(told[::2], told[1::2], strict=False)
    return {_word(key): text or b"" for key, text in pairs if not isinstance(text, list)}


def _word(told: Value) -> str:
    return told.decode("latin-1").lower() if isinstance(told, bytes) else ""
