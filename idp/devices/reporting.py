"""Posture reports taken in: each counts once, in order, for the device whose key signed it, or is refused, on record.

    text --(read)--> claim --(key, device)--> known --(signature, audience)--> theirs --(nonce, counter)--> counted
      |                |                        |                                |
      +---malformed----+------unknown-key-------+---signature, foreign, over-----+--nonce, counter, out--> refused

One transaction stores what was reported; every refusal is on record. The change log hears of a value that changed, or
came back after it was unknown, so that ten thousand devices which say the same again cost no session a thought.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from idp.devices.reports import Reported, ReportFault, read, verifies
from idp.vault import Vault
from kernel.audit import DeviceChanged, ReportRefused
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.records.changes import device_handle
from kernel.records.devices import OUT, Device, DeviceKey, Proof, Reporter, Signal
from kernel.records.people import User
from policies.vocabulary import SIGNALS

BY: Final = "agent"
MOST_VALUE: Final = 256
QUIET: Final = 2
"""After so many missed reports the next one is told even if it says the same: somebody may take it for unknown."""

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Counted:
    """A report that counts: the device as it now is, the nonce for the next report, and what was not understood."""

    device: Device
    nonce: str
    ignored: tuple[str, ...]


class Reporting:
    """Takes reports in. ``issuer`` is whom they must be for, ``every`` how often a device shall report, in seconds."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, issuer: str, every: float) -> None:
        self._store, self._vault, self._clock = store, vault, clock
        self._issuer, self.every = issuer.rstrip("/"), every

    async def nonce(self, key_id: str) -> str | None:
        """Return a nonce for the next report by this key; None when nobody has it."""
        key = await self._store.read(lambda tx: tx.get(DeviceKey, key_id))
        return self._nonce(key.device_id) if key is not None else None

    async def take(self, report: str, address: str = "") -> Counted | ReportFault:
        """Count a report, or say why it does not count; that is on record, with the key that it names."""
        said = read(report)
        if said is None:
            return await self._refused(ReportFault.MALFORMED, None, None, address)
        key, device = await self._store.read(lambda tx: _holder(tx, said.key_id))
        fault = self._fault(report, said, key, device)
        if fault is not None or device is None:
            return await self._refused(fault or ReportFault.UNKNOWN_KEY, said, device, address)
        counted = await self._store.write(lambda tx: self._count(tx, said, device.id))
        if isinstance(counted, ReportFault):
            return await self._refused(counted, said, device, address)
        return counted

    def _fault(self, report: str, said: Reported, key: DeviceKey | None, device: Device | None) -> ReportFault | None:
        """Return why a report does not count, as far as nothing need be written to know it."""
        if key is None or device is None or key.proof is not Proof.CERTIFICATE:
            return ReportFault.UNKNOWN_KEY
        if not verifies(report, key.public):
            return ReportFault.SIGNATURE
        if key.revoked or key.not_after <= self._clock.now():
            return ReportFault.KEY_OVER
        if said.audience != self._issuer:
            return ReportFault.FOREIGN
        return None if self._fresh(said.nonce, device.id) else ReportFault.NONCE

    def _count(self, tx: Writer, said: Reported, device_id: str) -> Counted | ReportFault:
        device, last, now = tx.get(Device, device_id), tx.get(Reporter, device_id), self._clock.now()
        if device is None or device.trust in OUT:
            return ReportFault.DEVICE_OUT
        if last is not None and said.counter <= last.counter:
            return ReportFault.COUNTER
        signals, ignored = _understood(said.signals)
        changed = {name: value for name, value in signals.items() if _differs(device, name, value)}
        told = bool(changed) or last is None or now - last.at > QUIET * self.every
        heard = {name: Signal(value, now, BY) for name, value in signals.items()}
        platform = device.platform or said.platform
        reported = replace(device, signals={**device.signals, **heard}, platform=platform, last_seen_at=now)
        tx.put(reported)
        tx.put(Reporter(device_id, said.counter, now, now if told or last is None else last.told_at, said.version))
        if changed:
            tx.log(self._changed(tx, reported, changed))
        if told:
            tx.note(device_handle(device_id))
        return Counted(reported, self._nonce(device_id), ignored)

    def _changed(self, tx: Reader, device: Device, changed: Mapping[str, Value]) -> DeviceChanged:
        owner = tx.get(User, device.owner) if device.owner else None
        return DeviceChanged(
            at=self._clock.now(),
            actor=f"device:{device.id}",
            user=owner.name if owner else "",
            user_id=device.owner,
            device_id=device.id,
            device=device.name,
            act="signal",
            detail=" ".join(f"{name}={value}" for name, value in sorted(changed.items())),
        )

    async def _refused(
        self, fault: ReportFault, said: Reported | None, device: Device | None, address: str
    ) -> ReportFault:
        event = ReportRefused(
            at=self._clock.now(),
            device_id=device.id if device else "",
            address=address,
            reason=fault.value,
            key=said.key_id[:100] if said else "",
        )
        await self._store.write(lambda tx: tx.log(event))
        return fault

    def _nonce(self, device_id: str) -> str:
        """Return a nonce for one device, good until two reports later. Not stored: the counter makes it count once."""
        until = str(int(self._clock.now() + (QUIET + 1) * self.every))
        return f"{until}.{self._mac(until, device_id)}"

    def _fresh(self, nonce: str, device_id: str) -> bool:
        until, _, mac = nonce[:128].partition(".")
        good = nonce.isascii() and hmac.compare_digest(self._mac(until, device_id), mac)
        return good and self._clock.now() <= int(until)

    def _mac(self, until: str, device_id: str) -> str:
        return self._vault.digest("report", f"{until}\n{device_id}")


def _holder(tx: Reader, key_id: str) -> tuple[DeviceKey | None, Device | None]:
    key = tx.get(DeviceKey, key_id)
    return key, tx.get(Device, key.device_id) if key else None


def _understood(signals: Mapping[str, Value]) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return the signals that the vocabulary knows, with values of its types, and the names of the others."""
    known = {
        name: value
        for name, value in signals.items()
        if name in SIGNALS and type(value) is SIGNALS[name].type and len(str(value)) <= MOST_VALUE
    }
    return known, tuple(sorted(name[:64] for name in signals if name not in known))


def _differs(device: Device, name: str, value: Value) -> bool:
    before = device.signals.get(name)
    return before is None or before.value != value
