"""How a record becomes a row and back: its key and listed fields as columns, the whole of it as one msgpack body.

Refuses kinds that ``kernel.tables`` does not list. Fields added to a record later take their default in old bodies;
fields that we no longer know are ignored, so that an older version can read what a newer one wrote.
"""

from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec

from kernel.ports import Value
from kernel.tables import TABLES

R = TypeVar("R")

_ENCODER = msgspec.msgpack.Encoder()


class Codec(Generic[R]):
    """Knows one kind of record: its table, its columns, its body."""

    def __init__(self, kind: type[R]) -> None:
        if kind not in TABLES:
            raise LookupError(f"{kind.__name__} is not a stored kind")
        self.kind = kind
        self.table = TABLES[kind]
        self.columns = tuple(dict.fromkeys((self.table.key, *self.table.unique, *self.table.indexed)))
        self._decoder = msgspec.msgpack.Decoder(kind)

    def row(self, record: R) -> tuple[Value | bytes, ...]:
        """Return the values of ``columns`` and then the body."""
        listed = (plain(getattr(record, name)) for name in self.columns)
        return (*listed, _ENCODER.encode(record))

    def record(self, body: bytes) -> R:
        """Return the record that ``body`` holds, equal to what was put."""
        return self._decoder.decode(body)

    def listed(self, name: str) -> str:
        """Return ``name`` if records may be found by it.

        Raises:
            LookupError: ``kernel.tables`` does not list it.
        """
        if name not in self.columns:
            raise LookupError(f"{self.kind.__name__} cannot be found by {name}; only by {', '.join(self.columns)}")
        return name


_CODECS: dict[type, Codec[Any]] = {}


def codec(kind: type[R]) -> Codec[R]:
    """Return the codec of a kind, made once.

    Raises:
        LookupError: it is not a stored kind.
    """
    found = _CODECS.get(kind)
    if found is None:
        found = _CODECS[kind] = Codec(kind)
    return found


def plain(value: object) -> Value:
    """Return a column's value for a field: enums by their value, truth as 0 or 1."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"a column cannot hold a {type(value).__name__}")
