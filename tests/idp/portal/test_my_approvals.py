"""Is this you? The page that asks, as its person uses it, and as somebody else may not."""

import asyncio

from kernel.authority import ApprovalOrder, Asked, SubjectKey
from kernel.records.approvals import Answer, Approval
from kernel.records.credentials import AppPassword
from kernel.records.devices import Proof
from kernel.records.sessions import Factor
from tests.idp.portal.test_portal import phone
from tests.idp.signin.stand import Browser, Stand

PAGE = "/portal/approvals"


async def asked(stand: Stand, browser: Browser, factors: tuple[str, ...] = ("totp",), **more: object) -> Asked:
    """Let Aiko's mail program knock, as a proxy would tell it, a minute after she signed in."""
    stand.clock.forward(60)
    user, device = await stand.user(), await phone(stand, browser)
    made, _ = await stand.accounts.make_app_password("user:aiko", user.id, device.id, ["imap"], "Mail")
    key = SubjectKey(user.id, device.id, Proof.APP_PASSWORD, credential_id=made.id)
    order = ApprovalOrder(key, "s_1", "imap", "203.0.113.9", factors, 3600.0, wait=300.0, client="Thunderbird")
    return await stand.approvals.ask(order if not more else ApprovalOrder(*_fields(order), **more))  # type: ignore[arg-type]


def _fields(order: ApprovalOrder) -> tuple[object, ...]:
    return order.key, order.session, order.service, order.address, order.factors, order.within, order.wait, order.client


async def remembered(stand: Stand) -> list[dict[str, float]]:
    user = await stand.user()
    (found,) = await stand.store.read(lambda tx: tx.find(AppPassword, user_id=user.id))
    return [each.factors for each in found.approved]


async def answer(stand: Stand, asked: Asked) -> Answer:
    found = await stand.store.read(lambda tx: tx.get(Approval, asked.id))
    assert found is not None
    return found.answer


async def test_it_says_who_and_takes_a_fresh_code(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    question = await asked(stand, browser)
    await browser.open(PAGE)
    for words in ("Is this you?", "Thunderbird on Aiko&#39;s phone from 203.0.113.9"):
        assert words in browser.page.text
    act = f"{PAGE}/{question.id}"
    await browser.send(act, act="yes", code="000000")
    assert browser.page.status_code == 422 and await remembered(stand) == []
    await browser.send(act, act="yes", code=stand.code())
    assert "Confirmed. The mail program goes on." in browser.page.text
    assert act not in browser.forms
    (shown,) = await remembered(stand)
    assert shown[Factor.TOTP] == stand.clock.now()
    await browser.open("/portal")
    assert browser.page.status_code == 200  # and the new cookie of the browser holds


async def test_a_tap_without_the_factor_leads_to_it_and_opens_nothing(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    question = await asked(stand, browser)
    await browser.open(PAGE)
    stand.clock.forward(5)
    await browser.send(f"{PAGE}/{question.id}", act="yes")
    assert browser.where.startswith("/signin") and await answer(stand, question) is Answer.PENDING
    assert await remembered(stand) == []


async def test_a_no_is_a_no(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    question = await asked(stand, browser)
    await browser.open(PAGE)
    await browser.send(f"{PAGE}/{question.id}", act="no")
    assert "Refused." in browser.page.text and await answer(stand, question) is Answer.DENIED


async def test_where_the_rule_takes_the_approval_itself_a_yes_is_enough(stand: Stand) -> None:
    browser = stand.browser("ja")
    await browser.sign_in()
    question = await asked(stand, browser, ("approval",))
    await browser.open(PAGE)
    assert "ご本人の操作ですか？" in browser.page.text and 'name="code"' not in browser.page.text
    await browser.send(f"{PAGE}/{question.id}", act="yes")
    assert await answer(stand, question) is Answer.APPROVED


async def test_a_wrong_number_is_a_no_even_with_the_right_code(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    question = await asked(stand, browser, shows=True)
    await browser.open(PAGE)
    numbers = [line.split('value="')[1][:2] for line in browser.page.text.splitlines() if 'name="number"' in line]
    offered = {each[:2] for each in browser.page.text.split('name="number" value="')[1:]}
    assert question.number in offered and len(offered) == 3 and numbers
    wrong = next(each for each in offered if each != question.number)
    await browser.send(f"{PAGE}/{question.id}", act="yes", number=wrong, code=stand.code())
    assert await answer(stand, question) is Answer.DENIED


async def test_nobody_sees_or_answers_what_is_asked_of_another(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    question = await asked(stand, browser)
    await browser.open(PAGE)
    await stand.person("ben", "Ben")
    other = stand.browser()
    await other.sign_in("ben")
    await other.open(PAGE)
    assert question.id not in other.page.text
    fields = {**other.forms["/signout"], "act": "yes", "code": stand.code("ben")}
    page = await other.post(f"{PAGE}/{question.id}", fields)
    assert page.status_code == 422 and "not asked any more" in page.text
    assert await answer(stand, question) is Answer.PENDING


async def test_the_script_hears_at_once_and_only_what_is_new(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await phone(stand, browser)
    listening = asyncio.ensure_future(browser.client.get(f"{PAGE}/live?seen="))
    user = await stand.user()
    bell = stand.approvals.bell
    while user.id not in bell._listening:
        await asyncio.sleep(0)
    (device,) = await stand.devices.for_user(user.id)
    made, _ = await stand.accounts.make_app_password("user:aiko", user.id, device.id, ["imap"], "Mail")
    key = SubjectKey(user.id, device.id, Proof.APP_PASSWORD, credential_id=made.id)
    question = await stand.approvals.ask(ApprovalOrder(key, "s_1", "imap", "203.0.113.9", ("totp",)))
    async with asyncio.timeout(5):
        news = (await listening).json()
    assert (news["seen"], news["count"]) == (question.id, 1)
    assert f'data-question="{question.id}"' in news["rows"] and "<html" not in news["rows"]
    again = (await browser.client.get(f"{PAGE}/live?seen=other")).json()
    assert again["seen"] == question.id
    assert (await stand.browser().client.get(f"{PAGE}/live")).status_code == 403


async def test_too_many_pages_are_told_to_come_later(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    user, bell = await stand.user(), stand.approvals.bell
    bell._listening[user.id] = {asyncio.Event() for _ in range(16)}
    page = await browser.client.get(f"{PAGE}/live?seen=")
    assert (page.status_code, page.headers["retry-after"]) == (429, "30")
