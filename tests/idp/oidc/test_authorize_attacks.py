"""What must fail at the authorization endpoint (attacks C1-C4, C8-C10, C24), and who is told."""

from dataclasses import replace
from urllib.parse import urlencode

from idp.signin.flow import Demand
from kernel.records.devices import Proof, Trust
from kernel.records.sessions import Factor
from policies.model import Outcome
from tests.idp.oidc.house import ALICE, BACK, BOB, COOKIE, ISSUER, LAPTOP, FormReader, House, answer_of

WRONG_ADDRESSES = [
    "https://app.example.test/Callback",
    "https://APP.example.test/callback",
    "HTTPS://app.example.test/callback",
    "http://app.example.test/callback",
    "https://app.example.test:443/callback",
    "https://app.example.test:8443/callback",
    "https://app.example.test/callback/",
    "https://app.example.test/callback?x=1",
    "https://app.example.test/callback#x",
    "https://app.example.test/callback%2f",
    "https://app.example.test/x/../callback",
    "https://app.example.test/callback/../evil",
    "https://app.example.test.evil.test/callback",
    "https://app.example.test@evil.test/callback",
    "https://evil.test/https://app.example.test/callback",
    "https://evil.test\\@app.example.test/callback",
    "https:app.example.test/callback",
    "//app.example.test/callback",
    " https://app.example.test/callback",
    "https://app.example.test/callback\r\nX: y",
    "javascript:alert(1)",
    "",
]


async def test_an_address_that_is_not_exactly_registered_gets_a_page_and_no_redirect(house: House) -> None:
    await house.sign_in()
    for uri in WRONG_ADDRESSES:
        reply = await house.ask(redirect_uri=uri)
        assert reply.status_code == 400 and "location" not in reply.headers, uri
        assert "evil" not in reply.headers["content-security-policy"], uri
        assert '"https://evil' not in reply.text and '"javascript' not in reply.text, uri


async def test_no_response_mode_makes_up_for_a_wrong_address(house: House) -> None:
    for mode in ("form_post", "query", "fragment", "web_message"):
        reply = await house.ask(redirect_uri="https://evil.test/", response_mode=mode)
        assert reply.status_code == 400 and '"https://evil' not in reply.text and "location" not in reply.headers


async def test_a_missing_or_doubled_address_or_client_gets_a_page(house: House) -> None:
    await house.sign_in()
    assert (await house.ask(redirect_uri=None)).status_code == 400
    assert (await house.ask(client_id=None)).status_code == 400
    assert (await house.ask(client_id="client_unknown")).status_code == 400
    for name, second in (("redirect_uri", "https://evil.test/"), ("redirect_uri", BACK), ("client_id", "other")):
        reply = await house.browser.get(f"/oauth2/authorize?{urlencode([*house.sound().items(), (name, second)])}")
        assert reply.status_code == 400 and "location" not in reply.headers


async def test_the_page_of_a_fault_speaks_the_readers_language(house: House) -> None:
    reply = await house.browser.get("/oauth2/authorize", headers={"Accept-Language": "ja"})
    assert reply.status_code == 400 and "このサインインリンクは使用できません" in reply.text
    reply = await house.browser.get("/oauth2/authorize", headers={"Accept-Language": "en"})
    assert "This sign-in link does not work" in reply.text


FAULTS: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "https://evil.test/request"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"scope": "wild"}, "invalid_scope"),
    ({"scope": None}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"resource": "https://else.test/"}, "invalid_target"),
    ({"resource": "admin"}, "invalid_target"),
    ({"id_token_hint": "not.a.token"}, "invalid_request"),
    ({"nonce": "n" * 1025}, "invalid_request"),
]


async def test_other_faults_are_told_to_the_client_with_state_and_iss(house: House) -> None:
    await house.sign_in()
    for changes, error in FAULTS:
        told = answer_of(await house.ask(**changes))
        assert told["error"] == error and told["state"] == "s-1" and told["iss"] == ISSUER, changes
        assert "code" not in told and told["error_description"].isascii()


async def test_a_doubled_parameter_is_told_to_the_client(house: House) -> None:
    await house.sign_in()
    for name in ("scope", "nonce", "code_challenge", "prompt", "response_type"):
        asked = (
            [*house.sound().items(), (name, "other")]
            if name in house.sound()
            else [*house.sound().items(), (name, "login"), (name, "none")]
        )
        told = answer_of(await house.browser.get(f"/oauth2/authorize?{urlencode(asked)}"))
        assert told["error"] == "invalid_request"


async def test_a_public_client_never_gets_round_pkce(house: House) -> None:
    await house.change_client(auth_method="none", secret_digest="", require_pkce=False)
    await house.sign_in()
    told = answer_of(await house.ask(code_challenge=None, code_challenge_method=None))
    assert told["error"] == "invalid_request"


async def test_only_a_native_clients_loopback_port_may_vary(house: House) -> None:
    await house.sign_in()
    await house.change_client(redirect_uris=("http://127.0.0.1/cb",))
    assert (await house.ask(redirect_uri="http://127.0.0.1:4711/cb")).status_code == 400
    await house.change_client(auth_method="none", secret_digest="")
    assert (
        (await house.ask(redirect_uri="http://127.0.0.1:4711/cb"))
        .headers["location"]
        .startswith("http://127.0.0.1:4711/cb?")
    )
    for uri in ("http://127.0.0.1:4711/cb/x", "http://127.0.0.1:80@evil.test/cb", "http://127.0.0.1.evil.test/cb",
                "https://127.0.0.1:4711/cb", "http://localhost:4711/cb", "http://127.0.0.1:4711/cb#f"):  # fmt: skip
        assert (await house.ask(redirect_uri=uri)).status_code == 400


async def test_unknown_parameters_are_ignored(house: House) -> None:
    await house.sign_in()
    assert "code" in answer_of(await house.ask(display="popup", claims_locales="ja", colour="blue", claims="{}"))


async def test_prompt_none_answers_at_once_with_a_code_or_login_required(house: House) -> None:
    assert answer_of(await house.ask(prompt="none"))["error"] == "login_required"
    await house.sign_in()
    assert "code" in answer_of(await house.ask(prompt="none"))
    house.clock.forward(61)
    assert answer_of(await house.ask(prompt="none", max_age="60"))["error"] == "login_required"
    assert answer_of(await house.ask(prompt="none", max_age="0"))["error"] == "login_required"
    assert house.page.asked == []


async def test_prompt_login_asks_again_and_is_content_only_with_a_newer_sign_in(house: House) -> None:
    await house.sign_in()
    house.clock.forward(10)
    assert (await house.ask(prompt="login")).headers["location"] == "/sign-in"
    wish = house.page.asked[-1]
    assert wish["prompt"] == "login"
    house.clock.forward(5)
    assert (await house.browser.get(wish["return_to"])).headers["location"] == "/sign-in"
    await house.sign_in()
    assert "code" in answer_of(await house.browser.get(wish["return_to"]))


async def test_a_return_mark_from_the_future_counts_for_nothing(house: House) -> None:
    await house.sign_in()
    house.clock.forward(10)
    reply = await house.ask(prompt="login", gatepost_since=str(int(house.clock.now()) + 3600))
    assert reply.headers["location"] == "/sign-in"


async def test_max_age_asks_again_once_the_sign_in_is_older(house: House) -> None:
    await house.sign_in()
    house.clock.forward(60)
    assert "code" in answer_of(await house.ask(max_age="60"))
    house.clock.forward(1)
    assert (await house.ask(max_age="60")).headers["location"] == "/sign-in"
    wish = house.page.asked[-1]
    assert wish["max_age"] == 60
    await house.sign_in()
    assert "code" in answer_of(await house.browser.get(wish["return_to"]))


async def test_acr_values_ask_for_more_once_and_are_told_as_reached(house: House) -> None:
    await house.sign_in()
    assert (await house.ask(acr_values="urn:gatepost:acr:2")).headers["location"] == "/sign-in"
    wish = house.page.asked[-1]
    assert wish["acr"] == "urn:gatepost:acr:2"
    await house.sign_in(ALICE, Factor.PASSWORD, Factor.TOTP)
    reply = await house.redeem(answer_of(await house.browser.get(wish["return_to"]))["code"])
    assert reply.status_code == 200
    assert "code" in answer_of(await house.ask(acr_values="urn:unknown"))


async def test_a_hint_of_another_person_asks_for_them_and_then_tells_the_client(house: House) -> None:
    hint = (await house.granted())["id_token"]
    house.clock.forward(7200)
    assert "code" in answer_of(await house.ask(id_token_hint=hint))
    await house.sign_in(BOB)
    assert answer_of(await house.ask(id_token_hint=hint, prompt="none"))["error"] == "login_required"
    assert (await house.ask(id_token_hint=hint)).headers["location"] == "/sign-in"
    wish = house.page.asked[-1]
    assert wish["prompt"] == "select_account"
    assert answer_of(await house.browser.get(wish["return_to"]))["error"] == "login_required"


async def test_select_account_asks_once(house: House) -> None:
    await house.sign_in()
    assert (await house.ask(prompt="select_account")).headers["location"] == "/sign-in"
    assert "code" in answer_of(await house.browser.get(house.page.asked[-1]["return_to"]))


async def test_the_policy_may_refuse_and_its_words_reach_the_client(house: House) -> None:
    await house.sign_in()
    house.bench.outcome, house.bench.say = Outcome.DENY, {"en": 'Only from the "office".', "ja": "社内からのみ。"}
    told = answer_of(await house.ask())
    assert told["error"] == "access_denied"
    assert told["error_description"] == f"Only from the office. ({ISSUER}/r/ABCD2345)"


async def test_a_step_up_asks_for_a_factor_once_and_then_refuses(house: House) -> None:
    await house.sign_in()
    house.bench.outcome = Outcome.STEP_UP
    assert (await house.ask()).headers["location"] == "/sign-in"
    wish = house.page.asked[-1]
    assert wish["demand"] == Demand((Factor.TOTP,), 600.0)
    assert answer_of(await house.browser.get(wish["return_to"]))["error"] == "access_denied"
    assert answer_of(await house.ask(prompt="none"))["error"] == "interaction_required"


async def test_a_lost_device_gets_no_code(house: House) -> None:
    signin = await house.sign_in()
    await house.signins.bind_device(signin.id, LAPTOP.id, Proof.BROWSER_KEY)
    await house.keep(replace(LAPTOP, trust=Trust.LOST))
    assert answer_of(await house.ask())["error"] == "access_denied"


async def test_a_client_that_is_not_trusted_needs_consent_once(house: House) -> None:
    await house.change_client(trusted=False)
    await house.sign_in()
    assert answer_of(await house.ask(prompt="none"))["error"] == "consent_required"
    lasting = await house.ask(scope="openid offline_access")
    assert "up to 30 days" in lasting.text
    page = await house.ask()
    assert "Signing out here ends its access" in page.text
    assert page.status_code == 200 and "Read and send your mail" in page.text and "Mail App" in page.text
    form = FormReader(page.text).forms["/oauth2/consent"]
    told = answer_of(await house.browser.post("/oauth2/consent", data={**form, "answer": "allow"}))
    assert (await house.redeem(told["code"])).status_code == 200
    assert "code" in answer_of(await house.ask(prompt="none"))
    again = await house.ask(prompt="consent")
    form = FormReader(again.text).forms["/oauth2/consent"]
    assert (
        answer_of(await house.browser.post("/oauth2/consent", data={**form, "answer": "deny"}))["error"]
        == "access_denied"
    )


async def test_consent_cannot_be_given_by_another_sites_form_or_for_a_changed_request(house: House) -> None:
    await house.change_client(trusted=False)
    await house.sign_in()
    form = FormReader((await house.ask()).text).forms["/oauth2/consent"]
    foreign = await house.browser.post(
        "/oauth2/consent", data={**form, "answer": "allow"}, headers={"Origin": "https://evil.test"}
    )
    assert foreign.status_code == 403
    without = await house.browser.post("/oauth2/consent", data={"request": form["request"], "answer": "allow"})
    assert without.status_code == 403
    bent = form["request"].replace("app.example.test", "evil.test")
    moved = await house.browser.post("/oauth2/consent", data={**form, "request": bent, "answer": "allow"})
    assert moved.status_code == 400 and "location" not in moved.headers


async def test_nonsense_gets_a_page(house: House) -> None:
    for query in ("%ff=%ff", "&".join(f"a{n}=1" for n in range(200)), "a" * 20000, "client_id=%E3%81%82"):
        assert (await house.browser.get(f"/oauth2/authorize?{query}")).status_code == 400


async def test_a_cookie_that_is_no_sign_in_is_nobody(house: House) -> None:
    house.browser.cookies.set(COOKIE, "x" * 43)
    assert (await house.ask()).headers["location"] == "/sign-in"
