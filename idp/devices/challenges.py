"""Challenges that a device key answers: signed, bound to a purpose and to whom they were given, good for a minute.

A challenge is not stored when given, only when answered: the nonce of every answer stays in the store until the
challenge would have expired, and a quarter of an hour more for nodes whose clocks differ. In the store and not in
memory, because an answer must not count twice after a restart, or at another node, either; it costs nothing extra,
since an answer is always followed by a durable note.
"""

import hmac
from typing import Final

from idp.vault import Vault
from kernel.chance import Chance, secret
from kernel.clock import Clock
from kernel.ports import Writer
from kernel.records.devices import SpentChallenge

LIFE_SECONDS: Final = 60
KEPT_SECONDS: Final = 900
_NONCE_BYTES: Final = 16
_MOST_OCTETS: Final = 256
_SWEPT_AT_ONCE: Final = 20


class Challenges:
    """Gives challenges and recognises its own."""

    def __init__(self, vault: Vault, clock: Clock, chance: Chance) -> None:
        self._vault, self._clock, self._chance = vault, clock, chance

    def give(self, purpose: str, bound_to: str) -> str:
        """Return a new challenge (ASCII, about 110 characters)."""
        body = f"{int(self._clock.now()) + LIFE_SECONDS}.{secret(self._chance, _NONCE_BYTES)}"
        return f"{body}.{self._mac(body, purpose, bound_to)}"

    def recognise(self, challenge: str, purpose: str, bound_to: str) -> SpentChallenge | None:
        """Return what to spend, when this is a challenge of ours for exactly this, not older than a minute."""
        body, _, mac = challenge[:_MOST_OCTETS].rpartition(".")
        if not challenge.isascii() or not hmac.compare_digest(self._mac(body, purpose, bound_to), mac):
            return None
        expiry, nonce = body.split(".")
        return SpentChallenge(nonce, float(expiry)) if self._clock.now() <= int(expiry) else None

    def spend(self, tx: Writer, answered: SpentChallenge) -> bool:
        """Use a challenge up; False when it was used before."""
        for old in tx.below(SpentChallenge, "expires_at", self._clock.now() - KEPT_SECONDS, limit=_SWEPT_AT_ONCE):
            tx.take(SpentChallenge, old.nonce)
        if tx.get(SpentChallenge, answered.nonce) is not None:
            return False
        tx.insert(answered)
        return True

    def _mac(self, body: str, purpose: str, bound_to: str) -> str:
        return self._vault.digest("challenge", f"{body}\n{purpose}\n{bound_to}")
