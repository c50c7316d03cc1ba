"""A client signs somebody in: the whole way, and what each token says."""

import base64
import json
from typing import Any

from idp.oidc.id_tokens import half_hash
from kernel.records.devices import Proof
from kernel.records.sessions import Factor
from tests.idp.oidc.house import ALICE, BACK, ISSUER, LAPTOP, FormReader, House, answer_of


def claims_of(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))))


def header_of(token: str) -> dict[str, Any]:
    first = token.split(".")[0]
    return dict(json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))))


async def test_a_person_who_is_signed_in_comes_back_with_a_code_the_state_and_our_name(house: House) -> None:
    await house.sign_in()
    told = answer_of(await house.ask())
    assert told["state"] == "s-1" and told["iss"] == ISSUER and len(told["code"]) == 43


async def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_the_same_request(house: House) -> None:
    sent = await house.ask(login_hint="alice", ui_locales="ja")
    assert sent.headers["location"] == "/sign-in"
    (wish,) = house.page.asked
    assert wish["login_hint"] == "alice" and wish["ui_locales"] == "ja" and wish["prompt"] == ""
    await house.sign_in()
    assert "code" in answer_of(await house.browser.get(wish["return_to"]))


async def test_the_access_token_is_rfc_9068_and_names_everything_it_stands_on(house: House) -> None:
    signin = await house.sign_in(ALICE, Factor.PASSWORD, Factor.TOTP)
    await house.signins.bind_device(signin.id, LAPTOP.id, Proof.BROWSER_KEY)
    reply = (await house.redeem(await house.code())).json()
    assert reply["token_type"] == "Bearer" and reply["expires_in"] == 300
    assert header_of(reply["access_token"]) == {
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": house.keys.current("oidc", "ES256").kid,
    }
    told = claims_of(reply["access_token"])
    assert told["iss"] == ISSUER and told["sub"] == ALICE.id and told["aud"] == [ISSUER, "mail"]
    assert told["sid"] == signin.id and told["did"] == LAPTOP.id and told["client_id"] == house.client.client_id
    assert told["scope"] == "openid profile email mail" and told["exp"] - told["iat"] == 300
    assert told["acr"] == "urn:gatepost:acr:3" and told["amr"] == ["mfa", "otp", "pwd", "swk"]
    facts = await house.store.read(lambda tx: house.tokens.check(tx, reply["access_token"], "mail"))
    assert facts is not None and facts.grant_id == told["gid"] and facts.device_id == LAPTOP.id


async def test_the_id_token_is_rs256_and_tells_who_when_and_how(house: House) -> None:
    signin = await house.sign_in()
    code = await house.code()
    house.clock.forward(30)
    reply = (await house.redeem(code)).json()
    assert header_of(reply["id_token"])["alg"] == "RS256"
    told = claims_of(reply["id_token"])
    assert told["iss"] == ISSUER and told["aud"] == house.client.client_id and told["sub"] == ALICE.id
    assert told["nonce"] == "n-1" and told["sid"] == signin.id and told["auth_time"] == int(signin.created_at)
    assert told["at_hash"] == half_hash(reply["access_token"]) and told["amr"] == ["pwd"]
    assert told["email"] == "alice@example.test" and told["name"] == "Alice Ito"


async def test_a_client_may_have_its_id_tokens_signed_with_es256(house: House) -> None:
    await house.change_client(id_token_alg="ES256")
    assert header_of((await house.granted())["id_token"])["alg"] == "ES256"


async def test_without_openid_there_is_no_id_token_and_no_userinfo(house: House) -> None:
    reply = await house.granted(scope="mail")
    assert "id_token" not in reply and claims_of(reply["access_token"])["aud"] == "mail"
    assert await house.userinfo(reply["access_token"]) == 401


async def test_scopes_that_the_client_may_not_have_are_left_out(house: House) -> None:
    assert (await house.granted(scope="openid admin groups wild"))["scope"] == "openid"


async def test_userinfo_answers_get_and_post_header_and_form(house: House) -> None:
    token = (await house.granted())["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    async with house.other_browser() as machine:
        by_get = await machine.get("/oauth2/userinfo", headers=bearer)
        by_post = await machine.post("/oauth2/userinfo", headers=bearer)
        by_form = await machine.post("/oauth2/userinfo", data={"access_token": token})
        both = await machine.post("/oauth2/userinfo", data={"access_token": token}, headers=bearer)
        in_query = await machine.get("/oauth2/userinfo", params={"access_token": token})
    assert by_get.json() == by_post.json() == by_form.json() == {
        "sub": ALICE.id,
        "name": "Alice Ito",
        "preferred_username": "alice",
        "locale": "ja",
        "email": "alice@example.test",
        "email_verified": True,
    }  # fmt: skip
    assert both.status_code == 400 and in_query.status_code == 401
    assert by_get.headers["cache-control"] == "no-store"


async def test_roundcube_comes_without_pkce_and_refreshes_by_secret_in_the_form(house: House) -> None:
    await house.change_client(require_pkce=False)
    await house.sign_in()
    code = await house.code(code_challenge=None, code_challenge_method=None, nonce=None)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": house.sound()["redirect_uri"],
        "client_id": house.client.client_id,
        "client_secret": house.secret,
    }
    reply = await house.post("/oauth2/token", dict(form), auth=None)
    assert reply.status_code == 200 and reply.json()["refresh_token"]
    again = {"grant_type": "refresh_token", "refresh_token": reply.json()["refresh_token"]}
    renewed = await house.post(
        "/oauth2/token", {**again, "client_id": house.client.client_id, "client_secret": house.secret}, auth=None
    )
    assert renewed.status_code == 200 and renewed.json()["access_token"] != reply.json()["access_token"]


async def test_answers_with_tokens_are_never_cached(house: House) -> None:
    await house.sign_in()
    good = await house.redeem(await house.code())
    bad = await house.redeem("nonsense")
    for reply in (good, bad):
        assert reply.headers["cache-control"] == "no-store" and reply.headers["pragma"] == "no-cache"


async def test_form_post_sends_the_answer_in_a_form_that_posts_itself(house: House) -> None:
    await house.sign_in()
    page = await house.ask(response_mode="form_post")
    assert page.status_code == 200
    sent = FormReader(page.text).forms[BACK]
    assert set(sent) == {"code", "state", "iss"} and sent["iss"] == ISSUER
    assert "form-action 'self' https://app.example.test;" in page.headers["content-security-policy"]
    assert (await house.redeem(sent["code"])).status_code == 200


async def test_a_post_to_authorize_goes_round_as_get_so_that_the_cookie_comes_along(house: House) -> None:
    await house.sign_in()
    sent = await house.browser.post("/oauth2/authorize", data=house.sound())
    assert sent.status_code == 303
    assert "code" in answer_of(await house.browser.get(sent.headers["location"]))


async def test_a_grant_leaves_its_decision_and_its_acts_in_the_audit(house: House) -> None:
    await house.granted()
    assert (await house.acts())[-3:] == ["decided", "granted", "redeemed"]
    assert house.bench.asked[0][1] == f"client:{house.client.client_id}"
