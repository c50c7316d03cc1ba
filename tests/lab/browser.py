"""A person's browser in front of the lab: Chromium, coming from an address of its own, and Roundcube's pages."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, FrameLocator, Page, async_playwright

from idp.accounts import totp

CHROMIUM = Path("/usr/bin/chromium")
ADDRESS = "127.0.0.5"
"""Where the browser is: neither the gate's nor the webmail's address."""
PATIENCE = 20_000


@contextlib.asynccontextmanager
async def road(port: int, address: str = ADDRESS) -> AsyncIterator[int]:
    """Lend a port that leads to ``port`` of 127.0.0.1 and arrives there from ``address``."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward, back = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, back), carry(onward, writer))

    server = await asyncio.start_server(arrived, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextlib.asynccontextmanager
async def chromium(ports: dict[str, int]) -> AsyncIterator[BrowserContext]:
    """Lend a browser without a past, for which ``localhost:web`` and ``localhost:webmail`` lie behind a road."""
    async with road(ports["web"]) as web, road(ports["webmail"]) as webmail, async_playwright() as playwright:
        rules = f"MAP localhost:{ports['web']} 127.0.0.1:{web}, MAP localhost:{ports['webmail']} 127.0.0.1:{webmail}"
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", f"--host-resolver-rules={rules}"]
        )
        try:
            context = await browser.new_context(ignore_https_errors=True, locale="en-GB")
            context.set_default_timeout(PATIENCE)
            yield context
        finally:
            await browser.close()


async def sign_in(page: Page, person: dict[str, Any], browser_name: str) -> None:
    """Sign in with password and code on the page that asks for it, and register this browser."""
    await page.fill("#name", person["name"])
    await page.fill("#password", person["password"])
    await page.click(".form .button.primary")
    await page.wait_for_selector("#code")
    await page.fill("#code", totp.code_at(person["totp_secret"], totp.step_at(time.time())))
    await page.click(".form .button.primary")
    await page.wait_for_selector("form[data-register]:not([hidden])")
    await page.fill("#name", browser_name)
    await page.click("form[data-register] .button.primary")


def message(page: Page) -> FrameLocator:
    """Return Roundcube's preview of the message that was clicked."""
    return page.frame_locator("#messagecontframe")


async def write(page: Page, to: str, subject: str, text: str) -> None:
    """Write and send a letter with Roundcube, and wait until it is back in the list: the letter is sent."""
    await page.click("a.compose")
    await page.wait_for_selector("#composebody")
    await page.fill("#compose_to input", to)
    await page.press("#compose_to input", "Tab")
    await page.fill("#compose-subject", subject)
    await page.fill("#composebody", text)
    await page.click("#toolbar-menu a.send, button.send")
    await page.wait_for_selector("#messagelist tbody tr")
