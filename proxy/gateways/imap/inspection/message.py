"""One message of a FETCH: what must be known of it first, and what of what was asked for may be shown then. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from proxy.gateways.fields import well_formed
from proxy.gateways.imap.inspection.items import Fetch, Item, Kind
from proxy.gateways.imap.inspection.rendering import Rendering, Segment, cut
from proxy.gateways.imap.inspection.sizing import HEAD, SIZE, STRUCTURE
from proxy.gateways.imap.inspection.structure import Make, Part, structure
from proxy.gateways.imap.inspection.values import Item as Told
from proxy.gateways.imap.inspection.values import Malformed, items

UID = b"UID"
SECTION = re.compile(rb"BODY\[([0-9A-Z.]+)\]\Z", re.IGNORECASE)


class Said(NamedTuple):
    """An item as it is told, whole."""

    octets: bytes


class Shown(NamedTuple):
    """An item and the segments that its value is made of."""

    label: bytes
    segments: Sequence[Segment]


class Passed(NamedTuple):
    """An item whose value is passed on as the server tells it when it is asked for ``raw``."""

    label: bytes
    raw: bytes


Target = Said | Shown | Passed


class Message:
    """``number``: how the FETCH calls it. ``sequence`` and ``facts`` (items as they are told) are known once it was
    ``learnt``."""

    __slots__ = ("_asked", "_by_uid", "_heads", "_language", "_pieces", "_rendering", "facts", "number", "sequence")

    def __init__(self, number: int, asked: Fetch, by_uid: bool, language: str) -> None:
        self.number = number
        self._asked = asked
        self._by_uid = by_uid
        self._language = language
        self._rendering: Rendering | None = None
        self._heads: dict[bytes, bytes] = {}
        self._pieces: dict[bytes, bytes] = {}
        self.sequence = 0
        self.facts: list[bytes] = []

    def first(self) -> list[bytes]:
        """Return what is to be asked for first: size, structure, and what holds no attachment in any message."""
        plain = [item.raw for item in self._asked.items if _harmless(item)]
        return [UID, SIZE, STRUCTURE, *(raw for raw in plain if raw != UID)]

    def learnt(self, raw: bytes) -> bool:
        """Take the response to that; False: it is about something else.

        Raises:
            Malformed: it makes no sense.
        """
        head = HEAD.match(raw)
        told = items(raw, head.end()) if head else []
        found = {item.name: item for item in told}
        if head is None or SIZE not in found or STRUCTURE not in found:
            return False
        self.sequence = int(head[1])
        self._rendering = _rendering(found[SIZE], found[STRUCTURE], self._language)
        wanted = {item.raw for item in self._asked.items} | ({UID} if self._by_uid else set())
        for item in told:
            if item.name == SIZE and SIZE in wanted and self._rendering is not None:
                self.facts.append(b"RFC822.SIZE %d" % self._rendering.size)
            elif item.name not in (UID, SIZE, STRUCTURE) or item.name in wanted:
                self.facts.append(raw[item.begin : item.end])
        return True

    def more(self) -> list[bytes]:
        """Return what is to be asked for then: headers of what is to be shown."""
        shown = self._rendering
        if shown is None:
            return []
        wanted: dict[bytes, None] = {}
        for item in self._asked.items:
            if _harmless(item):
                continue
            chain = self._chain(item)
            heads = [part.head for part in chain] + (shown.heads(chain[-1]) if chain else [])
            wanted.update(dict.fromkeys(b"BODY.PEEK[%b]" % head for head in heads))
            if chain and item.kind in (Kind.HEADER, Kind.BINARY_SIZE):
                wanted[item.raw] = None
        return list(wanted)

    def learnt_more(self, raw: bytes) -> bool:
        """Take the response to that; False: it is about something else.

        Raises:
            Malformed: it makes no sense.
        """
        head = HEAD.match(raw)
        told = items(raw, head.end()) if head else []
        ours = False
        for item in told:
            section = SECTION.match(item.name)
            if section is not None:
                self._heads[section[1].upper()] = item.value if isinstance(item.value, bytes) else b""
            ours = ours or section is not None or item.name.startswith((b"BODY[", b"BINARY"))
            self._pieces[_plain(item.name)] = raw[item.begin : item.end]
        return ours

    def targets(self) -> tuple[list[Target], bool]:
        """Return what is shown, in the order asked for, and whether something is left out."""
        found: list[Target] = []
        refused = False
        for item in self._asked.items:
            if _harmless(item):
                continue
            target = self._target(item)
            refused = refused or target is None
            found += [target] if target is not None else []
        return found, refused

    def marks(self) -> bool:
        """Tell whether what is shown marks the message as seen."""
        return any(item.marks for item in self._asked.items if not _harmless(item))

    def _target(self, item: Item) -> Target | None:
        shown, heads = self._rendering, self._heads
        if shown is None:
            return None
        if not item.part:
            return _cut(item, shown.message(heads, header=item.of != b"TEXT"))
        chain = self._chain(item)
        if not chain:
            return Said(item.label + b" NIL")
        # A part's own header may be read, whatever it is; what it is within must not be an attachment.
        closed = chain[:-1] if item.of == b"MIME" or item.kind is Kind.BINARY_SIZE else chain
        if not all(shown.shown(part, heads) for part in closed):
            return None
        if item.kind is Kind.HEADER and not well_formed(heads.get(_head(item, chain[-1]), b"")):
            return None
        if item.kind in (Kind.HEADER, Kind.BINARY_SIZE):
            return Said(self._pieces.get(_plain(item.label), item.label + b" NIL"))
        return self._body(item, chain[-1], shown)

    def _body(self, item: Item, part: Part, shown: Rendering) -> Target | None:
        if item.kind is Kind.BINARY:
            return Passed(item.label, item.raw) if part.make is Make.LEAF else None
        if item.of == b"TEXT":
            return _cut(item, shown.text(part, self._heads)) if part.make is Make.MESSAGE else None
        segments = shown.part(part, self._heads)
        return None if segments is None else _cut(item, segments)

    def _chain(self, item: Item) -> list[Part]:
        """Return the parts from the message down to the one that is asked for; none where there is no such part."""
        shown = self._rendering
        if shown is None:
            return []
        return [shown.root] if not item.part else _locate(shown.root, item.part)


def _harmless(item: Item) -> bool:
    """Tell whether an item holds no attachment in any message."""
    return item.kind in (Kind.FACT, Kind.SIZE, Kind.STRUCTURE) or (item.kind is Kind.HEADER and not item.part)


def _locate(part: Part, section: bytes) -> list[Part]:
    if section == part.section:
        return [part]
    for inner in part.parts:
        found = _locate(inner, section)
        if found:
            return [part, *found]
    return []


def _head(item: Item, part: Part) -> bytes:
    """Return the section of the header that an item is about."""
    return part.head if item.of == b"MIME" or not part.parts else part.parts[0].head


def _plain(label: bytes) -> bytes:
    """Return a label so that two spellings of one are equal."""
    return label.upper().replace(b'"', b"")


def _cut(item: Item, segments: list[Segment]) -> Target:
    return Shown(item.label, cut(segments, *item.span) if item.span else segments)


def _rendering(size: Told, told: Told, language: str) -> Rendering | None:
    octets = int(size.value) if isinstance(size.value, bytes) and size.value.isdigit() else 0
    try:
        return Rendering(structure(told.value), octets, language)
    except Malformed:
        return None
