"""osquery nodes: enrolled by the fleet's secret or a one-time code, known by a node key, bound to a device.

    secret, code --(enroll)--> node key --(log, distributed/write)--> signals of the device with this serial or uuid

A code (``gatepost device invite``) makes the device. With the fleet's secret, a node whose hardware nobody registered
is enrolled, and says nothing of anybody until ``gatepost device known-as``. What the fleet's secret opens is as good as
that secret: whoever has it can speak for hardware that is known by serial number.
"""

import hmac
from typing import Any, Final

from idp.devices.devices import Devices
from idp.signals.effects import actor_of
from idp.signals.faults import SignalFault
from idp.signals.finding import SERIAL, UUID, device_by
from idp.signals.osquery_results import Signals
from idp.vault import Vault
from kernel.audit import SignalHeard, SignalRefused
from kernel.chance import Chance, secret
from kernel.clock import Clock
from kernel.config.signals import OsquerySettings
from kernel.ports import Reader, Store, Writer
from kernel.records.signals import OsqueryNode

SOURCE: Final = "osquery"
PURPOSE: Final = "osquery-node"
LONGEST: Final = 128
MOST_NODES: Final = 50_000
SELDOM: Final = 60.0


class OsqueryNodes:
    """The acts of nodes. ``fleet``: the enroll secret."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        chance: Chance,
        devices: Devices,
        settings: OsquerySettings,
        fleet: str,
    ) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._devices, self.settings, self._fleet = devices, settings, fleet
        self._stranger_told = float("-inf")

    async def enroll(self, shown: str, details: Any, address: str) -> str | None:
        """Return a new node key, None when ``shown`` is neither the fleet's secret nor a code. Of hardware that enrolls
        again the old key is void."""
        fleet = hmac.compare_digest(shown.encode("utf-8", "replace"), self._fleet.encode())
        key, (serial, uuid) = secret(self._chance), _hardware(details)

        def work(tx: Writer) -> str | None:
            if tx.count(OsqueryNode) >= MOST_NODES:
                return None
            made = None if fleet else self._devices.redeem(tx, shown)
            if not fleet and made is None:
                return None
            device_id = made[0].id if made else _device(tx, serial, uuid)
            for old in tx.find(OsqueryNode, uuid=uuid) if uuid else ():
                tx.take(OsqueryNode, old.digest)
            tx.insert(OsqueryNode(self._digest(key), device_id, uuid, self._clock.now(), serial))
            self._log(tx, device_id, "enroll", f"serial {serial or '-'}, uuid {uuid or '-'}", address)
            return key

        given = await self._store.write(work)
        if given is None:
            await self._stranger(address)
        return given

    async def known(self, key: str) -> OsqueryNode | None:
        """Return the node with this key."""
        if not 0 < len(key) <= LONGEST:
            return None
        digest = self._digest(key)
        return await self._store.read(lambda tx: tx.get(OsqueryNode, digest), small=True)

    async def hear(self, node: OsqueryNode, signals: Signals) -> None:
        """Set what a node's results say of its device, as far as osquery may say it."""
        allowed = {name: value for name, value in signals.items() if name in self.settings.signals}

        def work(tx: Writer) -> None:
            device_id = node.device_id or _device(tx, node.serial, node.uuid)
            self._devices.hear(tx, actor_of(SOURCE), device_id, allowed, SOURCE, self._clock.now())

        if allowed:
            await self._store.write(work)

    async def _stranger(self, address: str) -> None:
        """Record a wrong secret, at most once a minute: a flood must not fill the log."""
        now = self._clock.now()
        if now - self._stranger_told >= SELDOM:
            self._stranger_told = now
            reason = SignalFault.SECRET.value
            event = SignalRefused(at=now, actor=actor_of(SOURCE), address=address, source=SOURCE, reason=reason)
            await self._store.write(lambda tx: tx.log(event))

    def _log(self, tx: Writer, device_id: str, event: str, detail: str, address: str) -> None:
        tx.log(
            SignalHeard(
                at=self._clock.now(),
                actor=actor_of(SOURCE),
                device_id=device_id,
                address=address,
                source=SOURCE,
                event=event,
                detail=detail,
            )
        )

    def _digest(self, key: str) -> str:
        return self._vault.digest(PURPOSE, key)


def _device(tx: Reader, serial: str, uuid: str) -> str:
    """Return the id of the device with this hardware, ``""`` when nobody registered it."""
    for kind, value in ((SERIAL, serial), (UUID, uuid)):
        device = device_by(tx, kind, value) if value else None
        if device is not None:
            return device.id
    return ""


def _hardware(details: Any) -> tuple[str, str]:
    """Return the serial number and uuid that a node tells of its hardware; ``""`` where it tells none."""
    info = details.get("system_info") if isinstance(details, dict) else None
    said = [info.get(name, "") if isinstance(info, dict) else "" for name in ("hardware_serial", "uuid")]
    good = [each if isinstance(each, str) and each.isprintable() and len(each) <= LONGEST else "" for each in said]
    return good[0].strip(), good[1].strip().casefold()
