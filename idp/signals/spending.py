"""Each signed message of others' counts once, in the store and not in memory: after a restart, too, and at any node."""

from typing import Final

from kernel.ports import Writer
from kernel.records.signals import SpentToken

_SWEPT_AT_ONCE: Final = 20


def spend(tx: Writer, source: str, token_id: str, until: float, now: float) -> bool:
    """Use a message up, kept until it would be too old anyway; False when it was used before."""
    for old in tx.below(SpentToken, "expires_at", now, limit=_SWEPT_AT_ONCE):
        tx.take(SpentToken, old.key)
    key = f"{source}\n{token_id}"
    if tx.get(SpentToken, key) is not None:
        return False
    tx.insert(SpentToken(key, until))
    return True
