"""The console on a port of loopback, with an admin at a real browser who has nothing but a keyboard."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from playwright.async_api import Browser, Dialog, Page, async_playwright

from idp.console.pages import CONSOLE, ConsolePages
from idp.signin.pages import SIGNIN
from idp.web.app import pages_app
from idp.web.pages import Pages
from kernel.config.settings import Site
from tests.e2e.browser import CHROMIUM
from tests.idp.console.place import Place, place

TABS = 120
"""How often Tab is pressed at most on the way to something."""


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Place, str]]:
    """Serve the console where browsers take ``__Host-`` cookies without TLS; nothing is published yet."""
    async with place(folder) as console:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{listener.getsockname()[1]}"
        home = console.home
        await home.admin()
        await home.user("mika", "staff", ready=True)
        await home.device("mika", "laptop")
        await console.arrive()
        pages = Pages(Site("Gatepost", origin, folder), [SIGNIN, CONSOLE], b"c" * 32, home.clock, home.chance)
        app = pages_app(pages, ConsolePages(home.acts, pages, console.gate, home.clock).routes())
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield console, origin
        server.should_exit = True
        await serving


@dataclass
class Desk:
    """A page, and keys to press. ``faults``: what its scripts failed at; ``asked``: what it wanted confirmed."""

    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def open(self, path: str = "/console/policy") -> None:
        await self.page.goto(self.origin + path)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def write(self, words: str) -> None:
        await self.page.keyboard.type(words)

    async def to(self, selector: str, back: bool = False) -> None:
        """Press Tab (with ``back``: Shift and Tab) until the focus is on something."""
        for _ in range(TABS):
            if await self.page.evaluate("wanted => document.activeElement?.matches(wanted)", selector):
                return
            await self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"no way by Tab to {selector}")

    async def pick(self, letters: str) -> None:
        """Type the beginning of a word, and take the first that is offered."""
        await self.write(letters)
        await self.page.wait_for_selector("#offers:not([hidden])")
        await self.press("Enter")

    async def agree(self, dialog: Dialog) -> None:
        """Confirm what the page asks, as Enter does."""
        self.asked.append(dialog.message)
        await dialog.accept()

    async def text(self) -> str:
        """Return the draft as it stands."""
        return await self.page.input_value("#text")


@asynccontextmanager
async def sitting(origin: str) -> AsyncIterator[Desk]:
    """Sit down at a fresh Chromium."""
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        desk = Desk(await context.new_page(), origin)
        desk.page.on("pageerror", lambda error: desk.faults.append(str(error)))
        desk.page.on("console", lambda said: desk.faults.append(said.text) if "Content Security" in said.text else None)
        desk.page.on("dialog", desk.agree)
        yield desk
        assert desk.faults == []
        await browser.close()
