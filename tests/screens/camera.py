"""One browser context that takes every page in each size, language and colour scheme, and tells what does not fit."""

from pathlib import Path

from playwright.async_api import BrowserContext, ConsoleMessage, Page

SIZES = ((1280, 860), (390, 844))
LANGUAGES = ("en", "ja")
SCHEMES = ("light", "dark")
EXPECTED = "Failed to load resource: the server responded with a status of 4"
"""What Chromium says of our own refusals; they are pages, not faults."""


class Camera:
    """Takes pictures into a folder; ``faults`` collects pages that overflow and scripts that fail."""

    def __init__(self, context: BrowserContext, page: Page, issuer: str, folder: Path) -> None:
        self.faults: list[str] = []
        self.page = page
        self._context, self._issuer, self._folder = context, issuer.rstrip("/"), folder
        page.on("console", self._heard)
        page.on("pageerror", lambda fault: self.faults.append(f"{page.url}: {fault}"))

    async def take(self, name: str, address: str) -> None:
        """Photograph a page in every way."""
        for language in LANGUAGES:
            await self.speak(language)
            await self.page.goto(self.full(address), wait_until="load")
            await self.here(name, language)

    async def here(self, name: str, language: str) -> None:
        """Photograph the page that is open now, in every size and scheme."""
        for width, height in SIZES:
            await self.page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                picture = self._folder / f"{name}-{width}-{language}-{scheme}.png"
                await self.page.screenshot(path=picture, full_page=True)
            beyond = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if beyond > 0:
                self.faults.append(f"{name} in {language} is {beyond} px wider than {width}")

    async def speak(self, language: str) -> None:
        """Choose the language of the pages to come."""
        cookie = {"name": "__Host-gatepost-lang", "value": language, "url": self._issuer, "secure": True}
        await self._context.add_cookies([cookie])

    async def first_link(self, page: str, beginning: str) -> str:
        """Return the first address on ``page`` that begins so, or ``""``."""
        await self.page.goto(self.full(page))
        links = await self.page.eval_on_selector_all("main a[href]", "all => all.map(a => a.getAttribute('href'))")
        return next((link for link in links if link.startswith(beginning)), "")

    def full(self, address: str) -> str:
        return address if "://" in address else self._issuer + address

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.faults.append(f"{self.page.url}: {message.text}")
