"""The policy's editor in Chromium, by keyboard alone: from an empty page to a published policy, text and form as two
views of one draft, a conflict; and at the demo, whom a draft would throw out, and does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.desk import Desk, served, sitting
from tests.idp.admin.house import LOCAL, OPEN
from tests.idp.console.place import Place

pytestmark = pytest.mark.e2e

WRITTEN = """\
version: 1
rules:
  - name: admins open the console
    who: {groups: [admins]}
    service: [console, portal]
    device: {trust: [enrolled, managed]}
    then: allow
"""
NOTED = OPEN.replace("[totp]}\n  - name: staff", "[totp]}  # for now\n  # the many\n  - name: staff")


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[tuple[Place, str]]:
    async with served(tmp_path) as opened:
        yield opened


async def write_first_policy(desk: Desk) -> None:
    """Type ``WRITTEN``, taking what is offered, with one slip that is mended by one key."""
    await desk.pick("ver")
    await desk.write("1")
    await desk.press("Enter")
    await desk.pick("rul")
    await desk.write("admins open the console")
    await desk.press("Enter")
    await desk.pick("wh")
    await desk.write("{")
    await desk.pick("gr")
    await desk.write("[")
    await desk.pick("adm")
    await desk.write("]}")
    await desk.press("Enter")
    await desk.write("servise: [console, portal]")
    await desk.press("Escape", "Enter")
    await desk.write("device: {trust: [enrolled, managed]}")
    await desk.press("Escape", "Enter")
    await desk.pick("the")
    await desk.pick("al")
    await desk.press("Enter", "Shift+Home", "Delete")
    await expect(desk.page.locator("[data-bench][data-checked] [data-state] .badge.bad")).to_be_visible()
    await desk.press("F8")
    await expect(desk.page.locator("[data-at]")).to_contain_text("`service`")
    await desk.press("Alt+Enter")
    await expect(desk.page.locator("[data-state] .badge.ok")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "empty", "published"),
    [
        pytest.param("en", "There is no policy yet, so nobody gets in", "Published.", id="en"),
        pytest.param("ja", "ポリシーがないため、誰もアクセスできません", "公開しました。", id="ja"),
    ],
)
async def test_from_an_empty_page_to_a_published_policy_by_keyboard(
    house: tuple[Place, str], language: str, empty: str, published: str
) -> None:
    console, origin = house
    await console.home.acts.people.change(LOCAL, "root", {"language": language})
    await console.arrive()
    async with sitting(origin) as desk:
        await desk.open()
        await expect(desk.page.locator("main")).to_contain_text(empty)
        await desk.to("#text")
        await write_first_policy(desk)
        assert await desk.text() == WRITTEN

        # The form, and in it a rule for the staff.
        await desk.press("Control+Alt+Enter")
        await desk.to("button[value='add rules']")
        await desk.press("Enter")
        await expect(desk.page.locator("#v-name")).to_be_focused()
        await desk.write("staff read mail")
        await desk.to("[data-row='v:who.groups'] input.type")
        await desk.write("st")
        await expect(desk.page.locator("[data-row='v:who.groups'] li")).to_have_count(1)
        await desk.press("ArrowDown", "Enter")
        await expect(desk.page.locator("[data-row='v:who.groups'] .token")).to_have_count(1)
        await desk.to("input[value='deny'][name='v:then']")
        await desk.press("ArrowLeft")
        await expect(desk.page.locator("input[value='allow'][name='v:then']")).to_be_checked()
        await expect(desk.page.locator("#v-require-within")).to_be_visible()
        await expect(desk.page.locator("#text")).to_have_value(
            WRITTEN + "  - name: staff read mail\n    who: {groups: staff}\n    then: allow\n"
        )

        # Ask it, review it, publish it.
        await desk.to("#user")
        await desk.write("mika")
        await desk.to("#service")
        await desk.write("imap")
        await expect(desk.page.locator("[data-answer] .verdict.allow")).to_be_visible()
        await desk.to("[formaction='/console/policy/review']", back=True)
        await desk.press("Enter")
        await expect(desk.page.locator("[data-later] progress")).to_have_count(0, timeout=60_000)
        await expect(desk.page.locator(".kind.opened")).to_be_visible()
        await desk.to("#comment")
        await desk.write("the first")
        await desk.to("#review .button.primary")
        await desk.press("Enter")
        await expect(desk.page.locator(".notice.ok")).to_contain_text(published)
        assert len(desk.asked) == 1
    current = await console.home.acts.publishing.current()
    assert current is not None and (current.number, current.comment, current.author) == (1, "the first", "admin:root")


async def test_text_and_form_are_two_views_of_one_draft(house: tuple[Place, str]) -> None:
    console, origin = house
    await console.home.acts.publishing.publish(LOCAL, NOTED, base=0)
    async with sitting(origin) as desk:
        await desk.open()
        for _ in range(2):
            await desk.to("#text")
            await desk.press("Control+Alt+Enter")
            await desk.to("#head-rules-1")
            await desk.press("Enter")
            await expect(desk.page.locator("#v-name")).to_be_focused()
            await desk.press("Control+Alt+Enter")
            await expect(desk.page.locator("#text")).to_be_focused()
            assert await desk.text() == NOTED

        await desk.press("Control+Alt+Enter")
        await desk.to("#head-rules-1")
        await desk.press("Enter")
        await expect(desk.page.locator("#v-name")).to_be_focused()
        await desk.press("End")
        await desk.write(", and send it")
        await desk.press("Enter")
        await expect(desk.page.locator("#text")).to_have_value(NOTED.replace("read mail", "read mail, and send it"))
        await desk.to("button[value='up rules 1']", back=True)
        await desk.press("Enter")
        await expect(desk.page.locator("#head-rules-0")).to_have_text("staff read mail, and send it")
        moved = await desk.text()
        assert moved.index("# the many\n  - name: staff") < moved.index("- name: admins") < moved.index("# for now")
        for words in (NOTED.replace("read mail", "read mail, and send it"), NOTED):
            await desk.to("[data-undo]", back=True)
            await desk.press("Enter")
            await expect(desk.page.locator("#text")).to_have_value(words)


async def test_a_draft_outlives_the_page_and_a_conflict_shows_both_changes(house: tuple[Place, str]) -> None:
    console, origin = house
    await console.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    async with sitting(origin) as desk:
        await desk.open()
        await desk.to("#text")
        await desk.press("Control+End")
        await desk.write("# mine\n")
        await desk.open("/console/health")
        await desk.open()
        await expect(desk.page.locator("[data-kept]")).to_be_visible()
        assert await desk.text() == OPEN + "# mine\n"

        theirs = OPEN.replace("name: admins open the console", "name: admins first")
        await console.home.acts.publishing.publish(LOCAL, theirs, "tidy", base=1)
        await desk.to("[formaction='/console/policy/review']")
        await desk.press("Enter")
        await expect(desk.page.locator("h1")).to_have_text("Review the change")
        await desk.to("#review .button.primary")
        await desk.press("Enter")
        await expect(desk.page.locator("h1")).to_have_text("Somebody published meanwhile")
        await expect(desk.page.locator(".place.theirs")).to_contain_text("admins first")
        await expect(desk.page.locator(".place.yours")).to_contain_text("# mine")
        await desk.to("form .button.primary")
        await desk.press("Enter")
        await expect(desk.page.locator("h1")).to_have_text("Review the change")
        await desk.to("#review .button.primary")
        await desk.press("Enter")
        await expect(desk.page.locator(".notice.ok")).to_contain_text("Published.")
        await desk.open()
        await expect(desk.page.locator("[data-kept]")).to_be_hidden()
    current = await console.home.acts.publishing.current()
    assert current is not None and current.text == theirs + "# mine\n"


async def test_without_scripts_the_same_forms_do_it(house: tuple[Place, str]) -> None:
    console, origin = house
    await console.home.acts.publishing.publish(LOCAL, NOTED, base=0)
    async with sitting(origin) as desk:
        assert desk.page.context.browser is not None
        context = await desk.page.context.browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(origin + "/console/policy")
        await page.click("button[data-to=form]")
        await page.click("#head-rules-1")
        await page.fill("#v-who-groups", "staff, admins")
        await page.click(".fields button:has-text('Apply')")
        await page.click("button[data-to=text]")
        wanted = NOTED.replace("groups: [staff]", "groups: [staff, admins]")
        await expect(page.locator("#text")).to_have_value(wanted)
        await page.click("button[formaction$='/review']")
        await expect(page.locator(".kind.opened")).to_be_visible()
        await page.click("#review .button.primary")
        await expect(page.locator(".notice.ok")).to_contain_text("Published.")
    current = await console.home.acts.publishing.current()
    assert current is not None and current.text == wanted
