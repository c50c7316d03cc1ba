"""Chromium at the demo: sign in, register, read and write mail; refused with words; without scripts; by keyboard."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import visit
from tests.e2e.demo import Demo
from tests.e2e.mail import found, imap

pytestmark = pytest.mark.e2e


def test_password_code_and_a_registered_browser_open_the_webmail(demo: Demo, chromium: Browser) -> None:
    with visit(chromium, demo, "alice") as alice:
        code = demo.code(alice.person)
        alice.sign_in(demo.webmail, code, register="Alice's Chromium")
        page = alice.page
        expect(page.locator("h1")).to_have_text("Inbox")
        page.click("text=Welcome to the mailroom")
        expect(page.locator("pre")).to_contain_text("it lies behind Gatepost's IMAP port")

        page.click("text=Write")
        page.fill("input[name=to]", "bob@example.com")
        page.fill("input[name=subject]", "Sent from a browser")
        page.fill("textarea", "Hello Bob.\n")
        page.click("button")
        expect(page.locator("[role=status]")).to_have_text("Sent.")
        with imap(demo, demo.person("bob")) as session:
            assert b"Hello Bob." in found(session, "Sent from a browser")

    with visit(chromium, demo, "alice") as somebody:
        somebody.show_factors(demo.webmail, code)
        expect(somebody.page.locator("form .wrong").first).to_contain_text("was used already")
        assert not somebody.page.url.startswith(demo.webmail)

    kinds = [entry["kind"] for entry in demo.orders("audit", "search", "--user", "alice")["items"]]
    assert {"decided", "credential-refused"} <= set(kinds)


@pytest.mark.parametrize(
    ("name", "locale", "words", "way"),
    [
        pytest.param("bob", "en-GB", "This browser is not registered yet", "Register this browser", id="en"),
        pytest.param("haruka", "ja-JP", "このブラウザーはまだ登録されていません", "このブラウザーを登録する", id="ja"),
    ],
)
def test_without_the_device_the_refusal_says_why_and_what_to_do(
    demo: Demo, chromium: Browser, name: str, locale: str, words: str, way: str
) -> None:
    with visit(chromium, demo, name, language=locale) as guest:
        guest.show_factors(demo.webmail)
        guest.skip_device()
        expect(guest.page.locator("main")).to_contain_text(words)
        expect(guest.page.locator("main")).to_contain_text(way)
        reference = guest.page.inner_text(".reference")
        (refused,) = demo.orders("audit", "search", "--reference", reference)["items"]
        assert refused["outcome"] == "deny" and refused["rule"] == "a browser that is not registered"
        guest.page.goto(f"{demo.issuer}/r/{reference}")
        expect(guest.page.locator("main")).to_contain_text(words)


def test_without_scripts_sign_in_works_as_an_unknown_device(demo: Demo, chromium: Browser) -> None:
    with visit(chromium, demo, "carol", scripts=False) as carol:
        carol.sign_in(register=None)
        expect(carol.page.locator("main")).to_contain_text("a device that the gate does not know yet")
        carol.page.goto(demo.webmail)
        expect(carol.page.locator("main")).to_contain_text("Contractors can read mail in the webmail only")


def test_the_keyboard_alone_signs_in_registers_and_reads_mail(demo: Demo, chromium: Browser) -> None:
    with visit(chromium, demo, "bob") as bob:
        page, keys = bob.page, bob.page.keyboard
        page.goto(demo.webmail)
        page.wait_for_selector("#name:focus")  # the browser puts it there some time after the page has come
        keys.type("bob")
        keys.press("Tab")
        keys.type(bob.person.password)
        keys.press("Enter")
        page.wait_for_selector("#code:focus")
        keys.type(demo.code(bob.person))
        keys.press("Enter")
        page.wait_for_selector("form[data-register]:not([hidden])")
        reach(page, "#name")
        keys.press("ControlOrMeta+a")
        keys.type("Bob's keyboard")
        keys.press("Enter")
        page.wait_for_url(demo.webmail)
        reach(page, "ol.lines a")
        keys.press("Enter")
        expect(page.locator("article h1")).to_be_visible()


def test_a_registered_browser_is_known_again_without_a_question(demo: Demo, chromium: Browser) -> None:
    with visit(chromium, demo, "ines") as ines:
        ines.sign_in(register="Ines's Chromium")
        ines.page.click("text=Sign out")
        ines.page.wait_for_url("**/signed-out*")
        ines.sign_in(demo.webmail)
        expect(ines.page.locator("h1")).to_have_text("Inbox")
        ines.page.goto(demo.facts["console"])
        expect(ines.page.locator("main")).to_contain_text("ines")


def reach(page: Page, selector: str, presses: int = 12) -> None:
    """Press Tab until the focus is on ``selector``."""
    for _ in range(presses):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not within {presses} presses of Tab")
