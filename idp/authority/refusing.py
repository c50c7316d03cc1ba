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


class Refusing:
    """Counts and records failures, inside a transaction."""

    def __init__(self, vault: Digester, clock: Clock, chance: Chance) -> None:
        self._vault, self._clock = vault, clock
        self._key = chance.octets(32)
        self._tried: OrderedDict[bytes, float] = OrderedDict()

    def refuse(self, tx: Writer, attempt: Attempt, no: No) -> NotVerified:
        """Return what the stranger is told. While a door is closed nothing is written down: a flood fills no log."""
        now, counters = self._clock.now(), self._counters(attempt, no)
        waiting = throttle.waiting(tx, counters, now)
        if waiting:
            return NotVerified(Reason.THROTTLED, waiting) if no.guess else NotVerified(no.reason)
        self._log(tx, attempt, no, no.reason)
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

    def _repeated(self, attempt: Attempt, now: float) -> bool:
        """Tell whether this very failure was seen within the hour; remembers its keyed digest, never the secret."""
        seen = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in (attempt.name, lockout.prefix(attempt.address), attempt.password, attempt.token):
            seen.update(f"{len(part)}:".encode() + part.encode("utf-8", "surrogatepass"))
        before = self._tried.pop(seen.digest(), None)
        self._tried[seen.digest()] = now
        if len(self._tried) > REMEMBERED:
            self._tried.popitem(last=False)
        return before is not None and now - before < REPEATED_WITHIN

    def _log(self, tx: Writer, attempt: Attempt, no: No, reason: Reason) -> None:
        tx.log(
            CredentialRefused(
                at=self._clock.now(),
                user=shown(attempt.name),
                user_id=no.user_id,
                address=attempt.address,
                service=attempt.service,
                reason=reason,
            )
        )


def shown(typed: str) -> str:
    """Return what somebody typed as text that can do no harm where it is read: control and direction characters
    escaped, at most 128 characters."""
    escaped = (c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in typed[:LONGEST_NAME])
    return "".join(escaped)[:LONGEST_NAME]
