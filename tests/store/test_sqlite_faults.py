"""What the SQLite store does when it is killed, when the disk is full, and when another process holds the lock."""

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kernel.audit import UserChanged
from kernel.clock import SetClock
from kernel.ports import Writer
from kernel.problems import Unavailable
from kernel.records.credentials import FailureCount
from kernel.records.people import User
from store.sqlite import SqliteStore, verify_audit
from tests.store.conformance import KEY, person

ROOT = Path(__file__).parents[2]


def start_writer(path: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.crash_writer", str(path), KEY.hex(), name],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def acknowledged_until_killed(writer: "subprocess.Popen[str]", lines: int) -> dict[str, int]:
    """Read ``lines`` acknowledgements, kill -9, read what else had been said."""
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(lines)]
    writer.send_signal(signal.SIGKILL)
    said += [line for line in writer.stdout.readlines() if line.endswith("\n")]
    writer.stdout.close()
    assert writer.wait() == -signal.SIGKILL
    return {line.split()[0]: int(line.split()[1]) for line in said}


async def test_killed_in_the_midst_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "gatepost.db"
    acknowledged: dict[str, int] = {}
    for name, lines in (("a", 40), ("b", 150)):
        acknowledged |= acknowledged_until_killed(start_writer(path, name), lines)
    assert len(acknowledged) >= 190
    store = SqliteStore.open(path, KEY, SetClock())
    kept = await store.read(lambda tx: {count.key for count in tx.find(FailureCount, limit=10**6)})
    changes = await store.read(lambda tx: tx.changes(0, limit=10**6))
    await store.close()
    by_number = {change.number: change.handle for change in changes}
    assert set(acknowledged) <= kept
    assert all(by_number[number] == f"user:{key}" for key, number in acknowledged.items())
    # all or nothing: records, changes and audit entries are of the very same works, and the chain holds
    assert {handle.removeprefix("user:") for handle in by_number.values()} == kept
    assert [change.number for change in changes] == list(range(1, len(kept) + 1))
    verdict = verify_audit(path, KEY)
    assert (verdict.entries, verdict.fault) == (len(kept), "")
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@contextmanager
def files_no_larger_than(octets: int) -> Iterator[None]:
    """Let the system refuse writes past ``octets``, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_when_the_disk_is_full_nothing_is_kept_and_it_recovers(tmp_path: Path) -> None:
    path = tmp_path / "gatepost.db"
    store = SqliteStore.open(path, KEY, SetClock())

    def work(tx: Writer) -> None:
        tx.put(person(2, display_name="x" * 4_000_000))
        tx.note("user:u_0002")
        tx.log(UserChanged(at=1.0, act="made", user="user2"))

    await store.write(lambda tx: tx.put(person(1)))
    with files_no_larger_than(1_000_000):
        with pytest.raises(Unavailable):
            await store.write(work)
        assert await store.read(lambda tx: tx.get(User, "u_0001")) == person(1)
    assert await store.read(lambda tx: (tx.get(User, "u_0002"), tx.last_change(), tx.audit_head()[0])) == (None, 0, 0)
    await store.write(work)
    assert await store.read(lambda tx: (tx.count(User), tx.last_change(), tx.audit_head()[0])) == (2, 1, 1)
    await store.close()
    assert verify_audit(path, KEY).fault == ""


async def test_a_work_that_swallows_the_stores_failure_is_still_refused(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "gatepost.db", KEY, SetClock())

    def work(tx: Writer) -> str:
        tx.put(person(1))
        with pytest.raises(Unavailable):
            tx.put(person(2, display_name="x" * 40_000_000))
        return "done"

    with files_no_larger_than(1_000_000), pytest.raises(Unavailable):
        await store.write(work)
    assert await store.read(lambda tx: tx.count(User)) == 0
    await store.close()


async def test_while_another_process_holds_the_lock_writing_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "gatepost.db"
    store = SqliteStore.open(path, KEY, SetClock(), patience=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = await asyncio.gather(
        *(store.write(lambda tx, n=n: tx.put(person(n))) for n in range(3)),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert all(isinstance(answer, Unavailable) for answer in refused)
    assert await store.read(lambda tx: tx.count(User)) == 0
    other.execute("ROLLBACK")
    await store.write(lambda tx: tx.put(person(1)))
    assert await store.read(lambda tx: tx.count(User)) == 1
    other.close()
    await store.close()


async def test_a_search_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore.open(tmp_path / "gatepost.db", KEY, SetClock())
    await store.write(lambda tx: [tx.log(UserChanged(at=1.0, act="made", user=f"u{n}")) for n in range(200)])
    monkeypatch.setattr("store.sqlite.store.STEPS", 1)
    monkeypatch.setattr("store.sqlite.store.LONGEST_READ", -1.0)
    with pytest.raises(Unavailable):
        await store.read(lambda tx: tx.audit_search(text="nowhere"))
    monkeypatch.undo()
    assert await store.read(lambda tx: tx.audit_search(text="nowhere")) == ()
    await store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.e2e
async def test_on_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
    try:
        store = SqliteStore.open(disk / "gatepost.db", KEY, SetClock())
        kept = 0
        with pytest.raises(Unavailable):
            for number in range(100):
                await store.write(lambda tx, n=number: tx.put(person(n, display_name="x" * 100_000)))  # type: ignore[misc]
                kept += 1
        assert kept > 0
        assert await store.read(lambda tx: tx.count(User)) == kept
        await store.close()
        assert verify_audit(disk / "gatepost.db", KEY).fault == ""
    finally:
        subprocess.run(["umount", str(disk)], check=True)
