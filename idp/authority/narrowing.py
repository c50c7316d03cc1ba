"""App passwords that narrow themselves: binds one at its first use, and refuses, writes down and tells what strays.

Looking costs a read; only a first use, and a try from elsewhere at most once a minute, cost a write.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from idp.accounts import pinning
from kernel.addresses import prefix
from kernel.audit import FactorChanged
from kernel.authority import Attempt, Pins, Verified
from kernel.clock import Clock
from kernel.geography import Geography
from kernel.ports import Reader, Writer
from kernel.reasons import Reason
from kernel.records.changes import app_passwords_handle
from kernel.records.credentials import AppPassword
from kernel.records.pins import Narrowing, Place, Stray


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Good, but to be settled in a transaction that writes."""

    verified: Verified


class NarrowingPasswords:
    """``narrow``: the respects in which app passwords narrow themselves; none: nothing is looked at."""

    def __init__(self, narrow: Collection[Narrowing], geography: Geography, clock: Clock) -> None:
        self._narrow, self._geography, self._clock = frozenset(narrow), geography, clock

    @property
    def on(self) -> bool:
        return bool(self._narrow)

    def look(self, tx: Reader, attempt: Attempt, verified: Verified) -> Verified | Unsettled:
        """Return the answer to a good app password, or that it must be settled first."""
        held = _held(tx, verified)
        place = self._place(attempt)
        strange = pinning.differs(self._narrow, held, place, self._clock.now())
        if strange:
            quiet = pinning.noted(held, self._stray(attempt, place, strange)) is None
            return _elsewhere(verified) if quiet else Unsettled(verified)
        return Unsettled(verified) if pinning.new(held, place) else self._bound(attempt, verified)

    def settle(self, tx: Writer, attempt: Attempt, verified: Verified) -> Verified:
        """Return the answer, with what is to be remembered written: of two first uses at once, one is the first."""
        held, place, now = _held(tx, verified), self._place(attempt), self._clock.now()
        strange = pinning.differs(self._narrow, held, place, now)
        if not strange:
            tx.put(pinning.learnt(held, place, now))
            return self._bound(attempt, verified)
        stray = self._stray(attempt, place, strange)
        noted = pinning.noted(held, stray)
        if noted is not None:
            tx.put(noted)
            tx.log(_alarm(verified, held, stray))
            tx.note(app_passwords_handle(held.user_id))
        return _elsewhere(verified)

    def _bound(self, attempt: Attempt, verified: Verified) -> Verified:
        """Say what may be remembered: this client, and addresses near this one."""
        narrow = self._narrow
        clients = ((attempt.client, attempt.shape),) if narrow & {Narrowing.CLIENT, Narrowing.TLS} else None
        networks = (prefix(attempt.address),) if narrow & {Narrowing.COUNTRY, Narrowing.NETWORK} else None
        return replace(verified, pins=Pins(clients, networks))

    def _place(self, attempt: Attempt) -> Place:
        where = self._geography.locate(attempt.address)
        network = f"AS{where.asn}" if where.asn else prefix(attempt.address)
        client = pinning.client_name(attempt.client)
        return Place(attempt.service, client, attempt.shape, where.country or "", network)

    def _stray(self, attempt: Attempt, place: Place, strange: tuple[str, ...]) -> Stray:
        now = self._clock.now()
        return Stray(place, attempt.address[:64], strange, now, now)


def _held(tx: Reader, verified: Verified) -> AppPassword:
    """Return the app password that was verified in this very transaction."""
    name = verified.subject.key.credential_id.split()[0]
    held = tx.get(AppPassword, name)
    if held is None:
        raise LookupError(f"{name} is gone within a transaction")
    return held


def _elsewhere(verified: Verified) -> Verified:
    return replace(verified, denied=Reason.ELSEWHERE, good_until=0.0)


def _alarm(verified: Verified, held: AppPassword, stray: Stray) -> FactorChanged:
    place = stray.place
    what = f"{place.service} {place.client or '-'} {place.country} {place.network}: {', '.join(stray.differs)} differs"
    return FactorChanged(
        at=stray.last_at,
        user=verified.subject.user.name,
        user_id=held.user_id,
        device_id=held.device_id,
        address=stray.address,
        factor="app-password",
        act="tried-elsewhere",
        detail=f"{held.id} {held.name} ({what})",
    )
