"""The facts of a decision as plain data (JSON), and back: what a record keeps, so that it can be decided again exactly.

Driven by the fields of ``Facts``: a fact that is added there is kept without a word here, and what a person's or a
device's record says beyond facts (``LEFT_OUT``) is not kept. No secret is among it. Refuses to guess: data of another
format, or with a name that is not known here, is ``Unreadable``.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from operator import attrgetter
from typing import Any

import msgspec

from kernel.records.devices import Device, Signal
from kernel.records.people import User
from policies.facts import Facts

FORMAT = 1
"""Goes up when what a name means changes. Facts that come to exist later need no new format: to older records they are
unknown, as they were when the decision was made."""

VERSION = "v"
LEFT_OUT: Mapping[type, frozenset[str]] = {
    User: frozenset({"display_name", "language", "aliases", "created_at"}),
    Device: frozenset({"kind", "created_at", "last_seen_at", "note"}),
    Signal: frozenset({"by"}),
}
"""Fields that no condition of the language looks at."""

CAPACITY = 40_000
SIMPLE = frozenset({str, int, float, bool})

Plain = dict[str, Any]


class Unreadable(Exception):
    """Not a snapshot that this version can read; the message says why."""


def snapshot(facts: Facts, part: Callable[[User | Device], Plain] | None = None) -> Plain:
    """Return ``facts`` as plain data, without what has its default value.

    ``part`` turns a user or device into plain data; see ``Parts``.
    """
    kept: Plain = {VERSION: FORMAT}
    for value, (name, default) in zip(_VALUES(facts), _KEPT[Facts], strict=True):
        if value is default or value == default:
            continue
        if part is not None and isinstance(value, (User, Device)):
            kept[name] = part(value)
        else:
            kept[name] = plain(value)
    return kept


def restore(kept: Mapping[str, Any]) -> Facts:
    """Return the facts that ``snapshot`` was given.

    Raises:
        Unreadable: another format, a name that is not known here, or a value of the wrong type.
    """
    if kept.get(VERSION) != FORMAT:
        raise Unreadable("no snapshot" if VERSION not in kept else f"format {kept[VERSION]!r}"[:40])
    _known(Facts, kept, {VERSION})
    for kind, name in ((User, "user"), (Device, "device")):
        if isinstance(kept.get(name), Mapping):
            _known(kind, kept[name], set())
    try:
        return msgspec.convert(kept, Facts)
    except msgspec.ValidationError as fault:
        raise Unreadable(f"a damaged snapshot: {fault}") from fault


def plain(value: object) -> Any:
    """Return a record, or what one may hold, as plain data."""
    if type(value) in SIMPLE:
        return value
    kept = _KEPT.get(type(value))
    if kept is not None:
        pairs = ((name, getattr(value, name), default) for name, default in kept)
        return {name: plain(each) for name, each, default in pairs if each != default}
    if isinstance(value, Mapping):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(map(plain, value))
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value


class Parts:
    """Users and devices as plain data, each object's made once: many decisions stand on the same few."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._made: dict[int, tuple[object, Plain]] = {}

    def __call__(self, record: User | Device) -> Plain:
        """Return the plain form; nobody may change it. The record is kept alive, so that its identity is its own."""
        known = self._made.get(id(record))
        if known is not None:
            return known[1]
        made: Plain = plain(record)
        if len(self._made) >= self._capacity:
            self._made.clear()
        self._made[id(record)] = (record, made)
        return made


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _known(kind: type, kept: Mapping[str, Any], besides: set[str]) -> None:
    unknown = kept.keys() - _NAMES[kind] - besides
    if unknown:
        raise Unreadable(f"a fact that is not known here: {min(unknown)[:40]}")


_KEPT: Mapping[type, tuple[tuple[str, object], ...]] = {
    kind: tuple(
        (field.name, _default(field)) for field in fields(kind) if field.name not in LEFT_OUT.get(kind, frozenset())
    )
    for kind in (Facts, User, Device, Signal)
}
_VALUES: Callable[[Facts], tuple[object, ...]] = attrgetter(*(name for name, _ in _KEPT[Facts]))
_NAMES: Mapping[type, frozenset[str]] = {kind: frozenset(name for name, _ in kept) for kind, kept in _KEPT.items()}
