"""Recorded decisions, from the latest back: page by page, so that no read takes long and no more is in memory."""

from collections.abc import AsyncIterator, Sequence

from kernel.audit import Entry
from kernel.ports import Reader, Store


async def decisions(store: Store, since: float, most: int, page: int = 500) -> AsyncIterator[Sequence[Entry]]:
    """Yield the decisions that were made at or after ``since``, latest first, ``most`` at most, ``page`` at once.

    Raises:
        Unavailable: the store cannot be read.
    """
    before: tuple[float, int] | None = None
    left = most
    while left > 0:

        def look(tx: Reader, at: tuple[float, int] | None = before, limit: int = min(page, left)) -> Sequence[Entry]:
            return tx.decided(since, before=at, limit=limit)

        found = await store.read(look)
        if not found:
            return
        yield found
        before = moment(found[-1]), found[-1].number
        left -= len(found)


def moment(entry: Entry) -> float:
    """Return when what an entry tells happened."""
    return float(entry.fields["at"])
