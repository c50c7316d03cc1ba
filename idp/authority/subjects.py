"""Gathers the facts behind a session from the store, in one consistent view, and tells whether its ground holds."""

from collections.abc import Iterator
from dataclasses import replace

from idp.oidc.grants import OFFLINE
from idp.signins import alive
from kernel.authority import Subject, SubjectKey
from kernel.clock import Clock
from kernel.ports import Reader
from kernel.reasons import Reason
from kernel.records.changes import credential_handle, device_handle, grant_handle, signin_handle, user_handle
from kernel.records.credentials import AppPassword
from kernel.records.devices import OUT, Device, DeviceKey, Proof
from kernel.records.people import User
from kernel.records.sessions import Grant, SignIn

BESIDE = " "
"""Between the two names in ``SubjectKey.credential_id`` when a certificate came beside an app password."""


class Subjects:
    """Looks a subject up by its key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, tx: Reader, key: SubjectKey) -> Subject | None:
        """Return the present facts; None when the user is gone."""
        user = tx.get(User, key.user_id)
        return None if user is None else _Ground(tx, key, user, self._clock.now()).subject()


class _Ground:
    """What one subject stands on, each thing read once."""

    def __init__(self, tx: Reader, key: SubjectKey, user: User, now: float) -> None:
        self._user, self._now, self._number = user, now, tx.last_change()
        self._signin = tx.get(SignIn, key.signin_id) if key.signin_id else None
        self._grant = tx.get(Grant, key.grant_id) if key.grant_id else None
        self._key = _followed(key, self._signin)
        self._device = tx.get(Device, self._key.device_id) if self._key.device_id else None
        self._credentials = {name: _credential(tx, name) for name in key.credential_id.split(BESIDE) if name}
        self._other = {
            found.device_id: tx.get(Device, found.device_id)
            for found in self._credentials.values()
            if isinstance(found, AppPassword) and found.device_id not in ("", self._key.device_id)
        }

    def subject(self) -> Subject:
        signin = self._signin
        return Subject(
            key=self._key,
            user=self._user,
            device=self._device,
            signin=signin,
            handles=tuple(self._handles()),
            number=self._number,
            fallen=next(self._fallen(), None),
            proved_at=signin.proved_at if signin else 0.0,
        )

    def _handles(self) -> Iterator[str]:
        key = self._key
        yield user_handle(key.user_id)
        if key.device_id:
            yield device_handle(key.device_id)
        if key.signin_id:
            yield signin_handle(key.signin_id)
        if key.grant_id:
            yield grant_handle(key.grant_id)
        for name in self._credentials:
            yield credential_handle(name)
        for device_id in self._other:
            yield device_handle(device_id)

    def _fallen(self) -> Iterator[Reason]:
        """Yield every reason why the session is over, whatever the policy says."""
        key, mine = self._key, (self._user.id, "")
        if key.grant_id and not self._grant_stands():
            yield Reason.GRANT_ENDED
        if key.signin_id and not self._signin_stands():
            yield Reason.SIGNIN_ENDED
        if key.device_id and (self._device is None or self._device.owner not in mine):
            yield Reason.CREDENTIAL_REVOKED
        if not all(self._credential_stands(found) for found in self._credentials.values()):
            yield Reason.CREDENTIAL_REVOKED
        if any(device is None or device.trust in OUT for device in self._other.values()):
            yield Reason.CREDENTIAL_REVOKED

    def _grant_stands(self) -> bool:
        grant = self._grant
        return grant is not None and not grant.ended_at and grant.expires_at > self._now and self._own(grant)

    def _signin_stands(self) -> bool:
        """A grant for offline use outlives its sign-in."""
        if self._grant is not None and OFFLINE in self._grant.scope.split():
            return True
        return self._signin is not None and alive(self._signin, self._now) and self._own(self._signin)

    def _credential_stands(self, found: AppPassword | DeviceKey | None) -> bool:
        if found is None or found.revoked:
            return False
        if isinstance(found, AppPassword):
            return self._own(found)
        return found.device_id == self._key.device_id and not 0.0 < found.not_after <= self._now

    def _own(self, record: Grant | SignIn | AppPassword) -> bool:
        return record.user_id == self._user.id


def _followed(key: SubjectKey, signin: SignIn | None) -> SubjectKey:
    """A browser's session has the device that its sign-in has now, not the one that it had when it began."""
    if signin is None or key.grant_id or key.credential_id or key.proof not in (Proof.NONE, Proof.BROWSER_KEY):
        return key
    return replace(key, device_id=signin.device_id, proof=signin.proof)


def _credential(tx: Reader, name: str) -> AppPassword | DeviceKey | None:
    return tx.get(AppPassword, name) or tx.get(DeviceKey, name)
