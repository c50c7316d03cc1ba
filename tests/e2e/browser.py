"""A person at a browser: the steps that every walk through the demo has in common."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright

from tests.e2e.demo import Demo, Person

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 15_000
REGISTER = "form[data-register]"
GO = ".form .button.primary"
EXPECTED = ("Failed to load resource", "WebSocket connection to")
"""What Chromium says of every answer that is no success; refusals are such answers."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One person's browser profile with one page. ``complaints`` are errors that a script of the page met."""

    demo: Demo
    person: Person
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, to: str = "", code: str = "", register: str | None = "") -> None:
        """Go to ``to`` (the portal if left out), and sign in on the way; end where the sign-in leads.

        ``register``: the name to register this browser under; empty when it is registered; None to go on without.
        """
        self.show_factors(to, code)
        if register is None:
            self.skip_device()
        elif register:
            self.page.fill(f"{REGISTER} #name", register)
            self.page.click(f"{REGISTER} {GO.split()[-1]}")
        self.page.wait_for_url(lambda url: "/signin" not in url and "/enter" not in url and "/return" not in url)

    def show_factors(self, to: str = "", code: str = "") -> None:
        """Show password and code; end at whatever the gate asks next."""
        self.page.goto(to or f"{self.demo.issuer}/signin?to=/portal")
        self.page.fill("#name", self.person.name)
        self.page.fill("#password", self.person.password)
        self.page.click(GO)
        self.page.fill("#code", code or self.demo.code(self.person))
        self.page.click(GO)

    def skip_device(self) -> None:
        """Go on without registering this browser, in whatever language the page is."""
        self.page.wait_for_selector(REGISTER, state="attached")
        self.page.click("main p:last-of-type > a")

    def app_password(self, device: str, client: str, *services: str) -> str:
        """Make an app password in the portal, and return what is shown once."""
        self.page.goto(f"{self.demo.issuer}/portal/app-passwords")
        self.page.select_option("#device", device)
        self.page.fill("#name", client)
        for box in self.page.query_selector_all("input[name=service]"):
            box.set_checked(box.get_attribute("value") in services)
        self.page.click("main form:has(#device) .button.primary")
        return self.page.inner_text(".secret")

    def answer_to(self, redirect_uri: str, url: str) -> dict[str, str]:
        """Open an authorization request and return what the provider sends back to the client's address."""
        # Nobody listens there: a client of a test needs the address that the browser was sent to, not the page.
        arriving = self.page.expect_request(lambda request: request.url.startswith(redirect_uri))
        with arriving as came, contextlib.suppress(Error):
            self.page.goto(url)
        return {name: values[0] for name, values in parse_qs(urlsplit(came.value.url).query).items()}


@contextlib.contextmanager
def visit(browser: Browser, demo: Demo, name: str, *, scripts: bool = True, language: str = "en-GB") -> Iterator[Visit]:
    """Open a fresh profile for one person; scripts of the pages must not have failed by its end."""
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=scripts, locale=language)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    visiting = Visit(demo, demo.person(name), context, page)

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            visiting.complaints.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda fault: visiting.complaints.append(f"{page.url}: {fault}"))
    try:
        yield visiting
    finally:
        context.close()
    assert visiting.complaints == []


def authorization_url(demo: Demo, **asked: str) -> str:
    """Return the address that a client sends a browser to."""
    return f"{demo.issuer}/oauth2/authorize?{urlencode(asked)}"
