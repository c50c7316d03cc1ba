"""What could stand where somebody is typing: keys, values and names, each with a word on what it is.

Names of this installation (groups, users, services ...) and of the document (networks, postures) are handed in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.conditions import LEAVES
from policies.editing.caret import ITEM, Caret, Role, caret_at
from policies.editing.shape import CONDITIONS, ENDINGS, ORDERS, OUTCOME, POSTURE_KEYS, ZONE, Control, Row
from policies.editing.writing import word
from policies.language import FLAGS
from policies.rules import NEVER_KEYS
from policies.vocabulary import PLATFORMS

MOST: Final = 60

Names = Mapping[str, Sequence[tuple[str, str]]]
"""By source (``groups``, ``users``, ``services``, ``networks``, ``postures``, ``countries``, ``zones``): each name, and
something about it for people."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Put ``text`` in place of what is typed. ``name`` is what it is called, ``about`` says more, ``kind`` where it
    comes from: ``key``, ``word``, or a source of names."""

    name: str
    text: str
    kind: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What could replace the text from ``start`` (in characters) up to the caret."""

    start: int
    typed: str
    offers: tuple[Offer, ...]


def offers_at(text: str, place: int, names: Names) -> Offers:
    """Return what could stand at a place, best first, at most ``MOST``."""
    caret = caret_at(text, place)
    if caret is None:
        return Offers(place, "", ())
    found = _fitting(_possible(caret, names), caret)
    return Offers(caret.start, caret.typed, tuple(found[:MOST]))


def _fitting(offers: Iterable[Offer], caret: Caret) -> list[Offer]:
    """Keep what has the typed letters in its name or its description; what begins with them comes first."""
    wanted = caret.typed.casefold()
    ranked = []
    for place, offer in enumerate(offers):
        name, about = offer.name.casefold(), offer.about.casefold()
        if offer.name in caret.taken and offer.name != caret.typed:
            continue
        rank = 0 if name.startswith(wanted) else 1 if wanted in name else 2 if wanted and wanted in about else 3
        if rank < 3:
            ranked.append((rank, place, offer))
    return [offer for _, _, offer in sorted(ranked, key=lambda each: each[:2])]


def _possible(caret: Caret, names: Names) -> list[Offer]:
    path = caret.path
    if path[-1:] == (ITEM,) and path[:-1] not in (("rules",), ("never",)):
        path = path[:-1]  # an item of a list of words is a value of the list's key
    keys = _keys(path)
    if keys and caret.role is not Role.VALUE:
        return [Offer(key, _key(key, caret), "key") for key in keys]
    if path in (("rules",), ("never",)) and not caret.flow:
        return [Offer("name", "- name: ", "key")]
    row = ROWS.get(_inner(path))
    if row is not None:
        return _values(row, names)
    if path[:1] == ("postures",) and path[-1] in FLAGS:
        return [Offer(each, each, "word") for each in ("true", "false")]
    return []


def _keys(path: tuple[str, ...]) -> Sequence[str]:
    if not path:
        return ORDERS["/"]
    if path == ("rules", ITEM):
        return [key for key in ORDERS[""] if key != "outcome"]
    if path == ("never", ITEM):
        return [key for key in ORDERS[""] if key in NEVER_KEYS]
    if path[0] == "postures":
        return POSTURE_KEYS if len(path) == 2 else PLATFORMS if path[2:] == ("os",) else ()
    inner = _inner(path)
    if len(inner) == 1 and inner[0] in (*LEAVES, "require", "limits", "say"):
        return ORDERS[inner[0]]
    return ()


def _inner(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path inside a rule."""
    return path[2:] if path[:2] in (("rules", ITEM), ("never", ITEM)) else ("",)


ROWS: Final[Mapping[tuple[str, ...], Row]] = {row.path: row for each in CONDITIONS for row in (each, each.negated)} | {
    row.path: row for row in (*ENDINGS, OUTCOME, ZONE)
}

EXAMPLES: Final = {
    "when.between": ('"07:00-22:00"', '"09:00-18:00"'),
    "signin.age": ("1h", "12h", "7d"),
    "require.within": ("15m", "1h", "12h"),
    "limits.session": ("1h", "8h", "12h"),
    "limits.idle": ("10m", "30m", "1h"),
    "limits.download": ("200MB/1h", "1GB/1d"),
}


def _values(row: Row, names: Names) -> list[Offer]:
    if row.control is Control.NAMES:
        return [Offer(name, word(name), row.source, about) for name, about in names.get(row.source, ())]
    known = row.choices if row.control is not Control.LINE else ()
    positive = row.name.replace("not_", "")
    return [Offer(each, each, "word") for each in (*known, *EXAMPLES.get(positive, ()))]


def _key(key: str, caret: Caret) -> str:
    """Return a key as it is written where it stands: what holds a table is opened."""
    if key in ("rules", "never") and not caret.path:
        return f"{key}:\n  - name: "
    if key in ("networks", "postures") and not caret.path:
        return f"{key}:\n  "
    return f"{key}: "
