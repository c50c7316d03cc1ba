"""One lab for the mail programs' tests: known by its ``demo.json`` alone, as the demo is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e import browser
from tests.e2e.browser import visit
from tests.e2e.demo import Demo, gone
from tests.e2e.tokens import Tokens
from tests.servers.processes import open_folder


@pytest.fixture(scope="session")
def site() -> Iterator[Demo]:
    with open_folder("gp-site-") as folder:
        running = Demo(folder, lab=True)
        running.start()
        family = running.processes()
        yield running
        family |= running.processes()
        running.stop()
        assert all(gone(pid, 1.0) for pid in family)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser of this module's own: Playwright's loop must be gone before somebody else's test runs one."""
    with browser.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def token(site: Demo, chromium: Browser) -> str:
    """Bob's access token for mail, from the token endpoint, by a browser that he has registered."""
    with visit(chromium, site, "bob") as bob:
        bob.sign_in(f"{site.issuer}/signin?to=/portal", register="Bob's Chromium")
        tokens = Tokens(site)
        answer = bob.answer_to(tokens.redirect_uri, tokens.authorization_url("openid mail"))
        status, made = tokens.redeem(answer["code"])
    assert status == 200, made
    return str(made["access_token"])
