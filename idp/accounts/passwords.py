"""Account passwords: set, and checked in the same time and by the same words whoever is asked for.

A check counts its failure before it computes, and takes it back when the password is right: a thousand guesses at
once are stopped like a thousand in a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from idp.accounts import lockout, throttle
from idp.accounts.answers import PasswordAnswer
from idp.accounts.desk import Desk, person
from idp.accounts.hashing import Hashing
from idp.accounts.lockout import Counter
from idp.accounts.names import login_spelling
from idp.accounts.people import user_of
from idp.accounts.strength import demand_strong, prepared
from idp.vault import Vault
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import IdpSettings
from kernel.ports import Store, Writer
from kernel.problems import Unavailable
from kernel.records.credentials import Password
from kernel.records.people import User


@dataclass(frozen=True, slots=True)
class _Opening:
    """What a password check begins with: whom it is about (None: nobody) and where its failure is counted."""

    user: User | None
    password: Password | None
    counters: Sequence[Counter]
    waiting: float = 0.0
    closed: bool = False


class Passwords(Desk):
    """The acts on account passwords."""

    def __init__(
        self, store: Store, vault: Vault, clock: Clock, chance: Chance, settings: IdpSettings, site: str = "Gatepost"
    ) -> None:
        super().__init__(store, vault, clock, chance, settings, site)
        self._hashing = Hashing(settings, chance)

    def close(self) -> None:
        """Let the hashing threads go."""
        self._hashing.close()

    async def set_password(self, actor: str, user_id: str, password: str, *, must_change: bool = False) -> None:
        """Set the account password. ``must_change``: it serves for one sign-in, which has to replace it.

        Raises:
            Missing: no such user.
            WeakPassword: not good enough; says why.
            Unavailable: too many passwords are being worked on.
        """
        user = await self._store.read(lambda tx: person(tx, user_id))
        octets = demand_strong(password, user, self._site, self._settings.minimum_password)
        encoded = await self._hashing.encode(octets)

        def work(tx: Writer) -> None:
            present = person(tx, user_id)
            act = "changed" if tx.get(Password, user_id) else "set"
            tx.put(Password(user_id, encoded, self._clock.now(), must_change))
            throttle.clear(tx, [lockout.account(user_id)])
            self._log_factor(tx, actor, present, "password", act)

        await self._store.write(work)

    async def check_password(
        self, name_or_email: str, password: str, address: str, *, device_id: str = "", familiar: str = ""
    ) -> PasswordAnswer:
        """Check a sign-in. Same answer and same work for a wrong password, no such user, a disabled one, one without.

        ``device_id``: a device whose key has just answered in this browser; ``familiar``: the browser's cookie from
        ``familiar_cookie``. Either has its own counter, untouched by what strangers do.

        Raises:
            Unavailable: too many passwords are being checked; nothing was counted.
        """
        octets = prepared(password)
        if octets is None:
            return PasswordAnswer(None)
        opening = await self._store.write(lambda tx: self._open(tx, name_or_email, address, device_id, familiar))
        if opening.waiting:
            return PasswordAnswer(None, opening.waiting)
        encoded = opening.password.encoded if opening.password else None
        try:
            good = await self._hashing.matches(encoded, octets)
        except Unavailable:
            await self._store.write(lambda tx: throttle.take_back(tx, opening.counters))
            raise
        if not good:
            await self._store.write(
                lambda tx: self._log_refused(tx, name_or_email, opening.user, address, opening.closed)
            )
            return PasswordAnswer(None)
        return await self._welcome(opening, octets)

    def _open(self, tx: Writer, typed: str, address: str, device_id: str, familiar: str) -> _Opening:
        user, now = user_of(tx, typed), self._clock.now()
        channel = self._channel(tx, user, device_id, familiar) if user else ""
        name = user.id if user else "?" + self._vault.digest("typed", login_spelling(typed))[:32]
        counters = self._counters(lockout.account(name, channel), address, channel)
        waiting = throttle.waiting(tx, counters, now)
        if waiting:
            return _Opening(user, None, counters, waiting)
        password = tx.get(Password, user.id) if user and not user.disabled else None
        return _Opening(user, password, counters, closed=throttle.count(tx, counters, now))

    async def _welcome(self, opening: _Opening, octets: bytes) -> PasswordAnswer:
        """Forgive the failures and answer with the user as they are now; a password changed meanwhile is not right."""
        checked = opening.password
        if opening.user is None or checked is None:
            return PasswordAnswer(None)
        user_id = opening.user.id
        renewed = await self._hashing.encode(octets) if self._hashing.outdated(checked.encoded) else ""

        def work(tx: Writer) -> PasswordAnswer:
            user, stored = tx.get(User, user_id), tx.get(Password, user_id)
            if user is None or user.disabled or stored != checked:
                return PasswordAnswer(None)
            if renewed:
                tx.put(replace(checked, encoded=renewed))
            throttle.clear(tx, opening.counters)
            return PasswordAnswer(user, must_change=checked.must_change)

        return await self._store.write(work)
