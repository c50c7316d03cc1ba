"""A small site with two people, on a real store, with cheap hashing and a clock that stands still."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from idp.accounts import Accounts
from idp.vault import Vault
from kernel.audit import Entry
from kernel.clock import SetClock
from kernel.config.settings import IdpSettings
from kernel.records.changes import Change
from kernel.records.devices import Device, Trust
from kernel.records.people import User
from store.sqlite.store import SqliteStore

CHEAP = IdpSettings(argon2_memory_kib=16, argon2_passes=1, argon2_parallel=1)
GOOD = "violet tractor sings"
HOME, AWAY = "192.0.2.7", "203.0.113.9"


@dataclass
class Site:
    """What a test works with."""

    store: SqliteStore
    vault: Vault
    clock: SetClock
    accounts: Accounts
    anna: User
    ben: User

    async def get(self, kind: type[Any], key: str) -> Any:
        return await self.store.read(lambda tx: tx.get(kind, key))

    async def put(self, record: object) -> None:
        await self.store.write(lambda tx: tx.put(record))

    async def device(self, owner: User, device_id: str = "d_laptop", trust: Trust = Trust.ENROLLED) -> Device:
        made = Device(id=device_id, name="Laptop", owner=owner.id, trust=trust)
        await self.store.write(lambda tx: tx.put(made))
        return made

    async def since(self, work: Callable[[], Any]) -> tuple[Any, list[Entry], list[Change]]:
        """Return what an act returned, with the audit entries and change rows that it left."""
        (number, _), change = await self.store.read(lambda tx: (tx.audit_head(), tx.last_change()))
        result = await work()
        entries, changes = await self.store.read(lambda tx: (tx.audit(number), tx.changes(change)))
        return result, list(entries), list(changes)
