"""One transaction on the file: ``kernel.ports.Writer``, with the change log's numbers and the audit chain's end.

``Ledger`` holds both ends while a group of works is open, so that a work which is undone gives its numbers back.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from kernel.audit import Event, body_of, link
from kernel.clock import Clock
from kernel.ports import Value
from kernel.problems import Unavailable
from store.codec import Codec, codec
from store.sqlite.connect import translated
from store.sqlite.reading import SqliteReader

R = TypeVar("R")

SEAL = "the head of the chain"
"""What the head's own seal is made over, in place of an entry's body: no body looks like this."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where the change log and the audit chain end."""

    change: int
    entry: int
    hash: str


class SqliteWriter(SqliteReader):
    """Reads and writes inside the open transaction; sees its own writes.

    ``broken`` is the store's own failure, once there was one: then the transaction cannot be trusted, even if the work
    caught the exception.
    """

    def __init__(self, connection: sqlite3.Connection, audit_key: bytes, clock: Clock) -> None:
        super().__init__(connection)
        self._key = audit_key
        self._clock = clock
        self.broken: Unavailable | None = None
        self.ledger = self.ends()

    def ends(self) -> Ledger:
        """Read where both logs end, as the file has it now."""
        number, text = self.audit_head()
        return Ledger(self.last_change(), number, text)

    def put(self, record: object) -> None:
        known = codec(type(record))
        with self._translated():
            self._connection.execute(_upsert(known), known.row(record))

    def insert(self, record: object) -> None:
        known = codec(type(record))
        with self._translated():
            self._connection.execute(_insert(known), known.row(record))

    def take(self, kind: type[R], key: str) -> R | None:
        known = codec(kind)
        table = known.table
        rows = self._rows(f'DELETE FROM "{table.name}" WHERE "{table.key}" = ? RETURNING body', key)  # noqa: S608
        return known.record(rows[0][0]) if rows else None

    def note(self, handle: str) -> int:
        number = self.ledger.change + 1
        self._rows("INSERT INTO changes VALUES (?, ?, ?)", number, self._clock.now(), handle)
        self.ledger = Ledger(number, self.ledger.entry, self.ledger.hash)
        return number

    def log(self, event: Event) -> int:
        number, body = self.ledger.entry + 1, body_of(event)
        text = link(self._key, self.ledger.hash, number, body)
        self._rows(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(number, event.at, event.kind, event.user, event.user_id, event.device_id, event.reference, body, text),
        )
        self.ledger = Ledger(self.ledger.change, number, text)
        return number

    def seal(self, before: Ledger) -> None:
        """Write the chain's head for this group, if it moved since ``before``."""
        if self.ledger.entry == before.entry:
            return
        number, text = self.ledger.entry, self.ledger.hash
        self._rows("INSERT OR REPLACE INTO audit_head VALUES (1, ?, ?, ?)", number, text, seal(self._key, number, text))

    def _rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        with self._translated():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with translated():
                yield
        except Unavailable as fault:
            self.broken = fault
            raise


def seal(key: bytes, number: int, text: str) -> str:
    """Return the seal of a head, so that nobody without the key can move it to an earlier entry."""
    return link(key, text, number, SEAL)


def _insert(known: Codec[R]) -> str:
    names = ", ".join(f'"{name}"' for name in (*known.columns, "body"))
    marks = ", ".join("?" for _ in range(len(known.columns) + 1))
    return f'INSERT INTO "{known.table.name}" ({names}) VALUES ({marks})'  # noqa: S608


def _upsert(known: Codec[R]) -> str:
    """An upsert on the key alone: REPLACE would silently delete another record that holds the unique value."""
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in (*known.columns[1:], "body"))
    return f'{_insert(known)} ON CONFLICT ("{known.table.key}") DO UPDATE SET {sets}'
