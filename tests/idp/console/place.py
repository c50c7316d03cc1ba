"""The console in a house: real pages and acts; the gate lets in whoever the test says is at the browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from idp.console.pages import CONSOLE, ConsolePages
from idp.oidc.texts import AREA as OIDC
from idp.signin.pages import SIGNIN
from idp.signin.standing import Visitor, read_visitor
from idp.web.app import pages_app
from idp.web.pages import Pages
from kernel.config.settings import PolicySettings, Site
from kernel.records.devices import Proof
from kernel.records.sessions import Factor, SignIn
from tests.idp.admin.house import House, house

ORIGIN = "https://login.example.com"


class Doorkeeper:
    """Lets the visitor of the test in, whom the policy would have to admit in earnest."""

    def __init__(self) -> None:
        self.visitor: Visitor | None = None
        self.asked: list[str] = []

    async def admit(self, request: Request, service: str, to: str = "") -> Visitor | Response:
        self.asked.append(service)
        return self.visitor or PlainTextResponse("refused", 403)


@dataclass
class Place:
    """The console, its house, and a browser."""

    home: House
    gate: Doorkeeper
    pages: Pages
    app: object
    browser: httpx.AsyncClient

    async def arrive(self, name: str = "root") -> Visitor:
        """Let an admin sit down at the browser."""
        shown = await self.home.acts.people.show(name)
        at = self.home.clock.now()
        signin = SignIn(f"si_{name}", "d", shown.user.id, at, at + 3600, {Factor.PASSWORD: at}, proof=Proof.CERTIFICATE)
        self.gate.visitor = await self.home.store.read(lambda tx: read_visitor(tx, signin))
        assert self.gate.visitor is not None
        return self.gate.visitor

    async def post(self, path: str, **form: str | list[str]) -> httpx.Response:
        """Send a form as our own page would."""
        await self.browser.get("/console")
        cookie = self.browser.cookies.get("__Host-gatepost-csrf", default="")
        content = {**form, "csrf": self.pages.csrf.token(cookie)}
        return await self.browser.post(path, data=content, headers={"Origin": ORIGIN})


@asynccontextmanager
async def place(folder: Path, policy: PolicySettings | None = None) -> AsyncIterator[Place]:
    """Open the console in a folder of its own."""
    async with house(folder, policy) as home:
        gate, site = Doorkeeper(), Site("Gatepost", ORIGIN, folder)
        pages = Pages(site, [SIGNIN, CONSOLE, OIDC], b"c" * 32, home.clock, home.chance)
        app = pages_app(pages, ConsolePages(home.acts, pages, gate, home.clock).routes())
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
            yield Place(home, gate, pages, app, browser)
