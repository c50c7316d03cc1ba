"""Wires the identity side of one machine: store, vault, accounts, devices, provider, acts, and the answers to proxies.

One page, read from top to bottom; every part gets what it needs by constructor. Nothing here decides anything.
"""

import ssl
from dataclasses import dataclass

from gatepost.geography.survey import geography_probe
from gatepost.household.probes import probes
from gatepost.starters import starters
from idp.accounts import Accounts
from idp.admin.acts import Acts
from idp.admin.audit_log import AuditLog
from idp.admin.audit_log import Verdict as ChainVerdict
from idp.admin.clients import Clients as ClientActs
from idp.admin.comparing import Comparing
from idp.admin.counting import Counting
from idp.admin.explaining import Explaining
from idp.admin.groups import Groups
from idp.admin.health import Health
from idp.admin.machines import Machines
from idp.admin.people import People
from idp.admin.prover import Prover
from idp.admin.publishing import Publishing
from idp.admin.rejudging import Rejudging
from idp.admin.replaying import Replaying
from idp.admin.sessions import Sessions
from idp.admin.trials import Trials
from idp.admin.who_can import WhoCan
from idp.authority.answers import Answers
from idp.authority.assembling import answers
from idp.authority.subjects import Subjects
from idp.devices.devices import Devices
from idp.devices.reporting import Reporting
from idp.judge import Judge
from idp.oidc.clients import Clients
from idp.oidc.keys import Keys
from idp.oidc.tokens import AccessTokens
from idp.signins.signins import SignIns
from idp.vault import Vault
from kernel.chance import Chance, SystemChance
from kernel.clock import Clock, SystemClock
from kernel.config.settings import Settings
from kernel.geography import Geography, Nowhere
from store.sqlite.store import SqliteStore
from store.sqlite.verify import verify_audit

AUDIT_PURPOSE = "audit"
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity side, put together. ``load`` it before use, ``close`` it after."""

    settings: Settings
    store: SqliteStore
    vault: Vault
    clock: Clock
    chance: Chance
    accounts: Accounts
    devices: Devices
    reporting: Reporting
    signins: SignIns
    keys: Keys
    tokens: AccessTokens
    clients: Clients
    judge: Judge
    subjects: Subjects
    answers: Answers
    acts: Acts

    async def load(self) -> None:
        """Make or read every key, and compile the policy in force."""
        await self.keys.load()
        await self.devices.load()
        await self.judge.load()

    async def close(self) -> None:
        await self.store.close()

    def trust(self) -> ssl.SSLContext:
        """Return how servers of relying parties are verified: the system's authorities, and the one configured."""
        context = ssl.create_default_context()
        if self.settings.idp.logout_ca is not None:
            context.load_verify_locations(self.settings.idp.logout_ca)
        return context


def open_identity(
    settings: Settings,
    clock: Clock | None = None,
    chance: Chance | None = None,
    geography: Geography | None = None,
) -> Identity:
    """Open the store and put the identity side together; nothing is read yet. ``geography`` None: nothing tells where
    addresses are.

    Raises:
        Refused: the vault's key is missing or readable by others.
        Unavailable: the store cannot be opened.
    """
    clock, chance, geography = clock or SystemClock(), chance or SystemChance(), geography or Nowhere()
    vault = Vault.load(settings.vault_key)
    store = SqliteStore.open(settings.database, vault.derive(AUDIT_PURPOSE), clock)
    issuer = settings.site.issuer.rstrip("/")
    accounts = Accounts(store, vault, clock, chance, settings.idp)
    devices = Devices(store, vault, clock, chance, settings)
    keys = Keys(store, vault, clock, chance)
    tokens = AccessTokens(keys, clock, chance, issuer, settings.idp.access_token_seconds)
    clients = Clients(store, vault, clock, chance)
    judge = Judge(store, clock, chance, geography)
    replies = answers(
        store,
        vault,
        clock,
        chance,
        app_passwords=accounts,
        certificates=devices,
        tokens=tokens,
        keys=keys,
        issuer=issuer,
        routes=settings.routes,
        backends=settings.backends,
    )
    return Identity(
        settings=settings,
        store=store,
        vault=vault,
        clock=clock,
        chance=chance,
        accounts=accounts,
        devices=devices,
        reporting=Reporting(store, vault, clock, issuer, settings.idp.report_every),
        signins=SignIns(
            store,
            vault,
            clock,
            chance,
            settings.idp.signin_hours * HOUR,
            geography,
            settings.geography.travel_speed,
        ),
        keys=keys,
        tokens=tokens,
        clients=clients,
        judge=judge,
        subjects=Subjects(clock),
        answers=replies,
        acts=_acts(settings, store, vault, clock, chance, accounts, devices, clients, replies, geography, judge),
    )


def _acts(
    settings: Settings,
    store: SqliteStore,
    vault: Vault,
    clock: Clock,
    chance: Chance,
    accounts: Accounts,
    devices: Devices,
    clients: Clients,
    replies: Answers,
    geography: Geography,
    judge: Judge,
) -> Acts:
    """Put together what an admin can do."""

    def verify() -> ChainVerdict:
        found = verify_audit(settings.database, vault.derive(AUDIT_PURPOSE))
        return ChainVerdict(found.entries, found.fault)

    comparing = Comparing(store, Prover(clock))
    routes = [route.name for route in settings.routes]
    publishing = Publishing(store, clock, lambda: routes, settings.policy, geography, comparing.unproven)
    sessions = Sessions(store, replies.live, clock)
    counting = Counting(store, clock, replies.live, lambda: judge.policy)
    looks = (*probes(settings), geography_probe(settings, lambda: judge.policy, clock))
    return Acts(
        people=People(store, accounts, clock),
        groups=Groups(store, clock),
        machines=Machines(store, devices),
        sessions=sessions,
        publishing=publishing,
        explaining=Explaining(store, clock, geography, settings.geography.travel_speed),
        comparing=comparing,
        who_can=WhoCan(store, clock, geography),
        rejudging=Rejudging(store, clock, replies.live),
        replaying=Replaying(store, clock, chance),
        trials=Trials(store, clock, publishing, counting, replies.live),
        counting=counting,
        clients=ClientActs(clients),
        audit=AuditLog(store, verify),
        health=Health(store, publishing, sessions, looks),
        invitation_link=f"{settings.site.issuer.rstrip('/')}/invite/",
        starters=starters(),
    )
