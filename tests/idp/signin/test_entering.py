"""The hand-over to web routes, stepping up, and the page that says no."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.requests import Request

from idp.oidc.seams import SignInGate
from kernel.records.sessions import PastSignIns, SignIn, Ticket
from tests.idp.signin.stand import OPEN_POLICY, PASSWORD, Stand

ENTER = "/enter?route=webmail&state=s3cret-State_1&to=/inbox"


async def test_a_known_device_enters_with_a_ticket_for_that_route_and_state(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    await browser.open(ENTER)
    target = urlsplit(browser.page.headers["location"])
    assert (target.netloc, target.path) == ("mail.example.test", "/.gatepost/return")
    given = {name: values[0] for name, values in parse_qs(target.query).items()}
    assert given["state"] == "s3cret-State_1"
    (ticket,) = await stand.store.read(lambda tx: tx.below(Ticket, "expires_at", 1e12))
    assert (ticket.route, ticket.state) == ("webmail", "s3cret-State_1")
    assert given["ticket"] not in (ticket.digest, "")


@pytest.mark.parametrize("query", ["", "route=webmail", "route=webmail&state=", "route=webmail&state=%0d%0aX:1"])
async def test_an_entry_without_route_or_state_leads_nowhere(stand: Stand, query: str) -> None:
    browser = stand.browser()
    await browser.sign_in()
    assert (await browser.open(f"/enter?{query}")).status_code in (400, 404)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Mail opens only on registered devices."), ("ja", "メールは登録済みの端末でのみ利用できます。")],
)
async def test_an_unknown_device_reads_the_rules_words_and_the_way_out(stand: Stand, language: str, words: str) -> None:
    browser = stand.browser(language)
    await browser.sign_in()
    page = await browser.open(ENTER)
    assert page.status_code == 403
    assert words in page.text
    assert 'href="/signin/device?to=' in page.text
    reference = page.text.split('class="reference">')[1][:8]
    why = await browser.open(f"/r/{reference.lower()}")
    assert words in why.text
    assert "mail needs a known device" in why.text


async def test_a_refusal_is_explained_to_nobody_else(stand: Stand) -> None:
    await stand.person("ken", "Ken Sato")
    aiko, ken = stand.browser(), stand.browser()
    await aiko.sign_in()
    page = await aiko.open(ENTER)
    reference = page.text.split('class="reference">')[1][:8]
    await ken.sign_in("ken")
    assert (await ken.open(f"/r/{reference}")).status_code == 404
    assert (await ken.open("/r/' OR 1=1")).status_code == 404


async def test_what_is_missing_is_asked_for_and_the_way_goes_on(stand: Stand) -> None:
    await stand.publish(OPEN_POLICY.replace("{factors: [totp]}", "{factors: [totp], within: 5m}"))
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    stand.clock.forward(400)
    await browser.open(ENTER)
    assert browser.title == "Your code, please"
    await browser.send("/signin/code", code=stand.code())
    assert browser.page.headers["location"].startswith("https://mail.example.test/.gatepost/return?")


@pytest.mark.parametrize("limits", ["session: 1h", "idle: 1h"])
async def test_a_limit_that_is_reached_asks_to_sign_in_afresh(stand: Stand, limits: str) -> None:
    rule = f"  - {{name: mail, service: [webmail], who: {{groups: [staff]}}, then: allow, limits: {{{limits}}}}}"
    await stand.publish(f"version: 1\nrules:\n{rule}\n")
    browser = stand.browser()
    await browser.sign_in()
    stand.clock.forward(3500)
    await browser.open(ENTER)
    assert browser.page.headers["location"].startswith("https://mail.example.test/.gatepost/return?")
    signin = (await stand.signins.for_user((await stand.user()).id))[0]
    await stand.signins.seen(signin.id, "webmail")
    stand.clock.forward(3600)
    await browser.open(ENTER)
    assert browser.title == "Is it still you?"
    await browser.open(ENTER)
    assert browser.title == "Is it still you?"
    await browser.send("/signin/password", password=PASSWORD)
    assert browser.title == "Your code, please"
    await browser.send("/signin/code", code=stand.code())
    assert browser.page.headers["location"].startswith("https://mail.example.test/.gatepost/return?")


async def test_a_factor_that_nobody_can_show_yet_is_named(stand: Stand) -> None:
    await stand.publish(OPEN_POLICY.replace("{factors: [totp]}", "{factors: [passkey]}"))
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    page = await browser.open(ENTER)
    assert browser.title == "One more factor is needed"
    assert "Passkey" in page.text


async def test_sign_in_and_registering_stay_possible_when_the_policy_denies_all(stand: Stand) -> None:
    await stand.publish("version: 1\nrules:\n  - name: nothing\n    then: deny\n")
    browser = stand.browser()
    await browser.sign_in()
    assert (browser.title, browser.page.status_code) == ("This stays shut for now", 403)
    await browser.register()
    assert browser.title == "This stays shut for now"
    aiko = await stand.user()
    assert len(await stand.devices.for_user(aiko.id)) == 1


async def test_a_removed_device_ends_the_sign_in_and_does_not_go_round(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    await browser.register()
    aiko = await stand.user()
    (device,) = await stand.devices.for_user(aiko.id)
    await stand.devices.remove("admin:root", device.id)
    await browser.open("/portal")
    assert browser.title in ("Sign in", "Hello, Aiko Mori")


async def test_a_disabled_user_is_nobody(stand: Stand) -> None:
    browser = stand.browser()
    await browser.sign_in()
    aiko = await stand.user()
    await stand.store.write(lambda tx: tx.put(replace(aiko, disabled=True)))
    await browser.open("/portal")
    assert browser.title == "Sign in"


def request(path: str, cookie: str = "") -> Request:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return Request({"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers})


async def test_the_provider_finds_its_gate(stand: Stand) -> None:
    gate: SignInGate = stand.pages.gate
    browser = stand.browser()
    await browser.open("/signin")
    await browser.send("/signin/password", name="aiko", password=PASSWORD)
    half = f"__Host-gatepost={browser.client.cookies.get('__Host-gatepost')}"
    assert await gate.current(request("/oauth2/authorize", half)) is None
    await browser.send("/signin/code", code=stand.code())
    whole = f"__Host-gatepost={browser.client.cookies.get('__Host-gatepost')}"
    assert await gate.current(request("/oauth2/authorize", whole)) is not None
    answer = await gate.redirect_to_sign_in(
        request("/oauth2/authorize"), prompt="login", login_hint="aiko", return_to="/oauth2/authorize?client_id=x"
    )
    stand.clock.forward(901)
    await browser.open(answer.headers["location"])
    assert browser.title == "Is it still you?"
    await browser.send("/signin/password", password=PASSWORD)
    assert browser.where == "/oauth2/authorize?client_id=x"


@pytest.mark.parametrize(("asked", "lacking"), [("urn:gatepost:acr:2", True), ("", False)])
async def test_an_authentication_context_asks_for_its_factor(stand: Stand, asked: str, lacking: bool) -> None:
    ken = await stand.accounts.create_user("admin:root", "ken", "ken@example.test", "Ken", "en", ["staff"])
    await stand.accounts.set_password("admin:root", ken.id, PASSWORD)
    browser = stand.browser()
    await browser.open("/signin?to=/signed-out")
    await browser.send("/signin/password", name="ken", password=PASSWORD)
    answer = await stand.pages.gate.redirect_to_sign_in(request("/x"), acr=asked, return_to="/signed-out")
    page = await browser.open(answer.headers["location"])
    assert ("One more factor is needed" in page.text) is lacking


async def test_what_the_policy_lets_in_is_familiar_the_next_time_and_what_it_refuses_is_not(stand: Stand) -> None:
    async def newest() -> SignIn:
        return max(await stand.store.read(lambda tx: tx.find(SignIn)), key=lambda each: each.created_at)

    refused = stand.browser()
    await refused.sign_in(to="/nowhere")
    assert (await refused.open(ENTER)).status_code == 403
    assert not (await newest()).learnt

    stand.clock.forward(60)
    admitted = stand.browser()
    await admitted.sign_in(to="/nowhere")
    await admitted.register()
    await admitted.open(ENTER)
    assert (await newest()).new_device is True and (await newest()).learnt
    past = await stand.store.read(lambda tx: tx.find(PastSignIns))
    assert [list(each.devices) for each in past] == [[(await newest()).device_id]]
