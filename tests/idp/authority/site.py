"""A small identity side, whole and real, with one person, her laptop and phone, and a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from idp.accounts import Accounts
from idp.authority.answers import Answers
from idp.authority.assembling import answers
from idp.devices import Devices
from idp.oidc.keys import Keys
from idp.oidc.tokens import AccessTokens
from idp.signins import SignIns
from idp.vault import Vault
from kernel.chance import SeededChance, SystemChance
from kernel.clock import SetClock
from kernel.config.settings import Backend, IdpSettings, Login, Route, Settings
from kernel.config.settings import Site as SiteSettings
from kernel.records.devices import Device
from kernel.records.people import User
from kernel.records.sessions import Factor, SignIn
from store.sqlite import SqliteStore

R = TypeVar("R")
ISSUER = "https://id.example.com"
HOME, AWAY = "192.0.2.7", "203.0.113.9"
CHEAP = IdpSettings(argon2_memory_kib=16, argon2_passes=1, argon2_parallel=1)


@dataclass
class House:
    """What a test works with."""

    folder: Path
    clock: SetClock
    store: SqliteStore
    vault: Vault
    accounts: Accounts
    devices: Devices
    signins: SignIns
    keys: Keys
    tokens: AccessTokens
    answers: Answers
    anna: User
    ben: User
    laptop: Device

    async def get(self, kind: type[R], key: str) -> R | None:
        return await self.store.read(lambda tx: tx.get(kind, key))

    async def put(self, record: object) -> None:
        await self.store.write(lambda tx: tx.put(record))

    async def app_password(self, *services: str, device: Device | None = None) -> tuple[str, str]:
        """Make one for Anna; return its id and its secret."""
        made, secret = await self.accounts.make_app_password(
            "user:anna", self.anna.id, (device or self.laptop).id, services or ("imap",), "Mail"
        )
        return made.id, secret

    async def certificate(self, device: Device) -> bytes:
        """Issue a certificate for the device; return its DER."""
        await self.devices.load()
        key = ec.generate_private_key(ec.SECP256R1())
        request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
        pem = await self.devices.issue_certificate(
            "admin:root", device.id, request.public_bytes(serialization.Encoding.PEM).decode()
        )
        return x509.load_pem_x509_certificates(pem.encode())[0].public_bytes(serialization.Encoding.DER)

    async def sign_in(self, user: User | None = None) -> tuple[SignIn, str]:
        return await self.signins.begin(user or self.anna, [Factor.PASSWORD, Factor.TOTP], HOME, "Firefox")

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """Return the audit events of one kind, oldest first."""
        found = await self.store.read(lambda tx: tx.audit_search(kind=kind))
        return [entry.fields for entry in reversed(found)]

    async def update(self, record: Any, **changes: Any) -> None:
        await self.put(replace(record, **changes))


_OPENED: dict[str, Any] = {}
"""Private keys read before: reading an RSA key checks it for 35 ms, which every test would pay."""


@cache
def _inhabited() -> bytes:
    """Return a database that holds the site's keys, its people and a laptop: making them anew for every test takes too
    long."""

    async def make(folder: Path) -> None:
        clock, vault = SetClock(), Vault(bytes(range(32)))
        store = SqliteStore.open(folder / "gatepost.db", vault.derive("audit"), clock)
        await Keys(store, vault, clock, SystemChance()).load()
        settings = Settings(SiteSettings("Example", ISSUER, folder / "state"), idp=CHEAP)
        accounts = Accounts(store, vault, clock, SystemChance(), CHEAP)
        devices = Devices(store, vault, clock, SystemChance(), settings)
        await devices.load()
        anna = await accounts.create_user("admin:root", "anna", "anna@example.com", "Anna Arai", "ja", ["staff"])
        await accounts.create_user("admin:root", "ben", "ben@example.com", "Ben", "en", ["staff"])
        await devices.register_device("admin:root", anna.id, "Laptop", "linux", "computer")
        accounts.close()
        await store.close()

    with TemporaryDirectory() as folder:
        asyncio.run(make(Path(folder)))
        return (Path(folder) / "gatepost.db").read_bytes()


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    clock, chance, vault = SetClock(), SeededChance(), Vault(bytes(range(32)))
    (folder / "gatepost.db").write_bytes(await asyncio.to_thread(_inhabited))
    store = SqliteStore.open(folder / "gatepost.db", vault.derive("audit"), clock)
    settings = Settings(SiteSettings("Example", ISSUER, folder / "state"), idp=CHEAP)
    accounts, devices = Accounts(store, vault, clock, chance, CHEAP), Devices(store, vault, clock, chance, settings)
    keys = Keys(store, vault, clock, chance)
    keys._open.update(_OPENED)
    await keys.load()
    _OPENED.update(keys._open)
    tokens = AccessTokens(keys, clock, chance, ISSUER)
    (folder / "master").write_text("the master's secret\n")
    whole = answers(
        store,
        vault,
        clock,
        SystemChance(),
        app_passwords=accounts,
        certificates=devices,
        tokens=tokens,
        keys=keys,
        issuer=ISSUER,
        routes=[Route("webmail", "mail.example.com", ("http://127.0.0.1:1",), session=3600.0)],
        backends=[
            Backend("dovecot", login=Login.TOKEN, audience="mail.example.com"),
            Backend("master", login=Login.MASTER, master_user="proxy", secret_file=folder / "master"),
            Backend("authzid", login=Login.AUTHZID, master_user="proxy", secret_file=folder / "master"),
            Backend("broken", login=Login.MASTER, master_user="proxy", secret_file=folder / "absent"),
            Backend("open", login=Login.NONE),
        ],
    )
    anna, ben = sorted(await store.read(lambda tx: tx.find(User)), key=lambda user: user.name)
    (laptop,) = await store.read(lambda tx: tx.find(Device))
    signins = SignIns(store, vault, clock, chance, 12 * 3600.0)
    yield House(folder, clock, store, vault, accounts, devices, signins, keys, tokens, whole, anna, ben, laptop)
    accounts.close()
    await store.close()
