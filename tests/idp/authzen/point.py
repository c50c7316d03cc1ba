"""A decision point with everything behind it real: store, policy, tokens, pages; and a program that asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from starlette.applications import Starlette

from idp.authority.subjects import Subjects
from idp.authzen.desk import Desk
from idp.authzen.endpoints import AuthZen
from idp.authzen.gate import ProgramGate
from idp.authzen.paging import Paging
from idp.authzen.searching import Searching
from idp.authzen.weighing import Scale
from idp.judge import Judge
from idp.oidc.clients import Clients
from idp.oidc.keys import Keys
from idp.oidc.machines import MachineTokens
from idp.vault import Vault
from kernel.records.devices import Device, Proof
from tests.idp.admin.house import LOCAL, House, house

ISSUER = "https://id.example.com"
Json = dict[str, Any]

POLICY = """\
version: 1
networks:
  office: [192.0.2.0/24]
rules:
  - name: lost devices get nothing
    device: {trust: [lost, revoked]}
    then: deny
    say: {en: "This device was reported lost.", ja: "この端末は紛失として登録されています。"}
  - name: the webmail for staff, with a second factor of today
    who: {groups: [staff]}
    service: webmail
    device: {trust: [enrolled, managed], proof: [browser-key, certificate]}
    then: allow
    require: {factors: [totp], within: 8h}
    limits: {session: 12h, idle: 1h}
  - name: mail programs of staff
    who: {groups: [staff]}
    service: [imap, submission]
    device: {trust: [enrolled, managed], proof: [app-password, certificate]}
    then: allow
  - name: the portal for staff in the office, by day
    who: {groups: [staff]}
    service: portal
    network: {in: [office]}
    when: {between: "07:00-22:00", zone: UTC}
    then: allow
"""


@dataclass
class Point:
    """The decision point. ``ask`` it as the program ``edge``, which may do everything there is."""

    home: House
    judge: Judge
    keys: Keys
    tokens: MachineTokens
    http: httpx.AsyncClient
    laptop: str
    bearer: str = ""

    async def program(self, name: str, *scopes: str) -> str:
        """Register a program and return a token of its."""
        clients = Clients(self.home.store, Vault(b"v" * 32), self.home.clock, self.home.chance)
        client, _ = await clients.register("admin:root", name.title(), [], client_id=name, scopes=scopes, machine=True)
        return self.tokens.issue(client, " ".join(scopes))[0]

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Send one message as the program; a text is sent as it is."""
        sent = {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind: Json = {"content": body} if isinstance(body, (str, bytes)) else {"json": body}
        return await self.http.post(f"/access/v1/{path}", headers=sent, **kind)

    async def answer(self, path: str, body: Json) -> Json:
        """Send one message that must be answered."""
        reply = await self.post(path, body)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    async def log(self, *kinds: str) -> list[Json]:
        """Return what is on record of these kinds."""
        return [entry.fields for entry in await self.home.log() if entry.kind in kinds]


def question(user: str = "alice@example.com", service: str = "webmail", **context: Any) -> Json:
    """Return a question about a person at a service."""
    return {
        "subject": {"type": "user", "id": user},
        "action": {"name": "use"},
        "resource": {"type": "service", "id": service},
        "context": context,
    }


@cache
def _inhabited() -> bytes:
    """Return a database with alice (staff, a laptop with a certificate), mallory (nobody's), the policy and the keys:
    making them anew for every test takes too long."""

    async def make(folder: Path) -> None:
        async with house(folder) as home:
            for name, groups in (("alice", ("staff",)), ("mallory", ())):
                await home.user(name, *groups, ready=True)
            await home.device("alice", "laptop", Proof.CERTIFICATE)
            await home.acts.publishing.publish(LOCAL, POLICY, "first", base=0, force=True)
            await Keys(home.store, Vault(b"v" * 32), home.clock, home.chance).load()

    with TemporaryDirectory() as folder:
        asyncio.run(make(Path(folder)))
        return (Path(folder) / "gatepost.db").read_bytes()


_OPENED: Json = {}
"""Private keys read before: reading an RSA key checks it, which every test would pay for."""


@asynccontextmanager
async def point(folder: Path) -> AsyncIterator[Point]:
    """Open a decision point with alice, her laptop, and mallory."""
    (folder / "gatepost.db").write_bytes(await asyncio.to_thread(_inhabited))
    async with house(folder) as home:
        home.chance.drawn = 1000  # past what was drawn when the people were made
        [laptop] = [each.id for each in await home.store.read(lambda tx: tx.find(Device))]
        keys = Keys(home.store, Vault(b"v" * 32), home.clock, home.chance)
        keys._open.update(_OPENED)
        await keys.load()
        _OPENED.update(keys._open)
        judge = Judge(home.store, home.clock, home.chance)
        await judge.load()
        tokens = MachineTokens(keys, home.clock, home.chance, ISSUER)
        scale = Scale(Subjects(home.clock), judge, home.clock)
        searching = Searching(home.store, scale, Paging(b"p" * 32), home.clock, lambda: ["tickets", "webmail"])
        desk = Desk(home.store, scale, home.clock, home.chance, ISSUER)
        routes = AuthZen(ProgramGate(home.store, tokens, ISSUER), desk, searching, ISSUER).routes()
        transport = httpx.ASGITransport(app=Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
            place = Point(home, judge, keys, tokens, http, laptop)
            place.bearer = await place.program("edge", "authzen", "authzen-search")
            yield place
