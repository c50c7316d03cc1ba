"""A message without its attachments, put together from what may be read of it. Pure.

It has the original's headers, its readable parts and its boundaries; a notice stands in the place of each attachment,
and what stood before, between and behind the parts is gone. So no octet of an attachment is ever asked for.

Its size is told from the structure alone: the original's, less the attachments, more the notices, and a little more for
each set of parts, in case the original lacked its last boundary. What then is too much, blank lines make up at its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from proxy.gateways.fields import MESSAGE, TEXT, bare, content_of, well_formed
from proxy.gateways.imap.inspection.structure import Make, Part
from proxy.gateways.notice import Withheld, entity

SLACK = 12
"""Octets that a set of parts may lack at its end, beside its boundary; and at each of its parts."""
LINE = b" " * 74 + b"\r\n"


class Fixed(NamedTuple):
    """Octets that are at hand."""

    octets: bytes


class Body(NamedTuple):
    """The body of a readable part, to be asked for: ``octets`` of it, from ``origin`` on; ``whole`` is its size."""

    section: bytes
    origin: int
    octets: int
    whole: int


class Blank(NamedTuple):
    """``octets`` that say nothing, from ``origin`` on, of ``whole``."""

    origin: int
    octets: int
    whole: int


Segment = Fixed | Body | Blank
Heads = Mapping[bytes, bytes]


class Rendering:
    """One message, as it is shown. ``root`` is its own part, ``size`` the original's in octets."""

    __slots__ = ("_language", "root", "size")

    def __init__(self, root: Part, size: int, language: str) -> None:
        self.root = root
        self._language = language
        self.size = max(0, size + self._change(root, message=True))

    def heads(self, part: Part) -> list[bytes]:
        """Return the sections whose headers are needed to show ``part`` whole."""
        wanted = [part.head]
        if part.readable:
            for inner in part.parts:
                wanted += self.heads(inner)
        return wanted

    def message(self, heads: Heads, *, header: bool = True) -> list[Segment]:
        """Return the whole message, ``size`` octets; without ``header``: so many less."""
        head, rest = self._message(self.root, heads)
        missing = self.size - measure([head, *rest])
        filled = [*rest, Blank(0, missing, missing)] if missing > 0 else rest
        return [head, *filled] if header else filled

    def part(self, part: Part, heads: Heads) -> list[Segment] | None:
        """Return the body of one part; None: it is an attachment."""
        return self._body(part, heads) if self.shown(part, heads) else None

    def text(self, part: Part, heads: Heads) -> list[Segment]:
        """Return the body of the message that ``part`` holds, without its header."""
        return self._message(part.parts[0], heads)[1]

    def shown(self, part: Part, heads: Heads) -> bool:
        """Tell whether a part may be read, and its header says so, too: clients go by that."""
        head = heads.get(part.head, b"\0")
        # A part of a digest is a message though its header does not say so (RFC 2046, section 5.1.5).
        content = content_of(head, MESSAGE if part.make is Make.MESSAGE else TEXT)
        if not part.readable or content is None or content.file or content.type != part.type:
            return False
        if part.head != b"HEADER" and not well_formed(head):
            return False
        if part.make is Make.LEAF:
            return True
        return content.plain and (part.make is Make.MESSAGE or content.boundary == part.boundary)

    def _message(self, root: Part, heads: Heads) -> tuple[Fixed, list[Segment]]:
        head = heads.get(root.head, b"")
        if self.shown(root, heads):
            return Fixed(_closed(head)), self._body(root, heads)
        header, line, text = self._notice(root, message=True).partition(b"\r\n\r\n")
        return Fixed(bare(head) + header + line), [Fixed(text)]

    def _body(self, part: Part, heads: Heads) -> list[Segment]:
        if part.make is Make.LEAF:
            return [Body(part.section, 0, part.octets, part.octets)]
        if part.make is Make.MESSAGE:
            head, rest = self._message(part.parts[0], heads)
            return [head, *rest]
        shown: list[Segment] = []
        for number, inner in enumerate(part.parts):
            shown.append(Fixed(b"%b--%b\r\n" % (b"\r\n" if number else b"", part.boundary)))
            shown += self._entity(inner, heads)
        return [*shown, Fixed(b"\r\n--%b--\r\n" % part.boundary)]

    def _entity(self, part: Part, heads: Heads) -> list[Segment]:
        if self.shown(part, heads):
            return [Fixed(_closed(heads[part.head])), *self._body(part, heads)]
        return [Fixed(self._notice(part, message=False))]

    def _notice(self, part: Part, *, message: bool) -> bytes:
        octets = None if part.make is Make.MULTI else part.octets
        return entity(Withheld(part.type, part.filename, octets), self._language, message=message)

    def _change(self, part: Part, *, message: bool) -> int:
        """Return by how much what is shown is longer than the original."""
        if not part.readable:
            return len(self._notice(part, message=message)) - part.within()
        if part.make is Make.MULTI:
            slack = SLACK * (1 + len(part.parts)) + len(part.boundary)
            return slack + sum(self._change(inner, message=False) for inner in part.parts)
        return sum(self._change(inner, message=True) for inner in part.parts)


def _closed(head: bytes) -> bytes:
    """Return a header with the blank line that ends it."""
    if head.endswith(b"\r\n\r\n") or head == b"\r\n":
        return head
    return head + b"\r\n" if head.endswith(b"\r\n") or not head else head + b"\r\n\r\n"


def measure(segments: Sequence[Segment]) -> int:
    """Return how many octets that is."""
    return sum(len(one.octets) if isinstance(one, Fixed) else one.octets for one in segments)


def cut(segments: list[Segment], origin: int, count: int) -> list[Segment]:
    """Return ``count`` octets from ``origin`` on."""
    found: list[Segment] = []
    for one in segments:
        size = len(one.octets) if isinstance(one, Fixed) else one.octets
        begin, end = min(origin, size), min(origin + count, size)
        if end > begin:
            found.append(_slice(one, begin, end))
        origin -= begin
        count -= end - begin
    return found


def _slice(one: Segment, begin: int, end: int) -> Segment:
    if isinstance(one, Fixed):
        return Fixed(one.octets[begin:end])
    if isinstance(one, Body):
        return Body(one.section, one.origin + begin, end - begin, one.whole)
    return Blank(one.origin + begin, end - begin, one.whole)


def blank(one: Blank, most: int) -> Iterator[bytes]:
    """Yield the octets of ``one``, at most ``most`` of them at a time; the same octet always stands at the same
    place."""
    at, end, text = one.origin, one.origin + one.octets, one.whole - 2
    while at < end:
        if at < text:
            shift = at % len(LINE)
            piece = (LINE * (most // len(LINE) + 2))[shift : shift + min(most, min(end, text) - at)]
        else:
            piece = (b"\r\n" if one.whole > 1 else b" ")[max(0, at - max(text, 0)) : end - max(text, 0)]
        yield piece
        at += len(piece)
