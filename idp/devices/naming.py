"""Other names of a device: its serial number, its hardware's uuid, and what a source of signals calls it.

Owns that one such name is of one device alone. Refuses a name that another device has.
"""

import re
from typing import Final

from idp.devices.refusals import refused, taken
from idp.devices.registry import Registry
from kernel.paging import every
from kernel.ports import Writer
from kernel.records.devices import Device
from kernel.records.signals import DeviceAlias

MOST_ALIASES: Final = 16
LONGEST: Final = 128
FOLDED: Final = ("serial", "uuid")
"""Kinds whose values mean the same in capitals and without; a source's own names are taken as they are."""
_KIND: Final = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


class Naming(Registry):
    """The acts on devices' other names."""

    async def know_as(self, actor: str, device_id: str, kind: str, value: str) -> Device:
        """Let a device be known by another name: ``kind`` is ``serial``, ``uuid`` or a source's name.

        Raises:
            Missing: no such device.
            DeviceRefused: an odd kind or value, or sixteen names already.
            KeyTaken: another device has that name.
        """
        text = value.strip()
        if not _KIND.fullmatch(kind) or not text.isprintable() or not 0 < len(text) <= LONGEST:
            raise refused("alias-invalid", most=MOST_ALIASES)

        def work(tx: Writer) -> Device:
            return self._put_changed(tx, actor, device_id, "known-as", lambda device: named(tx, device, kind, text))

        return await self._store.write(work)


def named(tx: Writer, device: Device, kind: str, value: str) -> tuple[Device, str]:
    """Note another name of a device in the caller's transaction; return the device, and what the audit says."""
    alias = DeviceAlias(f"{kind}:{value.casefold() if kind in FOLDED else value}", device.id)
    before = tx.get(DeviceAlias, alias.id)
    if before is not None and before.device_id != device.id:
        raise taken("alias-taken")
    if before is None and sum(1 for _ in every(tx, DeviceAlias, device_id=device.id)) >= MOST_ALIASES:
        raise refused("alias-invalid", most=MOST_ALIASES)
    tx.put(alias)
    return device, alias.id
