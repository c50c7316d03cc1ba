"""Devices as admins handle them: list, add, invite, move between trusts, signal, certify, remove."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idp.admin.actor import Actor
from idp.admin.finding import device, every, user
from idp.admin.ports import DeviceKeeper
from idp.admin.refusals import refused
from kernel.ports import Reader, Store
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, DeviceKey, Trust
from kernel.records.people import User

MOVES: Mapping[str, Trust] = {
    "approve": Trust.ENROLLED,
    "manage": Trust.MANAGED,
    "lose": Trust.LOST,
    "revoke": Trust.REVOKED,
    "restore": Trust.ENROLLED,
}
"""What an admin says, and the trust that a device then has."""

Owned = tuple[Device, User | None]


@dataclass(frozen=True, slots=True)
class Machine:
    """A device with its owner, keys and app passwords."""

    device: Device
    owner: User | None
    keys: Sequence[DeviceKey]
    app_passwords: Sequence[AppPassword]


class Machines:
    """The acts on devices."""

    def __init__(self, store: Store, devices: DeviceKeeper) -> None:
        self._store, self._devices = store, devices

    async def find(
        self, *, owner: str = "", trust: str = "", text: str = "", after: str = "", limit: int = 100
    ) -> Sequence[Owned]:
        """Return devices with their owners, in order of id, past ``after``."""
        if trust and trust not in list(Trust):
            raise refused("no-trust", text=trust, known=", ".join(Trust))

        def work(tx: Reader) -> Sequence[Owned]:
            equals = {"owner": user(tx, owner).id} if owner else {}
            found: list[Owned] = []
            for each in every(tx, Device, **equals):
                if each.id <= after or (trust and each.trust != trust):
                    continue
                holder = tx.get(User, each.owner) if each.owner else None
                if _matches(each, holder, text.casefold()):
                    found.append((each, holder))
                if len(found) >= limit:
                    break
            return found

        return await self._store.read(work)

    async def show(self, name: str) -> Machine:
        """Return one device by id or name; Missing when there is none."""

        def work(tx: Reader) -> Machine:
            one = device(tx, name)
            holder = tx.get(User, one.owner) if one.owner else None
            passwords = [each for each in every(tx, AppPassword, device_id=one.id) if not each.revoked]
            return Machine(one, holder, list(every(tx, DeviceKey, device_id=one.id)), passwords)

        return await self._store.read(work)

    async def add(self, actor: Actor, owner: str, name: str, platform: str = "", kind: str = "computer") -> Device:
        """Register a device for a user, or a shared one when ``owner`` is empty."""
        holder = await self._store.read(lambda tx: user(tx, owner).id) if owner else ""
        return await self._devices.register_device(actor.name, holder, name, platform, kind)

    async def invite(
        self, actor: Actor, owner: str, name: str, platform: str = "", kind: str = "computer", trust: str = ""
    ) -> str:
        """Return a one-time code with which an agent, or a tool that speaks EST, makes this device; good for a day."""
        if trust and trust not in list(Trust):
            raise refused("no-trust", text=trust, known=", ".join(Trust))
        holder = await self._store.read(lambda tx: user(tx, owner).id) if owner else ""
        given = Trust(trust) if trust else Trust.ENROLLED
        return await self._devices.invite(actor.name, holder, name, platform, kind, given)

    async def certify_ssh(self, name: str, public_line: str, hours: int) -> str:
        """Return a certificate (one line) for an SSH key of a device's owner, good for at most a day.

        Raises:
            Refused: the device is shared, or shut out, or the line is no SSH public key.
        """
        shown = await self.show(name)
        if shown.owner is None:
            raise refused("no-ssh-certificate", name=shown.device.name)
        return await self._devices.certify_ssh(shown.owner, shown.device, public_line, hours * 3600.0)

    async def ssh_authority(self) -> str:
        """Return the public key that signs SSH certificates, for a server's ``TrustedUserCAKeys``."""
        return await self._devices.ssh_authority()

    async def move(self, actor: Actor, name: str, act: str, note: str = "") -> Device:
        """Approve, manage, lose, revoke or restore a device (see ``MOVES``); its sessions are judged again at once."""
        if act not in MOVES:
            raise refused("no-move", text=act, known=", ".join(MOVES))
        one = await self._one(name)
        await self._devices.set_trust(actor.name, one.id, MOVES[act], note)
        return await self._one(one.id)

    async def rename(self, actor: Actor, name: str, new_name: str) -> Device:
        """Give a device another name."""
        one = await self._one(name)
        await self._devices.rename(actor.name, one.id, new_name)
        return await self._one(one.id)

    async def signal(self, actor: Actor, name: str, signal: str, value: bool | int | float | str) -> Device:
        """Set one fact of a device's posture; its sessions are judged again at once."""
        one = await self._one(name)
        await self._devices.set_signal(actor.name, one.id, signal, value)
        return await self._one(one.id)

    async def certify(self, actor: Actor, name: str, csr_pem: str) -> str:
        """Return a certificate (PEM) from the device authority for a signing request (PEM)."""
        one = await self._one(name)
        return await self._devices.issue_certificate(actor.name, one.id, csr_pem)

    async def remove(self, actor: Actor, name: str) -> Device:
        """Forget a device with its keys and app passwords."""
        one = await self._one(name)
        await self._devices.remove(actor.name, one.id)
        return one

    async def _one(self, name: str) -> Device:
        return await self._store.read(lambda tx: device(tx, name))


def signal_value(text: str) -> bool | int | float | str:
    """Return what an admin typed as a signal's value: ``true``, ``false``, a whole number, else text as it stands.

    A version such as ``14.4`` stays text, because 14.10 is not 14.1.
    """
    if text in ("true", "false"):
        return text == "true"
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    return text


def _matches(one: Device, holder: User | None, text: str) -> bool:
    fields = (one.id, one.name, one.platform, holder.name if holder else "", holder.email if holder else "")
    return not text or any(text in field.casefold() for field in fields)
