"""The console in a real browser: the picture that keeps itself fresh, the editor that jumps to faults, all widths."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect

from idp.console.pages import CONSOLE, ConsolePages
from idp.signin.pages import SIGNIN
from idp.web.app import pages_app
from idp.web.pages import Pages
from kernel.config.settings import Site
from tests.idp.admin.house import LOCAL, OPEN
from tests.idp.console.place import Place, place

pytestmark = pytest.mark.e2e

WIDTHS = (390, 768)
"""Wider windows have room for all; 768 pixels is the narrowest that still shows tables as tables."""
PAGES = (
    *("/console", "/console/users", "/console/users/root", "/console/devices", "/console/policy"),
    *("/console/policy/explain?service=console&user=root", "/console/policy/history", "/console/policy/history/1"),
    *("/console/policy/start", "/console/policy/trial", "/console/policy/replay", "/console/policy/proposals"),
    *("/console/audit", "/console/health"),
)


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Place, str]]:
    """The console on a port of loopback, where browsers take ``__Host-`` cookies without TLS."""
    async with place(tmp_path) as console:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{listener.getsockname()[1]}"
        home = console.home
        await home.admin()
        await console.arrive()
        mika = await home.user("mika", "staff")
        for number in (1, 2):
            home.session(number, mika, service="imap")
        await home.acts.publishing.publish(LOCAL, OPEN, base=0)
        pages = Pages(Site("Gatepost", origin, tmp_path), [SIGNIN, CONSOLE], b"c" * 32, home.clock, home.chance)
        app = pages_app(pages, ConsolePages(home.acts, pages, console.gate, home.clock).routes())
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield console, origin
        server.should_exit = True
        await serving


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        await browser.close()


async def opened(browser: Browser, width: int = 1280, language: str = "en") -> tuple[Page, list[str]]:
    """Return a page, and the list that its script errors and policy violations are written to."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, locale=language)
    page, faults = await context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    return page, faults


async def test_no_page_is_wider_than_its_window(served: tuple[Place, str], chromium: Browser) -> None:
    for width in WIDTHS:
        for language in ("en", "ja"):
            page, faults = await opened(chromium, width, language)
            for path in PAGES:
                await page.goto(served[1] + path)
                over = await page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert (path, width, over, faults) == (path, width, 0, [])


async def test_the_picture_follows_and_a_session_is_ended(served: tuple[Place, str], chromium: Browser) -> None:
    console, origin = served
    page, faults = await opened(chromium)
    await page.goto(origin + "/console")
    assert await page.text_content("[data-number=total]") == "2"
    console.home.session(3, await console.home.acts.people.get("mika"), service="submission")
    await expect(page.locator("[data-number=total]")).to_have_text("3")
    await page.wait_for_selector('button[value="s_3"]')
    assert await page.locator("[data-bars] progress").count() == 2
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.click('button[value="s_3"]')
    await page.wait_for_selector(".notice.ok")
    assert (console.home.board.ended, faults) == ([("s_3", "admin:root")], [])


async def test_the_editor_jumps_to_a_fault_by_keyboard(served: tuple[Place, str], chromium: Browser) -> None:
    page, faults = await opened(chromium)
    await page.goto(served[1] + "/console/policy")
    await page.fill("#text", "# 日本語 𠮷\n" + OPEN.replace("service: [console", "servise: [console"))
    await page.wait_for_selector(".findings.bad")
    assert await page.text_content(".gutter .bad") == "6"
    assert await page.text_content(".paint .y-wrong") == "servise"
    await page.focus("a[data-start]")
    await page.keyboard.press("Enter")
    chosen = "(text => text.value.slice(text.selectionStart, text.selectionEnd))(document.activeElement)"
    assert (await page.evaluate(chosen), faults) == ("servise", [])
