"""What happens when a credential is not good: it is counted, written down, and answered the same for every stranger.

Counts on the same counters as the sign-in pages, so that guessing at one door is slowed at all. A mail client that
repeats one and the same wrong secret is not guessing: the first time counts, the rest are only answered.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Sequence

from idp.accounts import lockout, throttle
from idp.accounts.lockout import Counter
from idp.accounts.names import login_spelling
from idp.authority.credentials import No
from idp.authority.ports import Digester
from kernel.audit import CredentialRefused
from kernel.authority import Attempt, NotVerified
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.ports import Writer
from kernel.reasons import Reason

REMEMBERED = 10_000
REPEATED_WITHIN = 3600.0
LONGEST_NAME = 128
QUIET = 60.0
"""Seconds for which the like of a failure on record is only counted."""


class Refusing:
    """Counts and records failures, inside a transaction."""

    def __init__(self, vault: Digester, clock: Clock, chance: Chance) -> None:
        self._vault, self._clock = vault, clock
        self._key = chance.octets(32)
        self._tried: OrderedDict[bytes, float] = OrderedDict()
        self._told: OrderedDict[bytes, tuple[float, int]] = OrderedDict()

    def refuse(self, tx: Writer, attempt: Attempt, no: No) -> NotVerified:
        """Return what the stranger is told. While a door is closed nothing is written down: a flood fills no log."""
        now, counters = self._clock.now(), self._counters(attempt, no)
        waiting = throttle.waiting(tx, counters, now)
        if waiting:
            return NotVerified(Reason.THROTTLED, waiting) if no.guess else NotVerified(no.reason)
        repeated = self._quiet(attempt, no.reason, now)
        if repeated is None:
            return NotVerified(no.reason)
        self._log(tx, attempt, no, no.reason, repeated)
        if not self._repeated(attempt, now) and throttle.count(tx, counters, now):
            self._log(tx, attempt, no, Reason.THROTTLED)
        return NotVerified(no.reason)

    def _counters(self, attempt: Attempt, no: No) -> Sequence[Counter]:
        """A password is counted where the sign-in pages count. Tokens, certificates and tickets cannot be guessed, only
        be out of date, and a whole office can be so at once: theirs is a counter apart, which shuts nobody else out."""
        if not no.guess or not attempt.password:
            return (Counter(f"bearer:{lockout.prefix(attempt.address)}", lockout.ADDRESS),)
        unknown = "?" + self._vault.digest("typed", login_spelling(attempt.name))[:32]
        return (lockout.account(no.user_id or unknown), lockout.address(attempt.address))

    def _quiet(self, attempt: Attempt, reason: Reason, now: float) -> int | None:
        """Return how many failures like this one were only counted since the last on record; None: so is this. The
        first is always on record."""
        like = self._digest(attempt, str(reason))
        last, more = self._told.pop(like, (-QUIET, 0))
        quiet = 0.0 <= now - last < QUIET
        self._told[like] = (last, more + 1) if quiet else (now, 0)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return None if quiet else more

    def _digest(self, attempt: Attempt, *more: str) -> bytes:
        """Return the keyed digest of who tried which secret from where."""
        seen = hmac.new(self._key, digestmod=hashlib.sha256)
        parts = (attempt.name, lockout.prefix(attempt.address), attempt.password, attempt.token, *more)
        for part in (*(part.encode("utf-8", "surrogatepass") for part in parts), attempt.certificate):
            seen.update(f"{len(part)}:".encode() + part)
        return seen.digest()

    def _repeated(self, attempt: Attempt, now: float) -> bool:
        """Tell whether this very failure was seen within the hour; remembers its keyed digest, never the secret."""
        seen = self._digest(attempt)
        before = self._tried.pop(seen, None)
        self._tried[seen] = now
        if len(self._tried) > REMEMBERED:
            self._tried.popitem(last=False)
        return before is not None and now - before < REPEATED_WITHIN

    def _log(self, tx: Writer, attempt: Attempt, no: No, reason: Reason, repeated: int = 0) -> None:
        tx.log(
            CredentialRefused(
                at=self._clock.now(),
                user=shown(attempt.name),
                user_id=no.user_id,
                address=attempt.address,
                service=attempt.service,
                reason=reason,
                detail=no.detail,
                repeated=repeated,
            )
        )


def shown(typed: str) -> str:
    """Return what somebody typed as text that can do no harm where it is read: control and direction characters
    escaped, at most 128 characters."""
    escaped = (c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in typed[:LONGEST_NAME])
    return "".join(escaped)[:LONGEST_NAME]
