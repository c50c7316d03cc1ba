"""The store on one SQLite file: one writer thread, a few reading threads, and watches. See ``kernel.ports.Store``."""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from kernel.clock import Clock
from kernel.ports import Reader, Writer
from kernel.problems import Unavailable
from store.sqlite.committer import Committer
from store.sqlite.connect import connect, translated
from store.sqlite.headfile import HeadFile, head_path
from store.sqlite.reading import SqliteReader
from store.sqlite.schema import prepare
from store.sqlite.watching import Watchers

T = TypeVar("T")

LONGEST_READ = 10.0
STEPS = 100_000
"""Seconds that a read in a thread may search before it is given up, looked at every so many steps of SQLite."""

READERS = 2
PATIENCE = 5.0
"""Reading threads; seconds to wait for another process that is writing."""


class SqliteStore:
    """Implements ``kernel.ports.Store``. Made by ``open``; used from one event loop."""

    def __init__(self, path: Path, audit_key: bytes, clock: Clock, patience: float) -> None:
        self.path = path
        self._patience = patience
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._near = connect(path, 0.0, reading=True)
        self._nearby = threading.Lock()
        self._head = HeadFile(head_path(path))
        self._watchers = Watchers(connect(path, patience, reading=True))
        self._committer = Committer(connect(path, patience), audit_key, clock, self._head, self._watchers.announce)
        self._closed = False

    @classmethod
    def open(cls, path: Path | str, audit_key: bytes, clock: Clock, *, patience: float = PATIENCE) -> "SqliteStore":
        """Open the store, making or migrating the file (mode 0600). ``audit_key`` keys the audit chain.

        Raises:
            Unavailable: the file cannot be opened or written.
            Refused: it is another program's, or a newer version's.
        """
        path = Path(path)
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise Unavailable(f"the store cannot be opened: {error}") from error
        connection = connect(path, patience)
        try:
            with translated():
                prepare(connection, clock.now())
            return cls(path, audit_key, clock, patience)
        finally:
            connection.close()

    async def read(self, work: Callable[[Reader], T], *, small: bool = False) -> T:
        """As the port says. A small work runs here and now, in microseconds: changing threads would cost more. Should
        the file be locked at this very moment (WAL recovery), it goes the long way, where waiting blocks nobody."""
        if self._closed:
            raise Unavailable("the store is closed")
        if small and self._nearby.acquire(blocking=False):  # taken only if two event loops share this store
            try:
                return _view(self._near, work)
            except Unavailable:
                pass
            finally:
                self._nearby.release()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    async def write(self, work: Callable[[Writer], T]) -> T:
        result: T = await self._committer.submit(work)
        return result

    def watch(self, wake: Callable[[int], None]) -> Callable[[], None]:
        return self._watchers.add(wake)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._end)
        self._watchers.close()
        self._near.close()

    def _end(self) -> None:
        self._committer.close()
        self._readers.shutdown()
        for connection in self._connections:
            connection.close()
        self._head.close()

    def _look(self, work: Callable[[Reader], T]) -> T:
        connection, until = self._mine(), time.monotonic() + LONGEST_READ
        connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)
        return _view(connection, work)

    def _mine(self) -> sqlite3.Connection:
        """Return the calling thread's connection."""
        found: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if found is None:
            found = connect(self.path, self._patience, reading=True)
            self._threads.connection = found
            self._connections.append(found)
        return found


def _view(connection: sqlite3.Connection, work: Callable[[Reader], T]) -> T:
    with translated():
        connection.execute("BEGIN")
    try:
        return work(SqliteReader(connection))
    finally:
        with translated():
            connection.execute("ROLLBACK")
