"""A FETCH that asks for sizes, and for nothing that could hold an attachment: each size is told as the message will be
shown. Pure.

The structure is asked for beside the size, and not shown unless it was asked for.
"""

import re

from proxy.gateways.imap.inspection.errands import Errand
from proxy.gateways.imap.inspection.items import Fetch, Kind
from proxy.gateways.imap.inspection.rendering import Rendering
from proxy.gateways.imap.inspection.structure import structure
from proxy.gateways.imap.inspection.values import Item, Malformed, items

HEAD = re.compile(rb"\* (\d{1,10}) FETCH ", re.IGNORECASE)
SIZE, STRUCTURE = b"RFC822.SIZE", b"BODYSTRUCTURE"


class Sizing(Errand):
    """One such FETCH, passed on with one item more."""

    __slots__ = ("_asked", "_fetch_asked", "_language")

    def __init__(self, fetch: Fetch, by_uid: bool, language: str) -> None:
        super().__init__(by_uid)
        self._fetch_asked = fetch
        self._asked = fetch.asks(Kind.STRUCTURE)
        self._language = language

    def begin(self) -> None:
        fetch = self._fetch_asked
        wanted = [item.raw for item in fetch.items if item.kind is not Kind.STRUCTURE]
        self._fetch(fetch.numbers, [STRUCTURE, *wanted], self._ended, fetch.changed)

    def _ended(self, done: bool) -> None:
        self.over, self.refused = True, not done

    def _grown(self, raw: bytes) -> None:
        """It holds a header beyond all measure: what is known of it is told as it is."""
        self.midway = True
        self._gathered = bytearray()
        self._say(raw)

    def _response(self, raw: bytes) -> None:
        self._say(raw if self.midway else resized(raw, self._asked, self._language))
        self.midway = False


def resized(raw: bytes, structured: bool, language: str) -> bytes:
    """Return a FETCH response with the size of the message as it is shown; its structure, if it is ``structured``."""
    head = HEAD.match(raw)
    try:
        told = items(raw, head.end()) if head else []
    except Malformed:
        told = []
    found = {item.name: item for item in told}
    if SIZE not in found or STRUCTURE not in found:
        return raw
    size = size_of(found[SIZE], found[STRUCTURE], language)
    shown = [
        b"RFC822.SIZE %d" % size if item.name == SIZE else raw[item.begin : item.end]
        for item in told
        if structured or item.name != STRUCTURE
    ]
    return raw[: head.end()] + b"(%b)\r\n" % b" ".join(shown) if head else raw


def size_of(size: Item, told: Item, language: str) -> int:
    """Return the size of a message as it is shown; as it is, where its structure cannot be understood."""
    octets = int(size.value) if isinstance(size.value, bytes) and size.value.isdigit() else 0
    try:
        return Rendering(structure(told.value), octets, language).size
    except Malformed:
        return octets
