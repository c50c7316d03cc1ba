"""The chain's arithmetic: an event as canonical text, and the hash that ties an entry to the one before it."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from msgspec.structs import fields

from kernel.audit.events import EVENTS, Event

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain: ``hash`` covers ``number``, ``body`` and the hash before it."""

    number: int
    kind: str
    body: str
    hash: str

    @property
    def fields(self) -> dict[str, Any]:
        """Return the event's fields as plain values."""
        decoded: dict[str, Any] = json.loads(self.body)
        return decoded


def body_of(event: Event) -> str:
    """Return the event as canonical JSON text: sorted keys, no spaces, ASCII only (control characters are
    escaped)."""
    names, values = _FIELDS[type(event)]
    return _JSON.encode({"kind": event.kind, **dict(zip(names, values(event), strict=True))})


def link(key: bytes, previous: str, number: int, body: str) -> str:
    """Return the hex HMAC-SHA-256 that ties an entry to the one before it."""
    return hmac.digest(key, f"{previous}\n{number}\n{body}".encode(), "sha256").hex()


def _plain(value: object) -> object:
    if isinstance(value, (frozenset, set)):
        return sorted(str(item) for item in value)
    raise TypeError(f"an audit event cannot hold a {type(value).__name__}")


def _reading(kind: type[Event]) -> tuple[tuple[str, ...], Callable[[Event], tuple[object, ...]]]:
    names = tuple(each.name for each in fields(kind))
    return names, attrgetter(*names)


_FIELDS = {kind: _reading(kind) for kind in EVENTS.values()}
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain)
