"""The editor at the demo: the review tells whose live session would end, the trial whom it would refuse; published, it
happens."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visit
from tests.e2e.demo import Demo
from tests.e2e.mail import Idling, imap

pytestmark = pytest.mark.e2e

RULE = "mail programs of staff, on registered devices"


def test_whom_a_draft_would_end_is_shown_before_and_ended_after(demo: Demo, chromium: Browser) -> None:
    before = demo.orders("policy", "show")
    bob = demo.person("bob")
    idling = Idling(demo, bob, bob.app_password("imap"))
    with visit(chromium, demo, "ines") as ines:
        page = ines.page
        page.on("dialog", lambda dialog: dialog.accept())
        ines.sign_in(f"{demo.issuer}/console/policy", register="Ines's Chromium")
        page.click("button[data-to=form]")
        page.click(f"button.rule-name:has-text('{RULE}')")
        page.select_option(".add-row select", "who.users")
        page.select_option("select[name='as:who.users']", "who.not_users")
        people = page.locator("[data-row='v:who.not_users'] input.type")
        people.fill("bob")
        page.click("[data-row='v:who.not_users'] li:has-text('bob@example.com')")
        expect(page.locator("[data-row='v:who.not_users'] .token")).to_have_count(1)
        expect(page.locator("#text")).to_have_value(_without_bob(before["text"]))
        page.click("button[formaction$='/review']")
        people_part = page.locator("section:has(> [data-later=people])")
        expect(people_part).to_contain_text("bob", timeout=30_000)
        expect(people_part.locator(".verdict-line.bad")).to_be_visible()
        expect(page.locator(".change.closed").first).to_be_visible(timeout=60_000)
        page.click("button[formaction$='/trial']")
        expect(page.locator(".notice.ok")).to_contain_text("The trial runs")
        with imap(demo, bob) as session:
            assert session.select("INBOX")[0] == "OK"
        expect(page.locator("[data-trial] table")).to_contain_text("bob", timeout=20_000)
        expect(page.locator(".figure.denied strong")).not_to_have_text("0")
        page.click("button:has-text('Review and publish')")
        page.fill("#comment", "without Bob")
        page.click("#review .button.primary")
        expect(page.locator(".notice.ok")).to_contain_text("Published.")
    assert idling.rest()[-1].startswith("* BYE ")
    demo.orders("policy", "rollback", str(before["number"]), "--comment", "bob is back")
    demo.orders("policy", "trial", "stop")


def _without_bob(text: str) -> str:
    """Return the demo's policy with one person taken out of one rule."""
    rule = text[text.index(f"- name: {RULE}") :]
    who = rule[rule.index("who:") :].splitlines()[0]
    return text.replace(f"{RULE}\n    {who}", f"{RULE}\n    {who[:-1]}, not_users: bob@example.com}}")
