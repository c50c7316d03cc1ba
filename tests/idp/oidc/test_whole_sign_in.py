"""A client's request through the real sign-in pages, policy and pages: as a browser without scripts lives it."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from idp.authority.subjects import Subjects
from idp.oidc import keys as keys_module
from idp.oidc.clients import Clients
from idp.oidc.keys import Keys
from idp.oidc.machines import MachineTokens
from idp.oidc.provider import Neighbours, Provider
from idp.oidc.texts import AREA
from idp.oidc.tokens import AccessTokens
from idp.portal.pages import PORTAL
from idp.signin.lapsing import PROVE_EVERY
from idp.signin.pages import SIGNIN
from idp.vault import Vault
from idp.web.app import pages_app
from idp.web.pages import Pages
from kernel.chance import SystemChance
from tests.idp.oidc.conftest import KEYS, OPENED
from tests.idp.oidc.house import BACK, CHALLENGE, OUT, query_of
from tests.idp.signin.stand import ISSUER, PASSWORD, Browser, Stand, settings_at

POLICY = """
version: 1
rules:
  - name: staff may use the app
    who: {groups: [staff]}
    service: ["client:app"]
    then: allow
    require: {factors: [totp], within: 10m}
  - name: nobody else
    service: ["client:app"]
    then: deny
    say: {en: "This app is for staff.", ja: "このアプリは職員専用です。"}
"""


@pytest.fixture
async def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setattr(keys_module, "_private_key", OPENED)
    made = Stand.build(settings_at(tmp_path))
    vault, chance = Vault(b"v" * 32), SystemChance()
    await made.store.write(lambda tx: [tx.put(key) for key in KEYS])
    keys = Keys(made.store, vault, made.clock, chance)
    await keys.load()
    clients = Clients(made.store, vault, made.clock, chance)
    await clients.register("system", "The App", [BACK], client_id="app", post_logout_redirect_uris=[OUT])
    pages = Pages(made.settings.site, [SIGNIN, PORTAL, AREA], vault.derive("csrf"), made.clock, chance)
    near = Neighbours(
        store=made.store,
        vault=vault,
        clock=made.clock,
        chance=chance,
        keys=keys,
        clients=clients,
        tokens=AccessTokens(keys, made.clock, chance, ISSUER),
        machines=MachineTokens(keys, made.clock, chance, ISSUER),
        gate=made.pages.gate,
        ender=made.signins,
        judge=made.judge,
        subjects=Subjects(made.clock),
        pages=pages,
        issuer=ISSUER,
    )
    made.app = pages_app(pages, made.pages.routes(), Provider(near).routes())
    await made.publish(POLICY)
    yield made
    await made.close()


def request(**more: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": BACK,
        "scope": "openid",
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"/oauth2/authorize?{urlencode({**asked, **more})}"


def told(browser: Browser) -> dict[str, list[str]]:
    place = browser.page.headers["location"]
    assert place.startswith(BACK), place
    return query_of(place)


async def sign_in(stand: Stand, browser: Browser) -> str:
    """Show password and code where the browser stands; return where it was going."""
    going = browser.forms["/signin/password"]["to"]
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    await browser.send("/signin/code", code=stand.code())
    return going


async def test_a_stranger_signs_in_and_arrives_at_the_client(stand: Stand) -> None:
    await stand.person()
    browser = stand.browser()
    await browser.open(request(login_hint="aiko"))
    assert browser.title == "Sign in" and browser.forms["/signin/password"]["name"] == "aiko"
    assert "form-action 'self' https://app.example.test;" in browser.page.headers["content-security-policy"]
    await browser.open(await sign_in(stand, browser))
    assert told(browser)["code"] and told(browser)["iss"] == [ISSUER]
    await browser.open(request(prompt="none"))
    assert told(browser)["code"]


async def test_prompt_login_asks_for_the_password_again_and_then_lets_pass(stand: Stand) -> None:
    await stand.person()
    browser = stand.browser()
    await browser.sign_in()
    stand.clock.forward(5)
    await browser.open(request(prompt="login"))
    going = browser.forms["/signin/password"]["to"]
    await browser.open(going)
    assert browser.where.startswith("/signin")
    await browser.send("/signin/password", password=PASSWORD)
    await browser.open(going)
    assert told(browser)["code"]


async def test_max_age_zero_asks_again_and_then_lets_pass(stand: Stand) -> None:
    await stand.person()
    browser = stand.browser()
    await browser.open(request(max_age="0"))
    await browser.open(await sign_in(stand, browser))
    assert told(browser)["code"]


async def test_a_step_up_of_the_policy_asks_for_the_code_alone(stand: Stand) -> None:
    await stand.person()
    browser = stand.browser()
    await browser.sign_in()
    stand.clock.forward(601)
    await browser.open(request(prompt="none"))
    assert told(browser)["error"] == ["interaction_required"]
    await browser.open(request())
    assert browser.title == "Your code, please"
    going = browser.forms["/signin/code"]["to"]
    await browser.send("/signin/code", code=stand.code())
    await browser.open(going)
    assert told(browser)["code"]


async def test_who_is_not_staff_is_sent_back_with_the_words_and_a_reference(stand: Stand) -> None:
    await stand.person(groups=())
    browser = stand.browser()
    await browser.sign_in()
    await browser.open(request())
    assert told(browser)["error"] == ["access_denied"]
    (words,) = told(browser)["error_description"]
    reference = words.rpartition("/r/")[2].rstrip(")")
    assert words.startswith("This app is for staff. (") and len(reference) == 8
    found = await stand.store.read(lambda tx: tx.audit_search(reference=reference))
    assert [entry.fields["service"] for entry in found] == ["client:app"]


async def test_signing_out_by_our_form_ends_the_sign_in(stand: Stand) -> None:
    await stand.person()
    browser = stand.browser()
    await browser.sign_in()
    await browser.open(f"/oauth2/logout?{urlencode({'client_id': 'app', 'post_logout_redirect_uri': OUT})}")
    assert browser.title == "Sign out?"
    await browser.send("/oauth2/logout/confirm", answer="out")
    assert browser.page.headers["location"] == OUT
    await browser.open(request(prompt="none"))
    assert told(browser)["error"] == ["login_required"]


async def test_an_unknown_client_gets_a_page_in_japanese_too(stand: Stand) -> None:
    browser = stand.browser(**{"Accept-Language": "ja"})
    await browser.open(request(client_id="gone"))
    assert browser.page.status_code == 400 and browser.title == "このサインインリンクは使用できません"


async def test_a_grant_stands_on_a_device_only_while_its_key_answers(stand: Stand) -> None:
    """A stolen cookie brings tokens for no device: the key must answer first, whatever marks the address carries."""
    await stand.person()
    await stand.publish(
        POLICY.replace(
            'service: ["client:app"]\n    then: allow',
            'service: ["client:app"]\n    device: {trust: enrolled, proof: browser-key}\n    then: allow',
        ).replace("within: 10m", "within: 8h")
    )
    browser = stand.browser()
    await browser.sign_in(to="/signin/device")
    await browser.register()
    await browser.open(request())
    assert told(browser)["code"]
    stand.clock.forward(PROVE_EVERY + 1)

    await browser.open(request(prompt="none"))
    assert told(browser)["error"] == ["access_denied"]
    await browser.open(request(gatepost_proved="1"))
    assert told(browser)["error"] == ["access_denied"]
    await browser.open(request())
    assert browser.where.startswith("/signin/device")
    going = browser.forms["/signin/device/prove"]["to"]
    await browser.send("/signin/device/prove", proof=browser.answer(browser.challenge()))
    await browser.open(going)
    assert told(browser)["code"]
