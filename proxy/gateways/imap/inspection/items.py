"""What a FETCH asks for (RFC 9051, section 6.4.5; RFC 3516, RFC 7162). Pure.

Every item that is known is here; whoever asks for another one is asked to do without.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

_SPAN = rb"(?:[1-9]\d{0,9}|\*)(?::(?:[1-9]\d{0,9}|\*))?"
_NUMBERS = re.compile(rb"(\$|" + _SPAN + rb"(?:," + _SPAN + rb")*) ")
_CHANGED = re.compile(rb" \(CHANGEDSINCE \d{1,20}(?: VANISHED)?\)\Z", re.IGNORECASE)
_NAME = rb'(?:[^\x00-\x20()"{\x7f\]]+|"(?:[^"\\\r\n]|\\["\\])*")'
_SECTION = re.compile(
    rb"(BODY|BINARY)(\.PEEK|\.SIZE)?"
    rb"\[([1-9]\d{0,3}(?:\.[1-9]\d{0,3}){0,40})?(?:(?:(?<=\d)\.)?"
    rb"(HEADER\.FIELDS(?:\.NOT)? \(" + _NAME + rb"(?: " + _NAME + rb")*\)|HEADER|TEXT|MIME))?\]"
    rb"(?:<(\d{1,10})\.(\d{1,10})>)?",
    re.IGNORECASE,
)
_WORD = re.compile(rb"[A-Za-z0-9.\-]+")


class Kind(Enum):
    """What an item shows: facts about the message; its size; its structure; of its header; of its body, which may be
    of attachments; of a part's body without its encoding; the size of that."""

    FACT = "fact"
    SIZE = "size"
    STRUCTURE = "structure"
    HEADER = "header"
    BODY = "body"
    BINARY = "binary"
    BINARY_SIZE = "binary size"


class Item(NamedTuple):
    """One item. ``raw``: as it was asked for. ``part``: whose, in numbers (empty: the message's), ``of``: what of it
    (empty: all, TEXT, MIME or HEADER ...); ``label``: how the answer calls it. ``span``: origin and count of a partial
    one. ``marks``: it marks the message as seen."""

    kind: Kind
    raw: bytes
    part: bytes = b""
    of: bytes = b""
    label: bytes = b""
    span: tuple[int, int] | None = None
    marks: bool = False


class Fetch(NamedTuple):
    """A whole FETCH: of which messages, what, and only of those that changed since (as it was written)."""

    numbers: bytes
    items: tuple[Item, ...]
    changed: bytes = b""

    def asks(self, *kinds: Kind) -> bool:
        """Tell whether there is an item of one of these kinds."""
        return any(item.kind in kinds for item in self.items)


class Unknown(ValueError):
    """There is an item that is not known, or no syntax."""


_FACTS = ("UID", "FLAGS", "INTERNALDATE", "ENVELOPE", "BODY", "MODSEQ", "EMAILID", "THREADID", "SAVEDATE")
_WORDS: Mapping[bytes, Item] = {
    **{word.encode(): Item(Kind.FACT, word.encode()) for word in (*_FACTS, "X-GM-MSGID", "X-GM-THRID", "X-GM-LABELS")},
    b"RFC822.SIZE": Item(Kind.SIZE, b"RFC822.SIZE"),
    b"BODYSTRUCTURE": Item(Kind.STRUCTURE, b"BODYSTRUCTURE"),
    b"RFC822": Item(Kind.BODY, b"RFC822", label=b"RFC822", marks=True),
    b"RFC822.TEXT": Item(Kind.BODY, b"RFC822.TEXT", of=b"TEXT", label=b"RFC822.TEXT", marks=True),
    b"RFC822.HEADER": Item(Kind.HEADER, b"RFC822.HEADER", of=b"HEADER", label=b"RFC822.HEADER"),
}
_FAST = (b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE")
_MACROS: Mapping[bytes, tuple[bytes, ...]] = {
    b"FAST": _FAST,
    b"ALL": (*_FAST, b"ENVELOPE"),
    b"FULL": (*_FAST, b"ENVELOPE", b"BODY"),
}


def read(arguments: bytes) -> Fetch:
    """Read what follows the verb, without the CR LF.

    Raises:
        Unknown: an item is not known; or this has no syntax, or a literal.
    """
    numbers = _NUMBERS.match(arguments)
    if numbers is None:
        raise Unknown("no messages")
    changed = _CHANGED.search(arguments)
    text = arguments[numbers.end() : changed.start() if changed else len(arguments)]
    items = _items(text)
    if changed and not any(item.raw == b"MODSEQ" for item in items):
        items = (*items, _WORDS[b"MODSEQ"])
    return Fetch(numbers[1], items, changed[0] if changed else b"")


def _items(text: bytes) -> tuple[Item, ...]:
    macro = _MACROS.get(text.upper())
    if macro is not None:
        return tuple(_WORDS[word] for word in macro)
    if text[:1] == b"(" and text[-1:] == b")":
        text = text[1:-1]
    elif b" " in text and b"[" not in text:
        raise Unknown("a list without parentheses")
    found: list[Item] = []
    at = 0
    while at < len(text):
        item, at = _item(text, at)
        found.append(item)
        if at < len(text):
            if text[at : at + 1] != b" ":
                raise Unknown("no list")
            at += 1
    if not found:
        raise Unknown("nothing asked for")
    return tuple(found)


def _item(text: bytes, at: int) -> tuple[Item, int]:
    section = _SECTION.match(text, at)
    if section is not None:
        return _of_section(section), section.end()
    word = _WORD.match(text, at)
    item = _WORDS.get(word[0].upper()) if word else None
    if word is None or item is None:
        raise Unknown("an item that is not known")
    return item, word.end()


def _of_section(found: re.Match[bytes]) -> Item:
    name, how = found[1].upper(), (found[2] or b"").upper()
    part, of = found[3] or b"", (found[4] or b"").upper()
    span = (int(found[5]), int(found[6])) if found[5] else None
    origin = b"<%d>" % span[0] if span else b""
    inside = found[0][found[0].index(b"[") : found[0].rindex(b"]") + 1]
    label = name + (how if how == b".SIZE" else b"") + inside + origin
    if name == b"BINARY":
        if of or not part or (how == b".SIZE" and span):
            raise Unknown("no part")
        kind = Kind.BINARY_SIZE if how == b".SIZE" else Kind.BINARY
        return Item(kind, found[0], part, of, label, span, not how)
    if how == b".SIZE" or (of == b"MIME" and not part) or (part and of and b"." + found[4] not in inside):
        raise Unknown("no section")
    kind = Kind.HEADER if of.startswith((b"HEADER", b"MIME")) else Kind.BODY
    return Item(kind, found[0], part, of, label, span, not how)
