"""A transmitter in process: real store, keys and tokens, a receiver that is played; and its program's token."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from idp.authzen.gate import ProgramGate
from idp.oidc.keys import Keys
from idp.oidc.machines import MachineTokens
from idp.oidc.posting import NotSent, Reply
from idp.signals.bell import Bell
from idp.signals.courier import Courier
from idp.signals.sets import SecurityEvent, read
from idp.signals.signing import Signer
from idp.signals.streams import PUSH, Streams
from idp.signals.telling import Teller
from idp.signals.transmitting import SCOPE, TransmitterPages
from kernel.chance import SystemChance
from kernel.records.oidc import OidcClient, SigningKey
from tests.idp.signals.house import ORIGIN, Site


@dataclass
class Receiver:
    """Plays the other side of the courier: keeps what came, answers as told."""

    status: int = 202
    gone: bool = False
    got: list[SecurityEvent] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def exchange(
        self, method: str, uri: str, body: str | None, headers: Mapping[str, str], most: int = 0, patience: float = 0.0
    ) -> Reply:
        if self.gone:
            raise NotSent("gone")
        said = read(body or "")
        assert isinstance(said, SecurityEvent) and method == "POST" and uri.startswith("https://")
        self.shown.append(headers.get("Authorization", ""))
        if self.status == 202:
            self.got.append(said)
        return Reply(self.status, b"")

    def events(self) -> list[str]:
        return [each.event.rpartition("/")[2] for each in self.got]


@dataclass
class Tower:
    """Everything around the transmitter."""

    site: Site
    keys: Keys
    teller: Teller
    courier: Courier
    receiver: Receiver
    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def call(self, method: str, path: str, who: str = "rx", **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        if method in ("GET", "DELETE"):
            return await self.http.request(method, path, params=body, headers=headers)
        return await self.http.request(method, path, content=json.dumps(body), headers=headers)

    async def stream(self, *subjects: dict[str, Any], push: bool = True) -> str:
        """Make a stream and ask for subjects; return its id."""
        delivery = {"method": PUSH, "endpoint_url": "https://rx.example/hear", "authorization_header": "Bearer rx"}
        made = await self.call("POST", "/ssf/streams", **({"delivery": delivery} if push else {}))
        assert made.status_code == 201, made.text
        stream_id = str(made.json()["stream_id"])
        for subject in subjects:
            added = await self.call("POST", "/ssf/subjects/add", stream_id=stream_id, subject=subject)
            assert added.status_code == 200, added.text
        return stream_id

    async def passes(self) -> None:
        """Let everything be told and pushed that can be."""
        while await self.teller.tell():
            pass
        while await self.courier.deliver():
            pass


async def tower(site: Site, made: list[SigningKey]) -> Tower:
    """Return a transmitter on a site; ``made`` are signing keys of an earlier one."""
    chance, bell, receiver = SystemChance(), Bell(), Receiver()
    await site.put(*made)
    keys = Keys(site.store, site.vault, site.clock, chance)
    await keys.load()
    machines, signer = MachineTokens(keys, site.clock, chance, ORIGIN, 9e6), Signer(keys, ORIGIN)
    tokens = {}
    for name, scopes in (("rx", {"ssf"}), ("other", {"ssf"}), ("asker", {"authzen"})):
        client = OidcClient(
            name, name, (), "x", scopes=frozenset(scopes), grant_types=frozenset({"client_credentials"})
        )
        await site.put(client)
        tokens[name] = machines.issue(client, " ".join(scopes))[0]
    gate = ProgramGate(site.store, machines, ORIGIN, SCOPE)
    pages = TransmitterPages(
        gate, Streams(site.store, site.vault, site.clock, chance, ORIGIN, bell), signer, bell, ORIGIN
    )
    http = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=pages.routes())), base_url=ORIGIN)
    teller = Teller(site.store, site.clock, ORIGIN, bell)
    courier = Courier(site.store, signer, site.vault, receiver, site.clock, bell)
    return Tower(site, keys, teller, courier, receiver, http, tokens)
