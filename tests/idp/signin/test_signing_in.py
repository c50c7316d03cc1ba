"""Signing in as a browser without scripts lives it, and the ways in which nobody gets in."""

import pytest

from idp.signin.flow import HALF_LIFE
from tests.idp.signin.stand import PASSWORD, Browser, Stand


def cookie(browser: Browser) -> str:
    return browser.client.cookies.get("__Host-gatepost") or ""


async def test_password_then_code_then_the_portal(stand: Stand) -> None:
    browser = stand.browser()
    await browser.open("/portal")
    assert browser.title == "Sign in"
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    assert browser.title == "Your code, please"
    await browser.send("/signin/code", code=stand.code())
    assert browser.title == "Is this your device?"
    await browser.open("/portal")
    assert browser.title == "Hello, Aiko Mori"


async def test_the_fields_tell_password_managers_what_they_are(stand: Stand) -> None:
    browser = stand.browser()
    page = (await browser.open("/signin")).text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    page = (await browser.send("/signin/password", name="aiko", password=PASSWORD)).text
    assert 'autocomplete="one-time-code"' in page


async def test_the_mail_address_in_another_spelling_is_the_same_person(stand: Stand) -> None:
    browser = stand.browser()
    await browser.open("/signin")
    await browser.send("/signin/password", name="ＡＩＫＯ@Example.TEST", password=PASSWORD)
    assert browser.title == "Your code, please"


async def test_a_stranger_and_a_wrong_password_read_the_same(stand: Stand) -> None:
    pages = []
    for name in ("aiko", "nobody"):
        browser = stand.browser()
        await browser.open("/signin")
        await browser.send("/signin/password", name=name, password="not the right one")
        assert browser.page.status_code == 422
        csrf = browser.forms["/signin/password"]["csrf"]
        pages.append(browser.page.text.replace(name, "NAME").replace(csrf, "CSRF"))
    assert pages[0] == pages[1]
    assert "User name or password is wrong." in pages[0]


@pytest.mark.parametrize("language", ["en", "ja"])
async def test_the_same_code_again_is_refused(stand: Stand, language: str) -> None:
    code = stand.code()
    words = {"en": "was used already", "ja": "すでに使用されています"}
    for attempt in (1, 2):
        browser = stand.browser(language)
        await browser.open("/signin")
        await browser.send("/signin/password", name="aiko", password=PASSWORD)
        await browser.send("/signin/code", code=code)
        assert (browser.page.status_code == 200) is (attempt == 1)
    assert words[language] in browser.page.text


async def test_guessing_codes_is_stopped(stand: Stand) -> None:
    browser = stand.browser()
    await browser.open("/signin")
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    for _ in range(11):
        await browser.send("/signin/code", code="000000")
    assert "Too many failed attempts" in browser.page.text
    await browser.send("/signin/code", code=stand.present_code())
    assert browser.title == "Your code, please"


async def test_a_password_alone_opens_nothing(stand: Stand) -> None:
    """Attack D6: the next steps are called without the second factor."""
    browser = stand.browser()
    await browser.open("/signin")
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    csrf = browser.forms["/signin/code"]["csrf"]
    for path in ("/portal", "/enter?route=webmail&state=s", "/signin/device", "/prove?route=webmail", "/r/ABCDEFGH"):
        await browser.open(path)
        assert browser.title == "Your code, please", path
    for path in ("/signin/new-password", "/signin/new-code", "/portal/security/recovery", "/signin/device/register"):
        answer = await browser.post(path, {"csrf": csrf, "new": "x" * 20, "repeat": "x" * 20, "code": "000000"})
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/signin?"), path
    assert (await browser.client.get("/prove/challenge")).status_code == 403


async def test_half_a_sign_in_does_not_wait_for_ever(stand: Stand) -> None:
    browser = stand.browser()
    await browser.open("/signin")
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    stand.clock.forward(HALF_LIFE)
    await browser.send("/signin/code", code=stand.code())
    assert browser.title == "Sign in"


async def test_the_cookie_changes_at_each_factor_and_the_old_one_is_worth_nothing(stand: Stand) -> None:
    """Attack D1."""
    browser = stand.browser()
    await browser.open("/signin")
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    half = cookie(browser)
    await browser.send("/signin/code", code=stand.code())
    whole = cookie(browser)
    assert len({"", half, whole}) == 3
    thief = stand.browser(Cookie=f"__Host-gatepost={half}")
    await thief.open("/portal")
    assert thief.title == "Sign in"


async def test_signing_in_as_another_person_ends_the_first_sign_in(stand: Stand) -> None:
    await stand.person("ken", "Ken Sato")
    browser = stand.browser()
    await browser.sign_in("aiko")
    before = cookie(browser)
    await browser.open("/signin?since=99999999999")
    assert browser.title == "Is it still you?"
    await browser.send("/signin/password", name="ken", password=PASSWORD)
    await browser.send("/signin/code", code=stand.code("ken"))
    await browser.open("/portal")
    assert browser.title == "Hello, Ken Sato"
    assert await stand.signins.by_cookie(before) is None


async def test_asked_again_the_same_sign_in_goes_on(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    first = await stand.signins.by_cookie(cookie(browser))
    stand.clock.forward(3600)
    await browser.open("/signin?full=1&within=600&to=/portal/security")
    await browser.send("/signin/password", password=PASSWORD)
    assert browser.title == "Your code, please"
    await browser.send("/signin/code", code=stand.code())
    assert browser.title == "Security"
    again = await stand.signins.by_cookie(cookie(browser))
    assert first is not None
    assert again is not None
    assert (again.id, again.created_at) == (first.id, first.created_at)


async def test_a_recovery_code_works_once(stand: Stand) -> None:
    aiko = await stand.user()
    code = (await stand.accounts.make_recovery_codes(aiko.id))[0]
    titles = []
    for _ in range(2):
        browser = stand.browser()
        await browser.open("/signin")
        await browser.send("/signin/password", name="aiko", password=PASSWORD)
        await browser.open("/signin/recovery?to=/portal")
        await browser.send("/signin/recovery", recovery=code)
        titles.append(browser.title)
    assert titles == ["Is this your device?", "Use a recovery code"]


async def test_signing_out_ends_it(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    before = cookie(browser)
    await browser.send("/signout")
    assert browser.title == "You are signed out"
    assert cookie(browser) == ""
    assert await stand.signins.by_cookie(before) is None


async def test_no_form_is_taken_from_elsewhere(stand: Stand) -> None:
    """Attack B30, on every route of the application that changes something."""
    browser = stand.browser()
    await browser.sign_in()
    token = browser.forms["/language"]["csrf"]
    posts = [route.path for route in stand.app.routes if "POST" in (route.methods or ())]
    assert len(posts) > 15
    for path in posts:
        path = path.replace("{", "").replace("}", "")
        for origin, given in (("https://evil.test", token), ("null", token), ("https://id.example.test", "0" * 64)):
            answer = await browser.client.post(path, data={"csrf": given}, headers={"Origin": origin})
            assert answer.status_code == 403, (path, origin)


async def test_the_language_stays_with_the_person(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.send("/language", language="ja", back="/portal/devices")
    assert browser.title == "登録済みの端末"
    assert (await stand.user()).language == "ja"


async def test_a_japanese_account_at_an_english_browser_can_switch_and_stays_switched(stand: Stand) -> None:
    aiko = await stand.user()
    await stand.accounts.update_user("system", aiko.id, language="ja")
    browser = stand.browser(**{"Accept-Language": "en-GB,en;q=0.9"})
    await browser.open("/signin")
    assert browser.title == "Sign in"  # nobody yet: the browser's language
    await browser.sign_in()
    assert browser.title == "Aiko Moriさん、こんにちは"
    await browser.send("/language", language="en", back="/portal")
    assert browser.title == "Hello, Aiko Mori"
    await browser.send("/signout")
    await browser.sign_in()
    assert browser.title == "Hello, Aiko Mori"
    elsewhere = stand.browser(**{"Accept-Language": "ja"})
    await elsewhere.sign_in()
    assert elsewhere.title == "Hello, Aiko Mori"


async def test_an_openid_request_is_shown_who_it_asks_for(stand: Stand) -> None:
    browser = stand.browser()
    page = await browser.open("/signin?hint=aiko%22%3E%3Cscript%3E&to=/portal")
    assert 'value="aiko&#34;&gt;&lt;script&gt;"' in page.text
    assert "<script>" not in page.text
