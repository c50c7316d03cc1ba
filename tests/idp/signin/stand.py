"""The identity pages on a real store, with one person who is set up, and a browser that fills forms in; for tests."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from jinja2.bccache import Bucket, BytecodeCache

from idp.accounts import Accounts, totp
from idp.authority.live import LiveSessions
from idp.authority.subjects import Subjects
from idp.devices import Devices
from idp.judge import Judge
from idp.portal.pages import PORTAL, PortalPages
from idp.signin.neighbours import Neighbours
from idp.signin.pages import SIGNIN, SignInPages
from idp.signins import SignIns
from idp.vault import Vault
from idp.web.app import pages_app
from idp.web.pages import Pages
from kernel.chance import SeededChance
from kernel.clock import SetClock
from kernel.config.settings import Endpoint, IdpSettings, Listener, Route, Settings, Site, Tls
from kernel.records.people import User
from kernel.records.policy import PolicyRevision
from store.sqlite import SqliteStore

ISSUER = "https://id.example.test"
WEBMAIL = Route("webmail", "mail.example.test", ("http://127.0.0.1:1",))
PASSWORD = "harbour lantern quiet seven"
OPEN_POLICY = """
version: 1
rules:
  - name: lost devices get nothing
    device: {trust: [lost, revoked]}
    then: deny
    say: {en: "This device was reported lost.", ja: "この端末は紛失として登録されています。"}
  - name: everybody signed in may use the portal
    who: {groups: [staff]}
    service: [portal]
    then: allow
  - name: mail from known devices
    who: {groups: [staff]}
    service: [webmail, imap, submission]
    device: {trust: [enrolled, managed]}
    then: allow
    require: {factors: [totp]}
  - name: mail needs a known device
    service: [webmail, imap, submission]
    then: deny
    say: {en: "Mail opens only on registered devices.", ja: "メールは登録済みの端末でのみ利用できます。"}
"""


def settings_at(folder: Path, issuer: str = ISSUER, routes: tuple[Route, ...] = (WEBMAIL,)) -> Settings:
    """Return settings with a webmail and mail listeners; passwords hash fast."""
    return Settings(
        Site("Example", issuer, folder, ("example.test",)),
        listen=(
            Listener("imaps", "imap", Endpoint("127.0.0.1", 993)),
            Listener("imap", "imap", Endpoint("127.0.0.1", 143), Tls.STARTTLS),
            Listener("submissions", "submission", Endpoint("127.0.0.1", 465)),
        ),
        routes=routes,
        idp=IdpSettings(argon2_memory_kib=1024, argon2_passes=1, argon2_parallel=1),
    )


class _Compiled(BytecodeCache):
    """Keeps compiled templates from one test to the next."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@dataclass
class Stand:
    """Everything that the pages stand on, for real."""

    settings: Settings
    clock: SetClock
    store: SqliteStore
    accounts: Accounts
    devices: Devices
    signins: SignIns
    judge: Judge
    live: LiveSessions
    pages: SignInPages
    app: object
    seeds: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, settings: Settings, clock: SetClock | None = None) -> "Stand":
        clock, chance = clock or SetClock(), SeededChance()
        vault = Vault(b"v" * 32)
        store = SqliteStore.open(settings.database, b"a" * 32, clock)
        accounts = Accounts(store, vault, clock, chance, settings.idp, settings.site.name)
        devices = Devices(store, vault, clock, chance, settings)
        signins = SignIns(store, vault, clock, chance, 12 * 3600.0)
        judge, live = Judge(store, clock, chance), LiveSessions(store, clock)
        pages = Pages(settings.site, [SIGNIN, PORTAL], vault.derive("csrf"), clock, chance)
        pages._environment.bytecode_cache = _Compiled()
        at = Neighbours(settings, store, accounts, devices, signins, judge, Subjects(clock), live, pages, clock)
        signin = SignInPages(at)
        app = pages_app(pages, signin.routes(), PortalPages(at, signin.gate).routes())
        return cls(settings, clock, store, accounts, devices, signins, judge, live, signin, app)

    async def publish(self, text: str) -> None:
        """Put a policy in force."""

        def work(tx: object) -> None:
            number = tx.count(PolicyRevision) + 1
            tx.insert(PolicyRevision(str(number), number, text, "admin:test", self.clock.now()))

        await self.store.write(work)
        await self.judge.load()

    async def person(self, name: str = "aiko", display: str = "Aiko Mori", groups: Sequence[str] = ("staff",)) -> User:
        """Make somebody with password and authenticator app."""
        user = await self.accounts.create_user("system", name, f"{name}@example.test", display, "en", groups)
        await self.accounts.set_password("system", user.id, PASSWORD)
        enrolment = await self.accounts.begin_totp(user.id)
        assert await self.accounts.confirm_totp(user.id, self._code(enrolment.secret))
        self.seeds[name] = enrolment.secret
        self.clock.forward(30)
        return user

    async def user(self, name: str = "aiko") -> User:
        """Return somebody as they are stored now."""
        found = await self.store.read(lambda tx: tx.find(User, name=name))
        return found[0]

    def code(self, name: str = "aiko") -> str:
        """Return the code that the authenticator shows, of a step that was not used yet."""
        self.clock.forward(30)
        return self.present_code(name)

    def present_code(self, name: str = "aiko") -> str:
        """Return the code that the authenticator shows."""
        return self._code(self.seeds[name])

    def _code(self, seed: str) -> str:
        return totp.code_at(seed, totp.step_at(self.clock.now()))

    def browser(self, language: str = "", **headers: str) -> "Browser":
        """Return a fresh browser; ``language``: what was chosen at the foot of a page before."""
        made = Browser(self, headers)
        if language:
            made.client.cookies.set("__Host-gatepost-lang", language)
        return made

    async def close(self) -> None:
        self.accounts.close()
        await self.store.close()


class _Forms(HTMLParser):
    """Collects the forms of a page: action to fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self._fields = self.forms.setdefault(given.get("action") or "", {})
        if tag == "input" and given.get("name"):
            self._fields[given["name"] or ""] = given.get("value") or ""


class Browser:
    """A browser without JavaScript, but for a device key that it can be given."""

    def __init__(self, stand: Stand, headers: dict[str, str]) -> None:
        self.stand = stand
        told = {
            "X-Gatepost-Peer": "192.0.2.7",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0",
            **headers,
        }
        transport = httpx.ASGITransport(stand.app, raise_app_exceptions=True)
        self.client = httpx.AsyncClient(transport=transport, base_url=stand.settings.site.issuer, headers=told)
        self.page: httpx.Response = httpx.Response(204)
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def where(self) -> str:
        """The path (own host) or whole address (elsewhere) at which the browser stands."""
        url = self.page.url
        return str(url).removeprefix(self.stand.settings.site.issuer)

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page.text, re.S)
        return unescape(found[1]).strip() if found else ""

    @property
    def forms(self) -> dict[str, dict[str, str]]:
        parser = _Forms()
        parser.feed(self.page.text)
        return parser.forms

    async def open(self, path: str) -> httpx.Response:
        """Go to a page and follow redirects as long as they stay here."""
        return await self._follow(await self.client.get(path))

    async def send(self, action: str, **fields: str | list[str]) -> httpx.Response:
        """Fill in and send the form of the present page that goes to ``action``."""
        assert action in self.forms, f"no form to {action} on {self.where}: {sorted(self.forms)}"
        data = {**self.forms[action], **fields}
        return await self._follow(await self.post(action, data))

    async def post(self, action: str, data: dict[str, str | list[str]]) -> httpx.Response:
        """Send a form as a browser of our own page would, whatever it holds."""
        return await self.client.post(action, data=data, headers={"Origin": self.stand.settings.site.issuer})

    async def _follow(self, response: httpx.Response) -> httpx.Response:
        for _ in range(10):
            if response.next_request is None or response.next_request.url.host != self.client.base_url.host:
                break
            response = await self.client.send(response.next_request)
        self.page = response
        return response

    async def sign_in(self, name: str = "aiko", to: str = "/portal") -> httpx.Response:
        """Sign in with password and code, and skip the device."""
        await self.open(f"/signin?to={to}")
        await self.send("/signin/password", name=name, password=PASSWORD)
        await self.send("/signin/code", code=self.stand.code(name))
        return await self.open(to)

    async def register(self, name: str = "Laptop") -> httpx.Response:
        """Register this browser, as the script of the page does."""
        await self.open("/signin/device?to=/portal")
        challenge = self.challenge()
        return await self.send(
            "/signin/device/register", name=name, platform="linux", jwk=self.jwk(), proof=self.answer(challenge)
        )

    def challenge(self) -> str:
        found = re.search(r'data-challenge="([^"]+)"', self.page.text)
        assert found, self.title
        return found[1]

    def jwk(self) -> str:
        point = self.key.public_key().public_numbers()
        return json.dumps(
            {
                "crv": "P-256",
                "kty": "EC",
                "x": _b64(point.x.to_bytes(32, "big")),
                "y": _b64(point.y.to_bytes(32, "big")),
            },
            separators=(",", ":"),
        )

    def answer(self, challenge: str, purpose: str = "sign-in") -> str:
        """Return the compact JWS that ``device.js`` makes."""
        header = {
            "alg": "ES256",
            "typ": "gatepost-proof+jwt",
            "kid": _b64(hashlib.sha256(self.jwk().encode()).digest()),
        }
        said = {"challenge": challenge, "origin": self.stand.settings.site.issuer, "purpose": purpose, "iat": 1}
        text = ".".join(_b64(json.dumps(part).encode()) for part in (header, said))
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
