"""The registry: devices made, named, trusted, lost, removed, and what is known of their posture.

Every act is one transaction: the record, its audit event, its change row. A device that is lost, revoked, expired or
gone takes the sign-ins and grants that stand on it along; its app passwords and certificates stay, for the policy to
refuse in its own words, until it is removed or given back.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from cryptography import x509

from idp.ca.revocation import REASONS, restore, withdraw
from idp.devices.refusals import missing, refused
from idp.ending import end_device
from idp.vault import Vault
from kernel.audit import DeviceChanged
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.config.settings import Settings
from kernel.paging import every
from kernel.ports import Reader, Store, Writer
from kernel.reasons import Reason
from kernel.records.changes import credential_handle, device_handle
from kernel.records.credentials import AppPassword
from kernel.records.devices import OUT, Device, DeviceKey, Signal, Trust
from kernel.records.people import User

MOST_TEXT: Final = 80
MOST_DEVICES: Final = 100
MOST_SIGNALS: Final = 64
MOST_VALUE: Final = 256
SEEN_EVERY: Final = 300.0
_SIGNAL: Final = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


class Registry:
    """The base of ``Devices``: all that needs no key and no certificate."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance, settings: Settings) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._settings = settings

    async def register_device(
        self, actor: str, user_id: str, name: str, platform: str = "", kind: str = "computer"
    ) -> Device:
        """Register a device for a user, or (``user_id`` empty) one that is shared. Registered by its own user it begins
        with the trust of ``idp.new_certificates``, by anybody else as enrolled.

        Raises:
            Missing: no such user.
            DeviceRefused: an unacceptable text, or a hundred devices already.
        """

        def work(tx: Writer) -> Device:
            owner = _owner(tx, user_id)
            own = owner is not None and actor == f"user:{owner.name}"
            trust = Trust(self._settings.idp.new_certificates) if own else Trust.ENROLLED
            return self._add(tx, actor, owner, trust, name, platform, kind)

        return await self._store.write(work)

    async def rename(self, actor: str, device_id: str, name: str) -> Device:
        """Give a device another name; Missing when there is none."""
        shown = _text(name, least=1)
        return await self._change(
            actor, device_id, "renamed", lambda device: (replace(device, name=shown), f"was {device.name}")
        )

    async def set_trust(self, actor: str, device_id: str, trust: Trust, note: str = "") -> Device:
        """Move a device to another trust. Lost, revoked or expired, its sign-ins and grants end.

        Raises:
            Missing: no such device.
            DeviceRefused: ``unknown`` is the absence of a device, or the note is not one short line.
        """
        if trust is Trust.UNKNOWN:
            raise refused("trust-invalid", trust=trust)
        said = _text(note, most=MOST_VALUE)

        def moved(device: Device) -> tuple[Device, str]:
            return replace(device, trust=trust, note=said), f"{device.trust} -> {trust} {said}".strip()

        def work(tx: Writer) -> Device:
            device = self._put_changed(tx, actor, device_id, trust, moved)
            if trust in OUT:
                end_device(tx, device_id, actor, Reason.CREDENTIAL_REVOKED, self._clock.now())
                withdraw(tx, device_id, REASONS[trust], self._clock.now())
            else:
                restore(tx, device_id)
            return device

        return await self._store.write(work)

    async def set_signal(
        self, actor: str, device_id: str, name: str, value: bool | int | float | str, by: str = "admin"
    ) -> Device:
        """Set one fact of a device's posture, as of now.

        Raises:
            Missing: no such device.
            DeviceRefused: an odd name or value, or sixty-four facts already.
        """
        _demand_signal(name, value)
        signal = Signal(value, self._clock.now(), by)

        def signalled(device: Device) -> tuple[Device, str]:
            signals = {**device.signals, name: signal}
            if len(signals) > MOST_SIGNALS:
                raise refused("signal-invalid", most=MOST_SIGNALS)
            return replace(device, signals=signals), f"{name}={value}"

        return await self._change(actor, device_id, "signal", signalled)

    async def remove(self, actor: str, device_id: str) -> None:
        """Forget a device: its sign-ins and grants end, its app passwords are revoked, its keys are gone.

        Raises:
            Missing: no such device.
        """

        def work(tx: Writer) -> None:
            device = tx.take(Device, device_id)
            if device is None:
                raise missing("no-device")
            end_device(tx, device_id, actor, Reason.CREDENTIAL_REVOKED, self._clock.now())
            withdraw(tx, device_id, x509.ReasonFlags.cessation_of_operation, self._clock.now())
            for key in list(every(tx, DeviceKey, device_id=device_id)):
                tx.take(DeviceKey, key.id)
                tx.note(credential_handle(key.id))
            for password in list(every(tx, AppPassword, device_id=device_id)):
                if not password.revoked:
                    tx.put(replace(password, revoked=True))
                    tx.note(credential_handle(password.id))
            self._log(tx, actor, device, "removed")

        await self._store.write(work)

    async def get(self, device_id: str) -> Device:
        """Return a device; Missing when there is none."""
        return await self._store.read(lambda tx: _device(tx, device_id))

    async def for_user(self, user_id: str) -> Sequence[Device]:
        """Return the user's devices, the latest seen first."""
        found = await self._store.read(lambda tx: tx.find(Device, owner=user_id) if user_id else ())
        return sorted(found, key=lambda device: -max(device.last_seen_at, device.created_at))

    async def owner_address(self, device: Device) -> str:
        """Return the mail address of a device's owner, ``""`` when it is shared."""
        owner = await self._store.read(lambda tx: tx.get(User, device.owner) if device.owner else None)
        return owner.email if owner else ""

    def _see(self, tx: Writer, device_id: str) -> None:
        """Nothing is decided by when a device was last seen: no event, no change row."""
        device, now = tx.get(Device, device_id), self._clock.now()
        if device is not None and now - device.last_seen_at >= SEEN_EVERY:
            tx.put(replace(device, last_seen_at=now))

    def _add(
        self, tx: Writer, actor: str, owner: User | None, trust: Trust, name: str, platform: str, kind: str
    ) -> Device:
        device = Device(
            id=identifier(self._chance, "d"),
            name=_text(name, least=1),
            owner=owner.id if owner else "",
            trust=trust,
            platform=_text(platform),
            kind=_text(kind, least=1),
            created_at=self._clock.now(),
            last_seen_at=self._clock.now(),
        )
        if owner and tx.count(Device, owner=owner.id) >= MOST_DEVICES:
            raise refused("too-many", most=MOST_DEVICES)
        tx.insert(device)
        self._log(tx, actor, device, "registered", f"{device.kind} {device.platform} {trust}")
        return device

    async def _change(
        self, actor: str, device_id: str, act: str, change: Callable[[Device], tuple[Device, str]]
    ) -> Device:
        return await self._store.write(lambda tx: self._put_changed(tx, actor, device_id, act, change))

    def _put_changed(
        self, tx: Writer, actor: str, device_id: str, act: str, change: Callable[[Device], tuple[Device, str]]
    ) -> Device:
        """Store what ``change`` makes of a device, with the event whose detail it names."""
        device, detail = change(_device(tx, device_id))
        tx.put(device)
        self._log(tx, actor, device, act, detail)
        return device

    def _log(self, tx: Writer, actor: str, device: Device, act: str, detail: str = "") -> None:
        owner = tx.get(User, device.owner) if device.owner else None
        tx.log(self._event(owner, device.id, actor, device.name, act, detail))
        tx.note(device_handle(device.id))

    def _event(
        self, owner: User | None, device_id: str, actor: str, name: str, act: str, detail: str = ""
    ) -> DeviceChanged:
        return DeviceChanged(
            at=self._clock.now(),
            actor=actor,
            user=owner.name if owner else "",
            user_id=owner.id if owner else "",
            device_id=device_id,
            device=name,
            act=act,
            detail=detail,
        )


def _device(tx: Reader, device_id: str) -> Device:
    device = tx.get(Device, device_id)
    if device is None:
        raise missing("no-device")
    return device


def _owner(tx: Reader, user_id: str) -> User | None:
    owner = tx.get(User, user_id) if user_id else None
    if user_id and owner is None:
        raise missing("no-user")
    return owner


def _text(text: str, least: int = 0, most: int = MOST_TEXT) -> str:
    """Return a text that a person typed: one line, no control or direction characters."""
    cleaned = unicodedata.normalize("NFC", text[: 4 * most]).strip()
    plain = all(unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp") for c in cleaned)
    if not plain or not least <= len(cleaned) <= most:
        raise refused("text-invalid", most=most)
    return cleaned


def _demand_signal(name: str, value: object) -> None:
    good = isinstance(value, (bool, int, float, str)) and len(str(value)) <= MOST_VALUE
    if isinstance(value, float) and not math.isfinite(value):
        good = False
    if not good or not _SIGNAL.fullmatch(name):
        raise refused("signal-invalid", most=MOST_SIGNALS)
