"""A site that hears one transmitter: real store and registry, a transmitter that signs, a board of live sessions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import ECKey
from starlette.applications import Starlette

from idp.authority.live import LiveSessions
from idp.devices import Devices
from idp.signals.effects import Effects
from idp.signals.faults import SignalFault
from idp.signals.hearing import Hearing
from idp.signals.pushing import PushPages
from idp.signals.sets import CAEP
from idp.signals.trusted_keys import TrustedKeys
from idp.vault import Vault
from kernel.audit import Entry
from kernel.clock import SetClock
from kernel.config.settings import Settings
from kernel.config.signals import SignalSource
from kernel.records.devices import Device
from kernel.records.people import User
from kernel.records.sessions import LiveSession, SignIn
from store.sqlite.store import SqliteStore

ORIGIN = "https://id.example.com:8443"
THEIRS = "https://edr.example.net"
SECRET = "correct horse battery staple"
ANNA = User("u_anna", "anna", "anna@example.com")
BEN = User("u_ben", "ben", "ben@example.com")
NOW = 1_800_000_000


@dataclass
class Transmitter:
    """Holds a key, and signs what it is told."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
    count: int = 0

    def jwks(self) -> str:
        return json.dumps({"keys": [{**self.key.as_dict(private=False), "alg": "ES256", "use": "sig"}]})

    def claims(self, event: str, subject: dict[str, Any], **payload: Any) -> dict[str, Any]:
        self.count += 1
        return {
            "iss": THEIRS,
            "aud": ORIGIN,
            "iat": NOW,
            "jti": f"t{self.count}",
            "sub_id": subject,
            "events": {event if ":" in event else CAEP + event: {"event_timestamp": NOW, **payload}},
        }

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        said = {"alg": "ES256", "typ": "secevent+jwt", "kid": "k1"} | header
        kept = {name: value for name, value in said.items() if value is not None}
        payload = json.dumps({name: value for name, value in claims.items() if value is not None})
        return jws.serialize_compact(kept, payload, self.key, registry=_ANY)

    def token(self, event: str, subject: dict[str, Any], **payload: Any) -> str:
        return self.sign(self.claims(event, subject, **payload))


_ANY = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)


@dataclass
class Site:
    """What a test works with."""

    store: SqliteStore
    vault: Vault
    clock: SetClock
    devices: Devices
    live: LiveSessions
    hearing: Hearing
    theirs: Transmitter
    settings: Settings

    async def get(self, kind: type[Any], key: str) -> Any:
        return await self.store.read(lambda tx: tx.get(kind, key))

    async def put(self, *records: object) -> None:
        await self.store.write(lambda tx: [tx.put(record) for record in records])

    async def sign_in(self, user: User, signin_id: str, device_id: str = "") -> SignIn:
        now = self.clock.now()
        made = SignIn(signin_id, f"digest-{signin_id}", user.id, now, now + 3600, device_id=device_id)
        await self.put(made)
        return made

    async def hear(self, event: str, subject: dict[str, Any], **payload: Any) -> SignalFault | None:
        return await self.hearing.take(self.theirs.token(event, subject, **payload))

    async def audit(self, kind: str = "") -> list[Entry]:
        return [each for each in await self.store.read(lambda tx: tx.audit(0)) if kind in ("", each.kind)]

    async def handles(self) -> list[str]:
        return [each.handle for each in await self.store.read(lambda tx: tx.changes(0))]

    def carries(self, session_id: str, user: User, device_id: str = "", signin_id: str = "") -> None:
        """Let a proxy announce a live session."""
        session = LiveSession(
            session_id, user.name, user.id, device_id, "", "imap", "192.0.2.1", "", "n", 0.0, signin_id=signin_id
        )
        self.live.take("n", [session], [], whole=False)

    def pages(self, routes: Sequence[Any] = ()) -> httpx.AsyncClient:
        shown = routes or PushPages({"edr": self.hearing}).routes()
        return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=shown)), base_url=ORIGIN)

    async def device(self, name: str = "Anna's laptop", owner: User = ANNA) -> Device:
        return await self.devices.register_device("admin:ines", owner.id, name, "linux")


def email(user: User = ANNA) -> dict[str, Any]:
    return {"format": "email", "email": user.email}


def opaque(name: str) -> dict[str, Any]:
    return {"format": "opaque", "id": name}


def source(folder: Path, **changes: Any) -> SignalSource:
    said = {"name": "edr", "issuer": THEIRS, "audience": ORIGIN, "secret_file": folder / "s", "jwks_file": folder / "k"}
    return SignalSource(**{**said, **changes})


def hearing(
    folder: Path, store: SqliteStore, devices: Devices, live: LiveSessions, clock: SetClock, poster: Any = None
) -> Hearing:
    heard = source(folder)
    effects = Effects(devices, live, clock)
    return Hearing(heard, SECRET, TrustedKeys(heard, poster, clock), store, effects, clock, ORIGIN)
