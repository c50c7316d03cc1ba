"""The SQLite store passes the suite, and keeps its promises when the chain is tampered with."""

import sqlite3
from pathlib import Path

import pytest

from kernel.audit import Decided, UserChanged
from kernel.clock import SetClock
from kernel.problems import Refused, Unavailable
from kernel.records.people import User
from store.sqlite import SqliteStore, schema, verify_audit
from tests.store.conformance import KEY, Backend, StoreConformance, person


class SqliteBackend:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "gatepost.db"
        self.clock = SetClock()

    def open(self) -> SqliteStore:
        return SqliteStore.open(self.path, KEY, self.clock)

    def verdict(self) -> tuple[int, str]:
        verdict = verify_audit(self.path, KEY)
        return verdict.entries, verdict.fault

    def tamper(self, *statements: str) -> None:
        connection = sqlite3.connect(self.path)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()


class TestSqlite(StoreConformance):
    @pytest.fixture
    def backend(self, tmp_path: Path) -> Backend:
        return SqliteBackend(tmp_path)


@pytest.fixture
async def chain(tmp_path: Path) -> SqliteBackend:
    """Five entries, closed."""
    backend = SqliteBackend(tmp_path)
    store = backend.open()
    for number in range(1, 6):
        await store.write(lambda tx, n=number: tx.log(UserChanged(at=float(n), act="made", user=f"user{n}")))  # type: ignore[misc]
    await store.close()
    assert backend.verdict() == (5, "")
    return backend


SWAP = (
    "UPDATE audit SET number = -3 WHERE number = 3",
    "UPDATE audit SET number = 3 WHERE number = 4",
    "UPDATE audit SET number = 4 WHERE number = -3",
)
CUT = ("DELETE FROM audit WHERE number > 3",)
MOVED_HEAD = (*CUT, "UPDATE audit_head SET number = 3, hash = (SELECT hash FROM audit WHERE number = 3)")


@pytest.mark.parametrize(
    ("statements", "holds", "fault"),
    [
        (("UPDATE audit SET body = replace(body, 'user3', 'user9') WHERE number = 3",), 2, "entry 3 was changed"),
        (("UPDATE audit SET user = 'mallory' WHERE number = 3",), 2, "entry 3 was changed"),
        (("UPDATE audit SET hash = (SELECT hash FROM audit WHERE number = 2) WHERE number = 4",), 3, "entry 4"),
        (("DELETE FROM audit WHERE number = 3",), 2, "entry 3 is missing"),
        (("DELETE FROM audit WHERE number = 1",), 0, "entry 1 is missing"),
        (SWAP, 2, "entry 3 was changed, or stands in the wrong place"),
        (CUT, 3, "entries 4 to 5 are missing: the tail was cut"),
        (MOVED_HEAD, 3, "the head of the chain was changed"),
        (("DELETE FROM audit", "DELETE FROM audit_head"), 0, "entries 1 to 5 are missing: the tail was cut"),
        (("DELETE FROM audit_head",), 5, "entry 5 is not the head"),
    ],
)
async def test_tampering_is_named(chain: SqliteBackend, statements: tuple[str, ...], holds: int, fault: str) -> None:
    chain.tamper(*statements)
    good, found = chain.verdict()
    assert good == holds and fault in found


async def test_one_flipped_byte_in_the_file_is_found(chain: SqliteBackend) -> None:
    octets = bytearray(chain.path.read_bytes())
    spot = octets.index(b'"user":"user4"') + 12
    octets[spot] ^= 1
    chain.path.write_bytes(octets)
    good, fault = chain.verdict()
    assert good < 5 and fault


async def test_an_older_copy_put_back_is_found(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path)
    store = backend.open()
    await store.write(lambda tx: tx.log(UserChanged(at=1.0, act="made")))
    await store.close()
    yesterday = backend.path.read_bytes()
    store = backend.open()
    await store.write(lambda tx: tx.log(UserChanged(at=2.0, act="disabled")))
    await store.close()
    backend.path.write_bytes(yesterday)
    assert backend.verdict() == (1, "entries 2 to 2 are missing: the tail was cut")


async def test_another_key_verifies_nothing(chain: SqliteBackend) -> None:
    assert verify_audit(chain.path, b"another key").fault


def test_verifying_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        verify_audit(tmp_path / "absent.db", KEY)


def test_a_foreign_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(Refused, match="something else"):
        SqliteStore.open(path, KEY, SetClock())
    assert sqlite3.connect(path).execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]


async def test_a_newer_versions_file_is_refused(chain: SqliteBackend) -> None:
    chain.tamper("INSERT INTO migrations VALUES (999, 'tomorrow', 0)")
    with pytest.raises(Refused, match="newer version"):
        chain.open()


async def test_an_older_versions_file_is_migrated_with_all_that_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = SqliteBackend(tmp_path)
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        store = backend.open()
        old = Decided(at=5.0, session="s", service="imap", outcome="allow", rule="r", revision=1)
        await store.write(lambda tx: tx.log(old))
        await store.close()
    store = backend.open()
    assert [entry.number for entry in await store.read(lambda tx: tx.decided(0.0))] == [1]
    await store.close()
    assert backend.verdict() == (1, "")
    with sqlite3.connect(backend.path) as file:
        made = file.execute("SELECT name FROM migrations ORDER BY number").fetchall()
    file.close()
    assert made == [(name,) for _, name, _ in schema.MIGRATIONS]


async def test_a_newly_listed_field_is_filled_from_the_bodies(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path)
    store = backend.open()
    await store.write(lambda tx: tx.put(person(1)))
    await store.close()
    backend.tamper("DROP INDEX users_email", "ALTER TABLE users DROP COLUMN email")
    store = backend.open()
    assert await store.read(lambda tx: tx.find(User, email="user1@example.com")) == (person(1),)
    await store.close()


async def test_its_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path)
    store = backend.open()
    await store.write(lambda tx: tx.log(UserChanged(at=1.0, act="made")))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("gatepost.db", "gatepost.db-wal", "gatepost.db-shm", "gatepost.db-head"), 0o600)
    await store.close()


def test_a_path_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        SqliteStore.open(tmp_path / "absent" / "gatepost.db", KEY, SetClock())
