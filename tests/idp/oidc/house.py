"""A whole provider in process: real store, vault, sign-ins and pages; the sign-in page and the policy are played."""

import base64
import hashlib
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from idp.authority.subjects import Subjects
from idp.judgement import Judgement
from idp.oidc.clients import Clients
from idp.oidc.keys import Keys
from idp.oidc.machines import MachineTokens
from idp.oidc.provider import Neighbours, Provider
from idp.oidc.texts import AREA
from idp.oidc.tokens import AccessTokens
from idp.signin.flow import Demand
from idp.signins import SignIns
from idp.vault import Vault
from idp.web.pages import Pages
from kernel.authority import Subject
from kernel.chance import SystemChance
from kernel.clock import SetClock
from kernel.config.settings import Site
from kernel.records.devices import Device, Trust
from kernel.records.oidc import OidcClient, SigningKey
from kernel.records.people import User
from kernel.records.sessions import Factor, SignIn
from policies.facts import Facts
from policies.model import Decision, Outcome, Requirement
from store.sqlite import SqliteStore

ISSUER = "https://id.example.test:8443"
BACK = "https://app.example.test/callback"
OUT = "https://app.example.test/bye"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
COOKIE = "signin"
ALICE = User("u_alice", "alice", "alice@example.test", "Alice Ito", "ja", frozenset({"staff"}))
BOB = User("u_bob", "bob", "bob@example.test", "Bob")
LAPTOP = Device("d_laptop", "Alice's laptop", "u_alice", Trust.ENROLLED)


PAGES = Pages(Site("Example", ISSUER, Path("/nowhere")), [AREA], b"c" * 32, SetClock(), SystemChance())
"""Templates are compiled once for all houses; nothing is kept in it."""


class SignInPage:
    """Plays the sign-in pages: remembers how it was called, and sends the browser to ``/sign-in``."""

    def __init__(self, signins: SignIns) -> None:
        self.signins, self.asked = signins, list[dict[str, Any]]()

    async def current(self, request: Request) -> SignIn | None:
        return await self.signins.by_cookie(request.cookies.get(COOKIE, ""))

    async def proof_due(self, request: Request) -> bool:
        return False

    def to_proof(self, request: Request, to: str) -> Response:
        raise AssertionError("no proof is ever due at this gate")

    async def redirect_to_sign_in(self, request: Request, **wish: Any) -> Response:
        self.asked.append(wish)
        return RedirectResponse("/sign-in", 303)

    def to_sign_in(self, request: Request, demand: Demand, hint: str, to: str) -> Response:
        self.asked.append({"demand": demand, "return_to": to})
        return RedirectResponse("/sign-in", 303)


@dataclass
class Bench:
    """Plays the judge: says ``outcome`` to everything and remembers what it was asked."""

    outcome: Outcome = Outcome.ALLOW
    say: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def decide(self, subject: Subject, service: str, address: str) -> Decision:
        self.asked.append((subject.user.name, service, address))
        require = Requirement((Factor.TOTP,), 600.0) if self.outcome is Outcome.STEP_UP else None
        return Decision(self.outcome, "rule", 1, require=require, say=self.say)

    def judge(self, subject: Subject, service: str, address: str) -> Judgement:
        return Judgement(subject, Facts(service, 1.0, address, subject.user), self.decide(subject, service, address))

    async def record(self, judgement: Judgement) -> str:
        return "ABCD2345"


@dataclass
class House:
    """The provider with everything around it, and a browser."""

    store: SqliteStore
    clock: SetClock
    keys: Keys
    clients: Clients
    tokens: AccessTokens
    signins: SignIns
    page: SignInPage
    bench: Bench
    app: Starlette
    browser: httpx.AsyncClient
    client: OidcClient
    secret: str
    near: Neighbours

    def other_browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ISSUER)

    async def sign_in(self, user: User = ALICE, *factors: Factor, browser: httpx.AsyncClient | None = None) -> SignIn:
        signin, cookie = await self.signins.begin(user, factors or (Factor.PASSWORD,), "192.0.2.7", "Firefox")
        (browser or self.browser).cookies.set(COOKIE, cookie)
        return signin

    async def ask(self, browser: httpx.AsyncClient | None = None, **changes: str | None) -> httpx.Response:
        """Send the browser to /authorize with a sound request, changed as told (None: left out)."""
        asked = {name: value for name, value in {**self.sound(), **changes}.items() if value is not None}
        return await (browser or self.browser).get("/oauth2/authorize", params=asked)

    def sound(self) -> dict[str, str]:
        return {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": BACK,
            "scope": "openid profile email mail",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }

    async def code(self, **changes: str | None) -> str:
        return answer_of(await self.ask(**changes))["code"]

    async def redeem(self, code: str, **changes: str | None) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return await self.post("/oauth2/token", {**form, **changes})

    async def refresh(self, token: str, **changes: str | None) -> httpx.Response:
        return await self.post("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token, **changes})

    async def post(
        self, path: str, form: dict[str, str | None], auth: tuple[str, str] | str | None = "own"
    ) -> httpx.Response:
        """POST a form as the client (or as told by ``auth``; None: without authentication)."""
        who = (self.client.client_id, self.secret) if auth == "own" else auth
        sent = {name: value for name, value in form.items() if value is not None}
        async with self.other_browser() as machine:
            return await machine.post(path, data=sent, auth=who or httpx.USE_CLIENT_DEFAULT)  # type: ignore[arg-type]

    async def granted(self, **changes: str | None) -> dict[str, Any]:
        """Sign Alice in, and give the client its tokens."""
        await self.sign_in()
        reply = await self.redeem(await self.code(**changes))
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    async def userinfo(self, token: str) -> int:
        async with self.other_browser() as machine:
            return (await machine.get("/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})).status_code

    async def acts(self) -> list[str]:
        """Return what the audit holds: the acts, in order."""
        entries = await self.store.read(lambda tx: tx.audit(0))
        return [str(entry.fields.get("act") or entry.kind) for entry in entries]

    async def change_client(self, **changes: Any) -> None:
        self.client = replace(self.client, **changes)
        await self.store.write(lambda tx: tx.put(self.client))

    async def keep(self, *records: object) -> None:
        await self.store.write(lambda tx: [tx.put(record) for record in records])


async def build(folder: Path, made: list[SigningKey], issuer: str = ISSUER, at: float = 1_800_000_000.0) -> House:
    """Return a house. ``made`` are signing keys from an earlier one: making RSA keys takes long."""
    clock, chance, vault = SetClock(at), SystemChance(), Vault(b"k" * 32)
    store = SqliteStore.open(folder / "house.db", b"a" * 32, clock)
    await store.write(lambda tx: [tx.put(record) for record in (ALICE, BOB, LAPTOP, *made)])
    keys = Keys(store, vault, clock, chance)
    await keys.load()
    clients = Clients(store, vault, clock, chance)
    client, secret = await clients.register(
        "admin:root",
        "Mail App",
        [BACK],
        scopes=["openid", "profile", "email", "mail", "offline_access"],
        post_logout_redirect_uris=[OUT],
    )
    signins = SignIns(store, vault, clock, chance, 12 * 3600.0)
    page, bench = SignInPage(signins), Bench()
    tokens = AccessTokens(keys, clock, chance, issuer)
    near = Neighbours(
        store=store,
        vault=vault,
        clock=clock,
        chance=chance,
        keys=keys,
        clients=clients,
        tokens=tokens,
        machines=MachineTokens(keys, clock, chance, issuer),
        gate=page,
        ender=signins,
        judge=bench,
        subjects=Subjects(clock),
        pages=PAGES,
        issuer=issuer,
    )
    app = Starlette(routes=Provider(near).routes())
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=issuer)
    return House(store, clock, keys, clients, tokens, signins, page, bench, app, browser, client, secret, near)


def answer_of(response: httpx.Response) -> dict[str, str]:
    """Return what an authorization response tells the client."""
    assert response.status_code == 303, response.text
    place = response.headers["location"]
    assert place.startswith(BACK + "?"), place
    return dict(parse_qsl(urlsplit(place).query, strict_parsing=True))


def with_query(path: str, **values: str) -> str:
    return f"{path}?{urlencode(values)}"


def query_of(place: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(place).query)


class FormReader(HTMLParser):
    """Finds the hidden fields and the action of the forms on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms = dict[str, dict[str, str]]()
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = told["action"]
            self.forms[self._open] = {}
        elif tag == "input" and told.get("type") == "hidden" and self._open:
            self.forms[self._open][told["name"]] = told["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = ""
