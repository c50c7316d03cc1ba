"""The first time: invitation, password, authenticator app, recovery codes; and what an invitation is not good for."""

import re
from html import unescape

from idp.accounts import totp
from tests.idp.signin.stand import PASSWORD, Browser, Stand

NEW = "umbrella kotatsu granite nine"


async def invited(stand: Stand) -> tuple[Browser, str]:
    ken = await stand.accounts.create_user("admin:root", "ken", "ken@example.test", "Ken Sato", "en", ["staff"])
    return stand.browser(), f"/invite/{await stand.accounts.invite('admin:root', ken.id)}"


async def test_from_the_link_to_the_portal(stand: Stand) -> None:
    browser, link = await invited(stand)
    await browser.open(link)
    assert browser.title == "Welcome, Ken Sato"
    await browser.send(link)
    assert browser.title == "Choose a password"
    await browser.send("/signin/new-password", new=NEW, repeat=NEW)
    assert browser.title == "Connect your authenticator app"
    seed = browser.forms["/signin/new-code"]["seed"]
    await browser.send("/signin/new-code", code="000000")
    assert browser.forms["/signin/new-code"]["seed"] == seed, "the picture scanned before must still be good"
    stand.seeds["ken"] = seed
    await browser.send("/signin/new-code", code=stand.code("ken"))
    assert browser.title == "Your recovery codes"
    codes = re.findall(r"<li>([a-z0-9-]+)\n</li>", browser.page.text)
    assert len(codes) == 10
    await browser.open(browser.where)
    assert re.findall(r"<li>([a-z0-9-]+)\n</li>", browser.page.text) == codes, "a reload must not lose them"
    await browser.open(unescape(re.findall(r'href="(/signin[^"]*kept=1)"', browser.page.text)[0]))
    assert browser.title == "Is this your device?"
    await browser.open("/signin?to=/portal")
    assert codes[0] not in browser.page.text
    await browser.open("/portal")
    assert browser.title == "Hello, Ken Sato"


async def test_looking_at_the_link_does_not_use_it_up_but_beginning_does(stand: Stand) -> None:
    browser, link = await invited(stand)
    for _ in range(3):
        await stand.browser().open(link)
    await browser.open(link)
    await browser.send(link)
    late = stand.browser()
    await late.open(link)
    assert (late.title, late.page.status_code) == ("This invitation is over", 410)


async def test_a_weak_password_is_told_so_in_the_persons_language(stand: Stand) -> None:
    browser, link = await invited(stand)
    await browser.open(link)
    await browser.send(link)
    await browser.send("/language", language="ja")
    await browser.send("/signin/new-password", new="short", repeat="short")
    assert "文字以上で設定してください" in browser.page.text
    await browser.send("/signin/new-password", new=NEW, repeat="other")
    assert "2つのパスワードが一致していません。" in browser.page.text


async def test_an_invitation_begun_and_left_enrols_nobody_later(stand: Stand) -> None:
    """Attack D9: a session left open over an old invitation."""
    browser, link = await invited(stand)
    await browser.open(link)
    await browser.send(link)
    stand.clock.forward(901)
    await browser.send("/signin/new-password", new=NEW, repeat=NEW)
    assert browser.title == "Sign in"


async def test_an_invitation_does_not_stand_in_for_a_second_factor(stand: Stand) -> None:
    aiko = await stand.user()
    browser, link = stand.browser(), f"/invite/{await stand.accounts.invite('admin:root', aiko.id)}"
    await browser.open(link)
    await browser.send(link)
    assert browser.title == "Your code, please"


async def test_a_password_alone_enrols_no_second_factor(stand: Stand) -> None:
    ken = await stand.accounts.create_user("admin:root", "ken", "ken@example.test", "Ken Sato", "en", ["staff"])
    await stand.accounts.set_password("admin:root", ken.id, PASSWORD)
    browser = stand.browser()
    await browser.open("/signin?to=/portal/security")
    await browser.send("/signin/password", name="ken", password=PASSWORD)
    await browser.open("/portal/security")
    assert "Ask your administrator for an invitation" in browser.page.text
    assert (await browser.open("/portal/security/code")).status_code == 404
    csrf = browser.forms["/language"]["csrf"]
    seed = (await stand.accounts.begin_totp(ken.id)).secret
    code = totp.code_at(seed, totp.step_at(stand.clock.now()))
    assert (await browser.post("/portal/security/code", {"csrf": csrf, "code": code})).status_code == 404


async def test_a_password_set_by_an_admin_must_be_replaced(stand: Stand) -> None:
    aiko = await stand.user()
    await stand.accounts.set_password("admin:root", aiko.id, "gravel anchor seventeen", must_change=True)
    browser = stand.browser()
    await browser.open("/signin?to=/portal")
    await browser.send("/signin/password", name="aiko", password="gravel anchor seventeen")
    await browser.send("/signin/code", code=stand.code())
    assert browser.title == "Choose a password"
    await browser.open("/portal")
    assert browser.title == "Choose a password"
    await browser.send("/signin/new-password", new=NEW, repeat=NEW)
    await browser.open("/portal")
    assert browser.title == "Hello, Aiko Mori"
