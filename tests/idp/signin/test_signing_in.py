"""Signing in as a browser without scripts lives it, and the ways in which nobody gets in."""

from tests.idp.signin.stand import PASSWORD, Stand


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
