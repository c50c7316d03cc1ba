"""Every record of a kind, read page by page: a store hands out a bounded page at a time."""

from collections.abc import Iterator
from typing import TypeVar

from kernel.ports import Reader, Value
from kernel.tables import TABLES

R = TypeVar("R")

PAGE = 500


def every(tx: Reader, kind: type[R], **equals: Value) -> Iterator[R]:
    """Yield every record whose unique or indexed fields equal these, in order of key.

    Whoever takes records away meanwhile makes a list first.

    Raises:
        LookupError: a field that ``kernel.tables`` does not list for this kind.
    """
    after, key = "", TABLES[kind].key
    while page := tx.find(kind, limit=PAGE, after=after, **equals):
        yield from page
        if len(page) < PAGE:
            return
        after = str(getattr(page[-1], key))
