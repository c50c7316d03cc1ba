"""Users: list, show, add, change, disable, invite, reset, remove. Passwords and factors are set by their owner; an
admin can only take them away and invite anew, or set a first password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idp.admin.actor import Actor
from idp.admin.finding import canonical, every, user
from idp.admin.ports import AccountKeeper
from idp.admin.refusals import missing, refused
from idp.ending import end_user
from kernel.audit import FactorChanged, UserChanged
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.reasons import Reason
from kernel.records.changes import credential_handle, device_handle, user_handle
from kernel.records.credentials import AppPassword, Invitation, Password, RecoveryCodes, TotpFactor
from kernel.records.devices import Device, DeviceKey
from kernel.records.people import Group, User
from kernel.records.sessions import SignIn

CHANGEABLE = ("email", "display_name", "language", "aliases", "attributes")


@dataclass(frozen=True, slots=True)
class Person:
    """A user with what belongs to them; ``factors`` names what they have set up."""

    user: User
    devices: Sequence[Device]
    app_passwords: Sequence[AppPassword]
    signins: Sequence[SignIn]
    factors: Sequence[str]
    invited: bool


class People:
    """The acts on users."""

    def __init__(self, store: Store, accounts: AccountKeeper, clock: Clock) -> None:
        self._store, self._accounts, self._clock = store, accounts, clock

    async def find(self, text: str = "", *, group: str = "", after: str = "", limit: int = 100) -> Sequence[User]:
        """Return users whose name, address or display name holds ``text``, in order of id, past ``after``."""
        wanted = canonical(text)

        def work(tx: Reader) -> Sequence[User]:
            found: list[User] = []
            for person in every(tx, User):
                if person.id > after and _matches(person, wanted, group):
                    found.append(person)
                if len(found) >= limit:
                    break
            return found

        return await self._store.read(work)

    async def get(self, name: str) -> User:
        """Return one user by name, address or id; Missing when there is none."""
        return await self._store.read(lambda tx: user(tx, name))

    async def show(self, name: str) -> Person:
        """Return one user with devices, app passwords, sign-ins and factors."""
        now = self._clock.now()
        return await self._store.read(lambda tx: _person(tx, user(tx, name), now))

    async def add(
        self, actor: Actor, name: str, email: str, display_name: str, language: str, groups: Sequence[str]
    ) -> User:
        """Make a user. Groups must exist.

        Raises:
            Conflict: the name or address is taken.
            Missing: no such group.
        """
        await self._groups_exist(groups)
        wanted = [canonical(each) for each in groups]
        return await self._accounts.create_user(actor.name, name, email, display_name or name, language, wanted)

    async def change(self, actor: Actor, name: str, changes: Mapping[str, object]) -> User:
        """Change fields of a user, of those in ``CHANGEABLE``."""
        unknown = sorted(set(changes) - set(CHANGEABLE))
        if unknown:
            raise refused("not-changeable", field=unknown[0], known=", ".join(CHANGEABLE))
        person = await self.get(name)
        return await self._accounts.update_user(actor.name, person.id, **changes)

    async def set_disabled(self, actor: Actor, name: str, disabled: bool) -> User:
        """Disable a user (every session ends) or enable them again."""
        person = await self.get(name)
        await self._accounts.set_disabled(actor.name, person.id, disabled)
        return await self.get(person.id)

    async def set_password(self, actor: Actor, name: str, password: str) -> None:
        """Set a user's password; Refused, with the reason, when it is weak."""
        person = await self.get(name)
        await self._accounts.set_password(actor.name, person.id, password)

    async def invite(self, actor: Actor, name: str) -> str:
        """Return the secret of a new single-use invitation for a user."""
        person = await self.get(name)
        return await self._accounts.invite(actor.name, person.id)

    async def reset(self, actor: Actor, name: str) -> str:
        """Take away all credentials, end every sign-in, and return the secret of a new invitation."""
        person = await self.get(name)
        await self._accounts.reset_factors(actor.name, person.id)
        await self._store.write(lambda tx: self._strip(tx, actor, person))
        return await self._accounts.invite(actor.name, person.id)

    async def remove(self, actor: Actor, name: str) -> User:
        """Remove a user with credentials, sign-ins and own devices; every session ends. The audit log stays."""
        person = await self.get(name)
        await self._accounts.reset_factors(actor.name, person.id)

        def work(tx: Writer) -> User:
            self._strip(tx, actor, person)
            _forget(tx, person)
            at = self._clock.now()
            tx.log(UserChanged(at=at, actor=actor.name, user=person.name, user_id=person.id, act="removed"))
            return person

        return await self._store.write(work)

    def _strip(self, tx: Writer, actor: Actor, person: User) -> None:
        """Take away invitations and app passwords, and end all that is signed in."""
        for invitation in list(every(tx, Invitation, user_id=person.id)):
            tx.take(Invitation, invitation.digest)
        end_user(tx, person.id, actor.name, Reason.ENDED_BY_ADMIN, self._clock.now())
        for password in list(every(tx, AppPassword, user_id=person.id)):
            self._take(tx, actor, person, password)
        tx.note(user_handle(person.id))

    def _take(self, tx: Writer, actor: Actor, person: User, password: AppPassword) -> None:
        tx.take(AppPassword, password.id)
        tx.note(credential_handle(password.id))
        tx.log(
            FactorChanged(
                at=self._clock.now(),
                actor=actor.name,
                user=person.name,
                user_id=person.id,
                device_id=password.device_id,
                factor="app-password",
                act="removed",
                detail=password.id,
            )
        )

    async def _groups_exist(self, groups: Sequence[str]) -> None:
        def work(tx: Reader) -> None:
            for each in groups:
                if tx.get(Group, canonical(each)) is None:
                    raise missing("no-group", each, [known.name for known in tx.find(Group)])

        await self._store.read(work)


def _matches(person: User, text: str, group: str) -> bool:
    if group and canonical(group) not in person.groups:
        return False
    return not text or any(text in canonical(field) for field in (person.name, person.email, person.display_name))


def _person(tx: Reader, person: User, now: float) -> Person:
    totp = tx.get(TotpFactor, person.id)
    factors = [
        name
        for name, present in (
            ("password", tx.get(Password, person.id) is not None),
            ("totp", totp is not None and totp.confirmed),
            ("recovery", tx.get(RecoveryCodes, person.id) is not None),
        )
        if present
    ]
    signins = [each for each in every(tx, SignIn, user_id=person.id) if not each.ended_at and each.expires_at > now]
    invited = any(each.expires_at > now for each in tx.find(Invitation, user_id=person.id))
    passwords = [each for each in every(tx, AppPassword, user_id=person.id) if not each.revoked]
    return Person(person, list(every(tx, Device, owner=person.id)), passwords, signins, factors, invited)


def _forget(tx: Writer, person: User) -> None:
    """Take the user and their own devices out of the store."""
    for device in list(every(tx, Device, owner=person.id)):
        for key in list(every(tx, DeviceKey, device_id=device.id)):
            tx.take(DeviceKey, key.id)
            tx.note(credential_handle(key.id))
        tx.take(Device, device.id)
        tx.note(device_handle(device.id))
    tx.take(User, person.id)
