"""What storage must do, for the rest of the house. One conformance suite (tests/store) holds every backend to it.

A unit of work is a plain function over a Reader or a Writer. ``Store.write`` runs it as one serialised transaction
and
returns only when it is durable: killed at any instruction, either all of it survives or nothing. Works may be
committed in groups.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from kernel.audit import Entry, Event
from kernel.records.changes import Change

R = TypeVar("R")
T = TypeVar("T")

Value = str | int | float | bool


class Reader(Protocol):
    """A consistent view of what is stored. Records come back equal to what was put."""

    def get(self, kind: type[R], key: str) -> R | None:
        """Return the record with this key, or None."""
        ...

    def find(self, kind: type[R], *, limit: int = 1000, after: str = "", **equals: Value) -> Sequence[R]:
        """Return records whose unique or indexed fields equal these, in order of key, the first ``limit`` past key
        ``after``.

        Raises:
            LookupError: a field that ``kernel.tables`` does not list for this kind.
        """
        ...

    def below(self, kind: type[R], field: str, bound: float, *, limit: int = 1000) -> Sequence[R]:
        """Return records whose indexed numeric ``field`` is less than ``bound``, smallest first: what is due, what
        has expired."""
        ...

    def count(self, kind: type[R], **equals: Value) -> int:
        """Return how many records ``find`` would return without a limit."""
        ...

    def changes(self, since: int, limit: int = 1000) -> Sequence[Change]:
        """Return changes with a number above ``since``, in order."""
        ...

    def last_change(self) -> int:
        """Return the number of the newest change, 0 when there is none."""
        ...

    def audit(self, since: int, limit: int = 1000) -> Sequence[Entry]:
        """Return audit entries with a number above ``since``, in order."""
        ...

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
        """Return entries that match every condition given, newest first, with a number below ``before`` (0: no
        bound)."""
        ...

    def decided(self, since: float, *, before: tuple[float, int] | None = None, limit: int = 1000) -> Sequence[Entry]:
        """Return the ``decided`` entries that happened at or after ``since``, latest first (of one moment, the higher
        number first). ``before``, an entry's moment and number: only those that follow it in this order."""
        ...

    def count_decided(self, since: float) -> int:
        """Return how many entries ``decided`` would return without a limit."""
        ...

    def audit_head(self) -> tuple[int, str]:
        """Return the number and hash that the chain should end with, as kept apart from the chain itself."""
        ...


class Writer(Reader, Protocol):
    """A transaction. It sees its own writes. An exception from the work undoes all of that work, and of no other."""

    def put(self, record: object) -> None:
        """Store a record, in place of one with the same key.

        Raises:
            Conflict: a unique field is taken by another record.
        """
        ...

    def insert(self, record: object) -> None:
        """Store a record that must be new.

        Raises:
            Conflict: the key or a unique field is taken.
        """
        ...

    def take(self, kind: type[R], key: str) -> R | None:
        """Delete a record and return it; None when there was none. Of many takers of one record, exactly one gets
        it."""
        ...

    def note(self, handle: str) -> int:
        """Append a change (see ``kernel.records.changes``) and return its number."""
        ...

    def log(self, event: Event) -> int:
        """Append an event to the audit chain and return its number."""
        ...


class Store(Protocol):
    """Where the truth is kept."""

    async def read(self, work: Callable[[Reader], T], *, small: bool = False) -> T:
        """Run ``work`` on a consistent view of committed data and return its result. Must not block the event loop
        long; ``small`` says that the work looks at a handful of records by key, so that a store may run it at once."""
        ...

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run ``work`` as one transaction; return its result once it is durable. Exceptions of ``work`` come through.

        Raises:
            Unavailable: the store cannot write (disk full, locked, gone); nothing of this work was kept.
        """
        ...

    def watch(self, wake: Callable[[int], None]) -> Callable[[], None]:
        """Call ``wake(last change number)`` on the event loop after each commit that noted a change, by whichever
        process.

        Returns a function that ends the watch.
        """
        ...

    async def close(self) -> None:
        """Finish what was begun and let go of the files."""
        ...
