"""A small identity side for the admin tests: all real but the board of sessions, which is a list."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idp.accounts import Accounts
from idp.admin.actor import Actor
from idp.admin.acts import Acts
from idp.admin.audit_log import AuditLog
from idp.admin.clients import Clients
from idp.admin.comparing import Comparing
from idp.admin.counting import Counting
from idp.admin.explaining import Explaining
from idp.admin.groups import Groups
from idp.admin.health import Health
from idp.admin.machines import Machines
from idp.admin.people import People
from idp.admin.prover_process import answer
from idp.admin.publishing import Publishing
from idp.admin.rejudging import Rejudging
from idp.admin.replaying import Replaying
from idp.admin.sessions import Sessions
from idp.admin.starters import Starter
from idp.admin.trials import Trials
from idp.admin.who_can import WhoCan
from idp.devices import Devices
from idp.judge import Judge
from idp.oidc.clients import Clients as Register
from idp.signins import SignIns
from idp.vault import Vault
from kernel.audit import Entry
from kernel.chance import SeededChance
from kernel.clock import SetClock
from kernel.config.settings import IdpSettings, PolicySettings, Settings, Site
from kernel.records.credentials import TotpFactor
from kernel.records.devices import DeviceKey, Proof, Trust
from kernel.records.people import User
from kernel.records.sessions import LiveSession
from store.sqlite import SqliteStore, verify_audit

AUDIT_KEY = b"k" * 32
ADMIN = Actor.of("root")
LOCAL = Actor.on_this_machine("root")
QUICK = IdpSettings(argon2_memory_kib=64, argon2_passes=1, argon2_parallel=1)

OPEN = """\
version: 1
rules:
  - name: admins open the console
    who: {groups: [admins]}
    service: [console, portal]
    device: {trust: [enrolled, managed], proof: [browser-key, certificate]}
    then: allow
    require: {factors: [totp]}
  - name: staff read mail
    who: {groups: [staff]}
    service: [portal, imap, submission]
    device: {trust: [enrolled, managed]}
    then: allow
"""
PLAIN_TESTS = """\
version: 1
people: {mika: {groups: [staff]}}
devices: {laptop: {trust: enrolled}}
tests:
  - {name: staff read mail, user: mika, device: laptop, service: imap, expect: allow}
"""


class Board:
    """Live sessions as a list; what was ended is remembered."""

    def __init__(self) -> None:
        self.live: list[LiveSession] = []
        self.ended: list[tuple[str, str]] = []

    def all(self) -> Sequence[LiveSession]:
        return list(self.live)

    async def end(self, session_id: str, actor: str) -> None:
        self.ended.append((session_id, actor))
        self.live = [each for each in self.live if each.id != session_id]


class ProverHere:
    """The prover without a process of its own, so that no test waits for one to start; ``asked`` counts questions."""

    limit = 60.0

    def __init__(self, clock: SetClock) -> None:
        self.asked = 0
        self._clock = clock

    async def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        self.asked += 1
        return answer({**question, "now": self._clock.now(), "limit": self.limit})


@dataclass
class House:
    """The acts with what stands behind them."""

    path: Path
    store: SqliteStore
    clock: SetClock
    chance: SeededChance
    accounts: Accounts
    devices: Devices
    signins: SignIns
    board: Board
    judge: Judge
    prover: ProverHere
    acts: Acts

    async def user(self, name: str, *groups: str, ready: bool = False) -> User:
        """Make a user, with password and confirmed TOTP when ``ready``."""
        for group in groups:
            if group not in [each.group.name for each in await self.acts.groups.all()]:
                await self.acts.groups.add(LOCAL, group)
        made = await self.acts.people.add(LOCAL, name, f"{name}@example.com", name.title(), "en", groups)
        if ready:
            await self.acts.people.set_password(LOCAL, name, "lantern orchard seventeen")
            await self.store.write(lambda tx: tx.put(TotpFactor(made.id, "sealed", True, self.clock.now())))
        return made

    async def device(self, owner: str, name: str, proof: Proof | None = Proof.BROWSER_KEY) -> str:
        """Register a device, with a key of this kind, and return its id."""
        made = await self.acts.machines.add(LOCAL, owner, name, "debian", "browser")
        await self.acts.machines.move(LOCAL, made.id, "approve")
        if proof:
            key = DeviceKey(f"key-{made.id}", made.id, proof, "{}", self.clock.now())
            await self.store.write(lambda tx: tx.put(key))
        return made.id

    async def admin(self) -> User:
        """Make an admin who can open the console under ``OPEN``."""
        made = await self.user("root", "admins", ready=True)
        await self.device("root", "desk")
        return made

    def session(self, number: int, user: User, device_id: str = "", service: str = "imap") -> LiveSession:
        """Let a proxy carry a session."""
        live = LiveSession(
            id=f"s_{number}",
            user=user.name,
            user_id=user.id,
            device_id=device_id,
            device="desk" if device_id else "",
            service=service,
            address="192.0.2.7",
            client="Thunderbird",
            node="proxy-1",
            since=self.clock.now() - 60 * number,
            rule="staff read mail",
            revision=1,
        )
        self.board.live.append(live)
        return live

    async def log(self) -> list[Entry]:
        """Return the whole audit log."""
        return list(await self.store.read(lambda tx: tx.audit(0, 1000)))

    async def handles(self) -> list[str]:
        """Return the handle of every change so far."""
        return [each.handle for each in await self.store.read(lambda tx: tx.changes(0))]


@asynccontextmanager
async def house(folder: Path, policy: PolicySettings | None = None) -> AsyncIterator[House]:
    """Open a house in a folder of its own, and close it. ``policy``: how a policy comes into force there."""
    clock, chance, vault = SetClock(), SeededChance(), Vault(b"v" * 32)
    path = folder / "gatepost.db"
    store = SqliteStore.open(path, AUDIT_KEY, clock)
    accounts = Accounts(store, vault, clock, chance, QUICK)
    site = Site("Gatepost", "https://login.example.com", folder)
    devices = Devices(store, vault, clock, chance, Settings(site, idp=QUICK))
    await devices.load()
    board = Board()
    sessions = Sessions(store, board, clock)
    prover = ProverHere(clock)
    comparing = Comparing(store, prover)
    publishing = Publishing(store, clock, lambda: ("webmail",), policy, unproven=comparing.unproven)
    judge = Judge(store, clock, chance)
    counting = Counting(store, clock, board, lambda: judge.policy)
    acts = Acts(
        people=People(store, accounts, clock),
        groups=Groups(store, clock),
        machines=Machines(store, devices),
        sessions=sessions,
        publishing=publishing,
        explaining=Explaining(store, clock),
        comparing=comparing,
        who_can=WhoCan(store, clock),
        rejudging=Rejudging(store, clock, board),
        replaying=Replaying(store, clock, chance),
        trials=Trials(store, clock, publishing, counting, board),
        counting=counting,
        clients=Clients(Register(store, vault, clock, chance)),
        audit=AuditLog(store, lambda: verify_audit(path, AUDIT_KEY)),
        health=Health(store, publishing, sessions),
        invitation_link="https://login.example.com/invited/",
        starters=(Starter("plain", {"en": "Plain and open.", "ja": "最小の構成です。"}, OPEN, PLAIN_TESTS),),
    )
    signins = SignIns(store, vault, clock, chance, 3600.0)
    try:
        yield House(path, store, clock, chance, accounts, devices, signins, board, judge, prover, acts)
    finally:
        accounts.close()
        await store.close()
        await asyncio.sleep(0)


__all__ = ["ADMIN", "LOCAL", "OPEN", "Board", "House", "Trust", "house"]
