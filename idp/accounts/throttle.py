"""Failure counters in a transaction: ask, count, forgive. The arithmetic is in ``lockout``; here are the rows.

Keeps itself small: every counted failure also removes a few counters that nobody added to for the longest memory.
"""

from collections.abc import Sequence
from typing import Final

from idp.accounts import lockout
from idp.accounts.lockout import Counter
from kernel.ports import Reader, Writer
from kernel.records.credentials import FailureCount

_SWEPT_AT_ONCE: Final = 20


def waiting(tx: Reader, counters: Sequence[Counter], now: float) -> float:
    """Return for how many seconds more the longest closed of these doors is shut; 0.0 when all are open."""
    return max(lockout.wait(each.rule, tx.get(FailureCount, each.key), now) for each in counters)


def count(tx: Writer, counters: Sequence[Counter], now: float) -> bool:
    """Count a failure on each; return whether that closed a door."""
    for old in tx.below(FailureCount, "last_at", now - lockout.LONGEST_MEMORY, limit=_SWEPT_AT_ONCE):
        tx.take(FailureCount, old.key)
    counted = [lockout.failed(each, tx.get(FailureCount, each.key), now) for each in counters]
    for row in counted:
        tx.put(row)
    return any(row.until > now for row in counted)


def clear(tx: Writer, counters: Sequence[Counter]) -> None:
    """Forget the failures of an account or a factor that was right at last, and take one back from each address.

    An address keeps its other failures: whoever knows one right password must not wash away the guesses at others.
    """
    for each in counters:
        if each.rule is lockout.ADDRESS:
            _take_back(tx, each)
        else:
            tx.take(FailureCount, each.key)


def take_back(tx: Writer, counters: Sequence[Counter]) -> None:
    """Undo one ``count`` on each."""
    for each in counters:
        _take_back(tx, each)


def _take_back(tx: Writer, counter: Counter) -> None:
    row = tx.get(FailureCount, counter.key)
    if row is None:
        return
    left = lockout.taken_back(counter.rule, row)
    if left is None:
        tx.take(FailureCount, row.key)
    else:
        tx.put(left)
