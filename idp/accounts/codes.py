"""Second factors by code: TOTP enrolment and checks, recovery codes. No code counts twice, no guessing past ten.

Each check is one transaction - counters, code and its using up - so that of many equal codes at once exactly one
is good.
"""

from dataclasses import replace
from typing import Final

from idp.accounts import lockout, spoken, throttle, totp
from idp.accounts.answers import FactorAnswer, TotpEnrolment
from idp.accounts.desk import Desk, own_actor, person
from kernel.ports import Writer
from kernel.records.credentials import RecoveryCodes, TotpFactor
from kernel.records.people import User

ENROLMENT_SECONDS: Final = 900.0


class Codes(Desk):
    """The acts on TOTP and recovery codes."""

    async def begin_totp(self, user_id: str) -> TotpEnrolment:
        """Return a new seed to show once. A seed confirmed earlier stays in force until ``confirm_totp``."""
        seed = totp.seed_text(self._chance.octets(totp.SEED_BYTES))

        def work(tx: Writer) -> TotpEnrolment:
            user = person(tx, user_id)
            tx.put(TotpFactor(_waiting_key(user_id), self._seal(user_id, seed), False, self._clock.now()))
            return TotpEnrolment(seed, totp.uri(seed, self._site, user.email))

        return await self._store.write(work)

    async def confirm_totp(self, user_id: str, code: str) -> bool:
        """Put the seed of ``begin_totp`` in force, if ``code`` is its code and 15 minutes have not passed."""

        def work(tx: Writer) -> bool:
            user, now = person(tx, user_id), self._clock.now()
            waiting = tx.get(TotpFactor, _waiting_key(user_id))
            if waiting is None or now - waiting.created_at > ENROLMENT_SECONDS:
                return False
            step = totp.matching_step(self._open_seed(user_id, waiting), code, now)
            if step is None:
                return False
            tx.take(TotpFactor, waiting.user_id)
            tx.put(TotpFactor(user_id, waiting.sealed, True, now, last_step=step))
            throttle.clear(tx, [lockout.factor("totp", user_id)])
            self._log_factor(tx, own_actor(user), user, "totp", "enrolled")
            return True

        return await self._store.write(work)

    async def check_totp(
        self, user_id: str, code: str, address: str, *, device_id: str = "", familiar: str = ""
    ) -> FactorAnswer:
        """Check a code and use its time step up. ``device_id`` and ``familiar`` as in ``check_password``."""

        def work(tx: Writer) -> FactorAnswer:
            user = tx.get(User, user_id)
            if user is None or user.disabled:
                return FactorAnswer(good=False)
            channel = self._channel(tx, user, device_id, familiar)
            return self._guess(tx, "totp", user, address, channel, lambda: self._use_step(tx, user_id, code))

        return await self._store.write(work)

    async def make_recovery_codes(self, user_id: str) -> tuple[str, ...]:
        """Return ten new recovery codes (60 bits each), to be shown once; earlier ones are void."""
        codes = tuple(spoken.spell(self._chance.octets(spoken.RECOVERY_LETTERS)) for _ in range(spoken.RECOVERY_COUNT))
        digests = tuple(self._recovery_digest(user_id, code) for code in codes)

        def work(tx: Writer) -> tuple[str, ...]:
            user = person(tx, user_id)
            tx.put(RecoveryCodes(user_id, digests, self._clock.now()))
            throttle.clear(tx, [lockout.factor("recovery", user_id)])
            self._log_factor(tx, own_actor(user), user, "recovery", "made")
            return codes

        return await self._store.write(work)

    async def use_recovery_code(
        self, user_id: str, code: str, address: str, *, device_id: str = "", familiar: str = ""
    ) -> FactorAnswer:
        """Check a recovery code and use it up. ``device_id`` and ``familiar`` as in ``check_password``."""

        def work(tx: Writer) -> FactorAnswer:
            user = tx.get(User, user_id)
            if user is None or user.disabled:
                return FactorAnswer(good=False)
            channel = self._channel(tx, user, device_id, familiar)
            return self._guess(tx, "recovery", user, address, channel, lambda: self._use_recovery(tx, user, code))

        return await self._store.write(work)

    def _use_step(self, tx: Writer, user_id: str, code: str) -> int | None:
        factor = tx.get(TotpFactor, user_id)
        if factor is None or not factor.confirmed:
            return None
        step = totp.matching_step(self._open_seed(user_id, factor), code, self._clock.now())
        if step is None or step <= factor.last_step:
            return None
        tx.put(replace(factor, last_step=step))
        return 0

    def _use_recovery(self, tx: Writer, user: User, code: str) -> int | None:
        stored = tx.get(RecoveryCodes, user.id)
        digest = self._recovery_digest(user.id, code)
        if stored is None or digest not in stored.digests:
            return None
        left = tuple(each for each in stored.digests if each != digest)
        tx.put(replace(stored, digests=left))
        self._log_factor(tx, own_actor(user), user, "recovery", "used", f"{len(left)} left")
        return len(left)

    def _recovery_digest(self, user_id: str, code: str) -> str:
        return self._vault.digest("recovery", f"{user_id}:{spoken.letters_of(code, spoken.RECOVERY_LETTERS)}")

    def _seal(self, user_id: str, seed: str) -> str:
        return self._vault.seal(seed, f"totp:{user_id}")

    def _open_seed(self, user_id: str, factor: TotpFactor) -> str:
        return self._vault.open(factor.sealed, f"totp:{user_id}")


def _waiting_key(user_id: str) -> str:
    """Return where a seed waits for its first code: a row of its own, so that it cannot displace the seed in force."""
    return f"waiting:{user_id}"
