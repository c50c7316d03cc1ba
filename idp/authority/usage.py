"""Remembers when devices and app passwords were last used: gathered in memory, written in one go every few seconds.

These are for people to look at. Nothing is decided by them, so they may lag and a crash may lose the last few.
"""

import asyncio
from dataclasses import replace

from kernel.authority import Subject
from kernel.clock import Clock
from kernel.ports import Store, Writer
from kernel.problems import Unavailable
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device

EVERY = 5.0
NOT_AGAIN_WITHIN = 300.0
MOST = 10_000


class Usage:
    """What was seen since the last flush, by id."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._devices: dict[str, float] = {}
        self._credentials: dict[str, tuple[float, str]] = {}

    def seen(self, subject: Subject, address: str) -> None:
        """Note that a credential of this subject has just verified."""
        now, device = self._clock.now(), subject.device
        if device and now - device.last_seen_at >= NOT_AGAIN_WITHIN and len(self._devices) < MOST:
            self._devices[device.id] = now
        for name in subject.key.credential_id.split():
            if len(self._credentials) < MOST:
                self._credentials[name] = (now, address)

    async def flush(self) -> None:
        """Write what was gathered."""
        devices, self._devices = self._devices, {}
        credentials, self._credentials = self._credentials, {}
        if devices or credentials:
            await self._store.write(lambda tx: _write(tx, devices, credentials))

    async def run(self) -> None:
        """Flush every 5 s until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.flush()
            except Unavailable:
                continue


def _write(tx: Writer, devices: dict[str, float], credentials: dict[str, tuple[float, str]]) -> None:
    for device_id, at in devices.items():
        device = tx.get(Device, device_id)
        if device:
            tx.put(replace(device, last_seen_at=at))
    for name, (at, address) in credentials.items():
        found = tx.get(AppPassword, name)
        if found and (at - found.last_used_at >= NOT_AGAIN_WITHIN or address != found.last_address):
            tx.put(replace(found, last_used_at=at, last_address=address[:64]))
