"""What every part of the account desk stands on: the store, the vault, clock and chance, and how it writes events."""

import hmac
from collections.abc import Callable, Sequence
from typing import Final

from idp.accounts import lockout, throttle
from idp.accounts.answers import FactorAnswer
from idp.accounts.lockout import Counter
from idp.accounts.names import canonical
from idp.accounts.refusals import missing
from idp.vault import Vault
from kernel.audit import CredentialRefused, FactorChanged, UserChanged
from kernel.chance import Chance, secret
from kernel.clock import Clock
from kernel.config.settings import IdpSettings
from kernel.ports import Reader, Store, Writer
from kernel.reasons import Reason
from kernel.records.changes import user_handle
from kernel.records.devices import Device, Trust
from kernel.records.people import User

SERVICE: Final = "sign-in"
FAMILIAR_DAYS: Final = 180.0
_FAMILIAR_BYTES: Final = 12
_MOST_COOKIE: Final = 256
_MOST_USER: Final = 128


class Desk:
    """The base of the parts of ``Accounts``."""

    def __init__(
        self, store: Store, vault: Vault, clock: Clock, chance: Chance, settings: IdpSettings, site: str = "Gatepost"
    ) -> None:
        """``site`` is the name that authenticator apps show and that no password may hold."""
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._settings, self._site = settings, site

    def familiar_cookie(self, user_id: str) -> str:
        """Return a cookie for a browser that has just signed in as this user. For 180 days its failures are counted
        apart, so that strangers' failures never shut it out (OWASP's device cookies). It proves nothing else."""
        body = f"{user_id}.{int(self._clock.now())}.{secret(self._chance, _FAMILIAR_BYTES)}"
        return f"{body}.{self._vault.digest('familiar', body)}"

    def _channel(self, tx: Reader, user: User, device_id: str, familiar: str) -> str:
        """Return the name under which a known device or browser is counted apart, or an empty text."""
        device = tx.get(Device, device_id) if device_id else None
        if device and device.owner == user.id and device.trust in (Trust.ENROLLED, Trust.MANAGED):
            return device.id
        return self._familiar(user.id, familiar)

    def _familiar(self, user_id: str, cookie: str) -> str:
        body, _, mac = cookie[:_MOST_COOKIE].rpartition(".")
        if not cookie.isascii() or not hmac.compare_digest(self._vault.digest("familiar", body), mac):
            return ""
        owner, issued, nonce = body.split(".")
        fresh = self._clock.now() - int(issued) < FAMILIAR_DAYS * 86400
        return nonce if fresh and owner == user_id else ""

    def _guess(
        self, tx: Writer, kind: str, user: User, address: str, channel: str, attempt: Callable[[], int | None]
    ) -> FactorAnswer:
        """Let one guess at a second factor pass the counters. ``attempt`` uses the factor up and returns what is left,
        or None when the code is wrong. All in one transaction: parallel guesses count like guesses in a row."""
        counters = self._counters(lockout.factor(kind, user.id, channel), address, channel)
        waiting = throttle.waiting(tx, counters, self._clock.now())
        if waiting:
            return FactorAnswer(good=False, retry_after=waiting)
        left = attempt()
        if left is None:
            closed = throttle.count(tx, counters, self._clock.now())
            self._log_refused(tx, user.name, user, address, closed)
            return FactorAnswer(good=False)
        throttle.clear(tx, counters[:1])
        return FactorAnswer(good=True, left=left)

    def _counters(self, own: Counter, address: str, channel: str) -> Sequence[Counter]:
        return (own,) if channel else (own, lockout.address(address))

    def _log_refused(self, tx: Writer, typed: str, user: User | None, address: str, closed: bool) -> None:
        """Record a failure, and once when it closed the door; attempts at a closed door leave no line, so that a
        flood cannot fill the log."""
        for reason in (Reason.CREDENTIALS, Reason.THROTTLED) if closed else (Reason.CREDENTIALS,):
            event = CredentialRefused(
                at=self._clock.now(),
                user=canonical(typed)[:_MOST_USER],
                user_id=user.id if user else "",
                address=address,
                service=SERVICE,
                reason=reason,
            )
            tx.log(event)

    def _log_factor(
        self, tx: Writer, actor: str, user: User, factor: str, act: str, detail: str = "", device_id: str = ""
    ) -> None:
        """Record that a factor changed, for the audit and (a change row) for those who decide by it."""
        event = FactorChanged(
            at=self._clock.now(),
            actor=actor,
            user=user.name,
            user_id=user.id,
            device_id=device_id,
            factor=factor,
            act=act,
            detail=detail,
        )
        tx.log(event)
        tx.note(user_handle(user.id))

    def _log_user(self, tx: Writer, actor: str, user: User, act: str, detail: str = "") -> None:
        event = UserChanged(at=self._clock.now(), actor=actor, user=user.name, user_id=user.id, act=act, detail=detail)
        tx.log(event)
        tx.note(user_handle(user.id))


def person(tx: Reader, user_id: str) -> User:
    """Return the user with this id; Missing when there is none."""
    user = tx.get(User, user_id)
    if user is None:
        raise missing("no-user")
    return user


def own_actor(user: User) -> str:
    """Return how the log names a user who acts on their own account."""
    return f"user:{user.name}"
