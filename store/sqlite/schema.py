"""The shape of the database file: numbered migrations for what is ours, and noun tables kept in step with the kernel.

``kernel.tables`` is the only list of nouns: a new noun gets its table, a newly listed field its column (filled from
the bodies) and its index, when the file is next opened. Refuses a file that a newer version has migrated further.
"""

import sqlite3
from collections.abc import Callable

from kernel.problems import Refused
from kernel.tables import TABLES
from store.codec import Codec, codec

MAGIC = 0x47415445
"""``PRAGMA application_id``: says that a file is a Gatepost store ("GATE")."""


def _chronicle(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE changes (number INTEGER PRIMARY KEY, at REAL NOT NULL, handle TEXT NOT NULL)")
    connection.execute(
        "CREATE TABLE audit (number INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, user TEXT NOT NULL,"
        " user_id TEXT NOT NULL, device_id TEXT NOT NULL, reference TEXT NOT NULL, body TEXT NOT NULL,"
        " hash TEXT NOT NULL)"
    )
    for column in ("kind", "user", "user_id", "device_id", "reference"):
        connection.execute(f"CREATE INDEX audit_{column} ON audit ({column}, number) WHERE {column} <> ''")
    connection.execute(
        "CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL,"
        " hash TEXT NOT NULL, seal TEXT NOT NULL)"
    )


def _decisions(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE INDEX audit_decided ON audit (at) WHERE kind = 'decided'")


Step = Callable[[sqlite3.Connection], None]

MIGRATIONS: tuple[tuple[int, str, Step], ...] = (
    (1, "change log and audit", _chronicle),
    (2, "decisions by moment", _decisions),
)
"""Every step there ever was, in order; a step that has been released is never edited."""


def prepare(connection: sqlite3.Connection, now: float) -> None:
    """Bring the file up to this version, in one transaction.

    Raises:
        Refused: the file is not ours, or comes from a newer version.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        _claim(connection)
        _migrate(connection, now)
        for kind in TABLES:
            _shape(connection, codec(kind))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _claim(connection: sqlite3.Connection) -> None:
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if mark != MAGIC and tables:
        raise Refused("this file is a database of something else; name another path")
    if mark != MAGIC:
        connection.execute(f"PRAGMA application_id = {MAGIC}")


def _migrate(connection: sqlite3.Connection, now: float) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, at REAL NOT NULL)"
    )
    (reached,) = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
    if reached > MIGRATIONS[-1][0]:
        raise Refused("this store was written by a newer version of Gatepost; upgrade this one")
    for number, name, step in MIGRATIONS:
        if number > reached:
            step(connection)
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, name, now))


def _shape(connection: sqlite3.Connection, kind: Codec[object]) -> None:
    table, key = kind.table.name, kind.table.key
    others = [name for name in kind.columns if name != key]
    connection.execute(
        f'CREATE TABLE IF NOT EXISTS "{table}" ("{key}" TEXT PRIMARY KEY NOT NULL, '
        + "".join(f'"{name}", ' for name in others)
        + "body BLOB NOT NULL) WITHOUT ROWID"
    )
    present = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
    missing = [name for name in others if name not in present]
    for name in missing:
        connection.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}"')
    if missing:
        _refill(connection, kind)
    _index(connection, kind)


def _refill(connection: sqlite3.Connection, kind: Codec[object]) -> None:
    table, key = kind.table.name, kind.table.key
    sets = ", ".join(f'"{name}" = ?' for name in kind.columns)
    for stored, body in connection.execute(f'SELECT "{key}", body FROM "{table}"').fetchall():  # noqa: S608
        *values, _ = kind.row(kind.record(body))
        connection.execute(f'UPDATE "{table}" SET {sets} WHERE "{key}" = ?', (*values, stored))  # noqa: S608


def _index(connection: sqlite3.Connection, kind: Codec[object]) -> None:
    table, key = kind.table.name, kind.table.key
    for name in kind.table.unique:
        connection.execute(
            f'CREATE UNIQUE INDEX IF NOT EXISTS "{table}_{name}" ON "{table}" ("{name}") WHERE "{name}" <> \'\''
        )
    for name in kind.table.indexed:
        connection.execute(f'CREATE INDEX IF NOT EXISTS "{table}_{name}" ON "{table}" ("{name}", "{key}")')
