"""The one writer: a thread that runs works in order, many to one COMMIT, and answers only when they are on the disk.

        first work              queue empty, or group full
idle ----BEGIN IMMEDIATE---> open ----------COMMIT--------> settled -> idle
                              |  ^ |
         SAVEPOINT, run, RELEASE | store failed: ROLLBACK, the whole group is Unavailable
          (work raised: ROLLBACK TO, that work alone is undone)
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kernel.clock import Clock
from kernel.ports import Writer
from kernel.problems import Unavailable
from store.sqlite.connect import translated
from store.sqlite.headfile import HeadFile
from store.sqlite.writing import Ledger, SqliteWriter, seal

GROUP = 256
PENDING = 20_000
"""Works per COMMIT, and works that may wait for their turn, at most."""


@dataclass(slots=True)
class Job:
    """A work and where its answer goes."""

    work: Callable[[Writer], Any]
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    result: Any = None
    fault: BaseException | None = None


class Committer:
    """Owns the writing connection. ``committed(number)`` is called on its thread after a COMMIT that noted a change."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        audit_key: bytes,
        clock: Clock,
        head: HeadFile,
        committed: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._key = audit_key
        self._clock = clock
        self._head = head
        self._committed = committed
        self._queue: queue.Queue[Job | None] = queue.Queue(PENDING)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Writer], Any]) -> "asyncio.Future[Any]":
        """Queue a work; the future is settled after its COMMIT.

        Raises:
            Unavailable: the store is closed, or too much is waiting already.
        """
        loop = asyncio.get_running_loop()
        job = Job(work, loop.create_future(), loop)
        if self._closing or not self._thread.is_alive():
            raise Unavailable("the store is closed")
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise Unavailable("too many writes are waiting") from None
        return job.future

    def close(self) -> None:
        """Finish what is queued, then end the thread; blocks until it has ended."""
        self._closing = True
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        going = True
        while going:
            job = self._queue.get()
            if job is None:
                break
            group = [job]
            going = self._group(group)
            _settle(group)

    def _group(self, group: list[Job]) -> bool:
        """Run ``group`` and whoever joins it as one transaction; return False when told to close."""
        going = True
        try:
            with translated():
                self._rollback()
                self._connection.execute("BEGIN IMMEDIATE")
            writer = SqliteWriter(self._connection, self._key, self._clock)
            before = writer.ledger
            self._one(writer, group[0])
            while going and len(group) < GROUP and not self._queue.empty():
                job = self._queue.get()
                going = job is not None
                if job is not None:
                    group.append(job)
                    self._one(writer, job)
            self._commit(writer, before)
        except Exception as fault:
            self._undo(group, fault)
        return going

    def _one(self, writer: SqliteWriter, job: Job) -> None:
        """Run one work between savepoints. A store that failed underneath ends the group, whatever the work made
        of it."""
        kept = writer.ledger
        with translated():
            self._connection.execute("SAVEPOINT work")
        try:
            job.result = job.work(writer)
        except StopIteration as fault:  # a future cannot carry it
            job.fault = RuntimeError(f"a work let a StopIteration escape: {fault}")
        except BaseException as fault:
            job.fault = fault
        if writer.broken is not None:
            raise writer.broken
        with translated():
            if job.fault is not None:
                self._connection.execute("ROLLBACK TO work")
                writer.ledger = kept
            self._connection.execute("RELEASE work")

    def _commit(self, writer: SqliteWriter, before: Ledger) -> None:
        writer.seal(before)
        with translated():
            self._connection.execute("COMMIT")
        after = writer.ledger
        if after.entry != before.entry:
            self._head.keep(after.entry, after.hash, seal(self._key, after.entry, after.hash))
        if after.change != before.change:
            self._committed(after.change)

    def _undo(self, group: list[Job], fault: Exception) -> None:
        with suppress(sqlite3.Error):  # it is tried again before the next BEGIN
            self._rollback()
        for job in group:
            job.fault = Unavailable(f"nothing was written: {fault}")

    def _rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _settle(group: list[Job]) -> None:
    """Hand the answers over, one wake-up per event loop; a loop that is gone no longer waits."""
    for loop in {job.loop for job in group}:
        mine = [job for job in group if job.loop is loop]
        try:
            loop.call_soon_threadsafe(_answer, mine)
        except RuntimeError:
            continue


def _answer(jobs: list[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.fault is not None:
            job.future.set_exception(job.fault)
        else:
            job.future.set_result(job.result)
