"""A consistent view of the file: ``kernel.ports.Reader`` over one SQLite connection that is inside a transaction."""

import json
import math
import sqlite3
from collections.abc import Sequence
from typing import Any, TypeVar

from kernel.audit import GENESIS, Entry
from kernel.ports import Value
from kernel.records.changes import Change
from store.codec import codec, plain
from store.sqlite.connect import translated

R = TypeVar("R")

# SQL here is put together from names that kernel.tables lists, never from values: hence the exemptions from S608.


class SqliteReader:
    """Looks; never writes. Every method raises ``Unavailable`` when the file cannot be read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, kind: type[R], key: str) -> R | None:
        known = codec(kind)
        rows = self._rows(f'SELECT body FROM "{known.table.name}" WHERE "{known.table.key}" = ?', key)  # noqa: S608
        return known.record(rows[0][0]) if rows else None

    def find(self, kind: type[R], *, limit: int = 1000, after: str = "", **equals: Value) -> Sequence[R]:
        known = codec(kind)
        key = known.table.key
        terms = [f'"{known.listed(name)}" = ?' for name in equals]
        values: list[Value] = [plain(value) for value in equals.values()]
        if after:
            terms.append(f'"{key}" > ?')
            values.append(after)
        where = " AND ".join(terms) or "1"
        rows = self._rows(
            f'SELECT body FROM "{known.table.name}" WHERE {where} ORDER BY "{key}" LIMIT ?',  # noqa: S608
            *values,
            max(limit, 0),
        )
        return tuple(known.record(body) for (body,) in rows)

    def below(self, kind: type[R], field: str, bound: float, *, limit: int = 1000) -> Sequence[R]:
        known = codec(kind)
        name = known.listed(field)
        rows = self._rows(
            f'SELECT body FROM "{known.table.name}" WHERE "{name}" < ? ORDER BY "{name}", "{known.table.key}" LIMIT ?',  # noqa: S608
            bound,
            max(limit, 0),
        )
        return tuple(known.record(body) for (body,) in rows)

    def count(self, kind: type[R], **equals: Value) -> int:
        known = codec(kind)
        where = " AND ".join(f'"{known.listed(name)}" = ?' for name in equals) or "1"
        values = [plain(value) for value in equals.values()]
        rows = self._rows(f'SELECT count(*) FROM "{known.table.name}" WHERE {where}', *values)  # noqa: S608
        return int(rows[0][0])

    def changes(self, since: int, limit: int = 1000) -> Sequence[Change]:
        rows = self._rows(
            "SELECT number, at, handle FROM changes WHERE number > ? ORDER BY number LIMIT ?", since, max(limit, 0)
        )
        return tuple(Change(*row) for row in rows)

    def last_change(self) -> int:
        return int(self._rows("SELECT coalesce(max(number), 0) FROM changes")[0][0])

    def audit(self, since: int, limit: int = 1000) -> Sequence[Entry]:
        rows = self._rows(
            "SELECT number, kind, body, hash FROM audit WHERE number > ? ORDER BY number LIMIT ?", since, max(limit, 0)
        )
        return tuple(Entry(*row) for row in rows)

    def audit_search(
        self,
        *,
        user: str = "",
        device: str = "",
        kind: str = "",
        reference: str = "",
        text: str = "",
        before: int = 0,
        limit: int = 100,
    ) -> Sequence[Entry]:
        """As the port says; ``user`` is a name or an id, ``text`` any part of the event, capitals or not (ASCII)."""
        conditions: list[tuple[str, tuple[Value, ...]]] = []
        if user:
            conditions.append(("(user = ? AND user <> '' OR user_id = ? AND user_id <> '')", (user, user)))
        for column, value in (("device_id", device), ("kind", kind), ("reference", reference)):
            if value:
                conditions.append((f"({column} = ? AND {column} <> '')", (value,)))
        if text:
            conditions.append(("body LIKE ? ESCAPE '!'", (_pattern(text),)))
        if before:
            conditions.append(("number < ?", (before,)))
        where = " AND ".join(term for term, _ in conditions) or "1"
        rows = self._rows(
            f"SELECT number, kind, body, hash FROM audit WHERE {where} ORDER BY number DESC LIMIT ?",  # noqa: S608
            *(value for _, values in conditions for value in values),
            max(limit, 0),
        )
        return tuple(Entry(*row) for row in rows)

    def decided(self, since: float, *, before: tuple[float, int] | None = None, limit: int = 1000) -> Sequence[Entry]:
        rows = self._rows(
            "SELECT number, kind, body, hash FROM audit WHERE kind = 'decided' AND at >= ? AND (at, number) < (?, ?)"
            " ORDER BY at DESC, number DESC LIMIT ?",
            *(since, *(before or (math.inf, 0)), max(limit, 0)),
        )
        return tuple(Entry(*row) for row in rows)

    def count_decided(self, since: float) -> int:
        return int(self._rows("SELECT count(*) FROM audit WHERE kind = 'decided' AND at >= ?", since)[0][0])

    def audit_head(self) -> tuple[int, str]:
        rows = self._rows("SELECT number, hash FROM audit_head WHERE one = 1")
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, GENESIS)

    def _rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        with translated():
            return self._connection.execute(sql, values).fetchall()


def _pattern(text: str) -> str:
    """Return the LIKE pattern for ``text`` as it stands inside canonical JSON, where it is escaped to ASCII."""
    escaped = json.dumps(text)[1:-1]
    for special in "!%_":
        escaped = escaped.replace(special, "!" + special)
    return f"%{escaped}%"
