"""A rule that asks mail programs for a code: the login waits, the portal asks live, the answer is obeyed at once."""

import contextlib
import imaplib
import poplib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Visit, visit
from tests.e2e.demo import Demo, Person
from tests.e2e.mail import open_imap

pytestmark = pytest.mark.e2e

MAIL = "device: {trust: [enrolled, managed], proof: [app-password, certificate, token]}\n    then: allow\n"
CARD = "[data-question]"
YES, NO = f"{CARD} button[value=yes]", f"{CARD} button[value=no]"


@pytest.fixture
def asking(demo: Demo) -> Iterator[Demo]:
    """The demo, with a policy that wants a code of the last hour from mail programs."""
    shown = demo.orders("policy", "show")
    assert shown["text"].count(MAIL) == 1
    asks = shown["text"].replace(MAIL, MAIL + "    require: {factors: [totp], within: 1h}\n")
    demo.orders("policy", "publish", "-", "--comment", "a code for mail programs", text=asks)
    try:
        yield demo
    finally:
        demo.orders("policy", "rollback", str(shown["number"]), "--comment", "as before")


@dataclass
class Login:
    """An IMAP login on its own thread, as a mail program would do it."""

    demo: Demo
    person: Person
    session: imaplib.IMAP4_SSL
    outcome: str = ""
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.session.login(self.person.email, self.person.app_password("imap"))
            self.outcome = "in"
        except (imaplib.IMAP4.error, OSError) as refused:
            self.outcome = str(refused)

    def ended(self, seconds: float = 20.0) -> str:
        self._thread.join(seconds)
        return self.outcome


def knocking(demo: Demo, person: Person) -> Login:
    session = open_imap(demo)
    session.sock.settimeout(60.0)
    return Login(demo, person, session)


@contextlib.contextmanager
def portal(chromium: Browser, demo: Demo, name: str) -> Iterator[Visit]:
    """Lend a signed-in page of the portal that is open, and shows no question yet."""
    with visit(chromium, demo, name) as visiting:
        visiting.sign_in(register=None)
        visiting.page.goto(f"{demo.issuer}/portal")
        expect(visiting.page.locator(CARD)).to_have_count(0)
        yield visiting


def test_the_portal_asks_without_reloading_and_a_fresh_code_lets_the_waiting_login_in(
    asking: Demo, chromium: Browser
) -> None:
    alice = asking.person("alice")
    with portal(chromium, asking, "alice") as visiting:
        page = visiting.page
        login = knocking(asking, alice)
        page.wait_for_selector(CARD)
        assert page.title().startswith("(1) ") and page.url.endswith("/portal")
        assert alice.laptop["name"] in page.inner_text(CARD) and "127.0.0.1" in page.inner_text(CARD)
        page.fill(f"{CARD} input[name=code]", asking.code(alice))
        began = time.monotonic()
        page.click(YES)
        assert login.ended() == "in" and time.monotonic() - began < 5.0
        assert login.session.select("INBOX")[0] == "OK"
        login.session.logout()

        # Remembered for this program from this network: the next one is in at once.
        again = knocking(asking, alice)
        assert again.ended() == "in"
        again.session.logout()
    acts = [each["act"] for each in asking.orders("audit", "search", "--kind", "approval-changed")["items"]]
    assert acts[:2] == ["approved", "asked"]


def test_a_program_that_leaves_takes_its_question_along(asking: Demo, chromium: Browser) -> None:
    bob = asking.person("bob")
    with portal(chromium, asking, "bob") as visiting:
        session = poplib.POP3_SSL("localhost", asking.port("pop3s"), context=asking.trust(), timeout=60)
        session.user(bob.email)
        session._putcmd(f"PASS {bob.app_password('pop3')}")  # type: ignore[attr-defined]
        visiting.page.wait_for_selector(CARD)
        session.close()
        expect(visiting.page.locator(CARD)).to_have_count(0)


def test_a_no_ends_the_login_with_the_link_and_does_not_count_as_a_wrong_password(
    asking: Demo, chromium: Browser
) -> None:
    bob = asking.person("bob")
    with portal(chromium, asking, "bob") as visiting:
        login = knocking(asking, bob)
        visiting.page.wait_for_selector(CARD)
        visiting.page.click(NO)
        assert "AUTHORIZATIONFAILED" in login.ended() and f"{asking.issuer}/r/" in login.outcome
        # Refused at once now, nobody is asked again so soon.
        again = knocking(asking, bob)
        assert "AUTHORIZATIONFAILED" in again.ended(5.0)
    refused = asking.orders("audit", "search", "--kind", "credential-refused", "--user", "bob")["items"]
    assert refused == []
