"""What must fail at the token endpoint (attacks C5-C14, C25): codes and refresh tokens are good for one use."""

import asyncio
from dataclasses import replace

import pytest

from kernel.records.devices import Proof, Trust
from policies.model import Outcome
from tests.idp.oidc.house import ALICE, BACK, LAPTOP, VERIFIER, House
from tests.idp.oidc.test_code_flow import claims_of


async def test_twelve_parallel_redemptions_of_one_code_give_one_success(house: House) -> None:
    await house.sign_in()
    code = await house.code()
    replies = await asyncio.gather(*(house.redeem(code) for _ in range(12)))
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * 11
    assert {reply.json()["error"] for reply in replies if reply.status_code == 400} == {"invalid_grant"}


async def test_a_code_used_twice_takes_the_first_tokens_with_it(house: House) -> None:
    await house.sign_in()
    code = await house.code()
    first = (await house.redeem(code)).json()
    assert await house.userinfo(first["access_token"]) == 200
    house.clock.forward(90)
    again = await house.redeem(code)
    assert again.status_code == 400 and again.json()["error"] == "invalid_grant"
    assert await house.userinfo(first["access_token"]) == 401
    assert (await house.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert "code-reused" in await house.acts()


async def test_a_code_lives_one_minute(house: House) -> None:
    await house.sign_in()
    code = await house.code()
    house.clock.forward(60)
    assert (await house.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_code_is_worth_nothing_to_another_client_and_is_not_burned_by_it(house: House) -> None:
    other, secret = await house.clients.register("admin:root", "Other", [BACK])
    await house.sign_in()
    code = await house.code()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    stolen = await house.post("/oauth2/token", dict(form), auth=(other.client_id, secret))
    assert stolen.json()["error"] == "invalid_grant"
    assert (await house.redeem(code)).status_code == 200


MISFITS: list[tuple[dict[str, str | None], str]] = [
    ({"redirect_uri": "https://app.example.test/other"}, "invalid_grant"),
    ({"redirect_uri": None}, "invalid_grant"),
    ({"code_verifier": "w" * 43}, "invalid_grant"),
    ({"code_verifier": None}, "invalid_request"),
    ({"code_verifier": "short"}, "invalid_request"),
    ({"grant_type": "password"}, "unsupported_grant_type"),
    ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ({"grant_type": None}, "unsupported_grant_type"),
    ({"resource": "https://else.test/"}, "invalid_target"),
]


async def test_what_does_not_fit_the_request_gets_nothing(house: House) -> None:
    await house.sign_in()
    for changes, error in MISFITS:
        reply = await house.redeem(await house.code(), **changes)
        assert reply.status_code == 400 and reply.json()["error"] == error, changes
        assert "access_token" not in reply.json()


async def test_a_verifier_without_a_challenge_is_refused(house: House) -> None:
    await house.change_client(require_pkce=False)
    await house.sign_in()
    code = await house.code(code_challenge=None, code_challenge_method=None)
    assert (await house.redeem(code)).json()["error"] == "invalid_request"


async def test_a_public_client_redeems_with_its_verifier_alone_and_never_without(house: House) -> None:
    await house.change_client(auth_method="none", secret_digest="")
    await house.sign_in()
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "client_id": house.client.client_id}
    bare = await house.post("/oauth2/token", {**form, "code": await house.code()}, auth=None)
    assert bare.status_code == 400
    full = {**form, "code": await house.code(), "code_verifier": VERIFIER}
    assert (await house.post("/oauth2/token", full, auth=None)).status_code == 200


async def test_a_client_that_does_not_prove_itself_gets_a_challenge(house: House) -> None:
    await house.sign_in()
    form = {
        "grant_type": "authorization_code",
        "code": await house.code(),
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    mine = house.client.client_id
    for auth, extra in (
        (None, {}),
        (None, {"client_id": mine}),
        (None, {"client_id": mine, "client_secret": "wrong"}),
        ((mine, "wrong"), {}),
        ((mine, ""), {}),
        (("client_unknown", house.secret), {}),
    ):
        reply = await house.post("/oauth2/token", {**form, **extra}, auth=auth)
        assert reply.status_code == 401 and reply.json()["error"] == "invalid_client"
        assert reply.headers["www-authenticate"].startswith("Basic")
    assert "credential-refused" in await house.acts()
    assert (await house.post("/oauth2/token", dict(form))).status_code == 200


async def test_broken_authorization_headers_are_no_more_than_unproven(house: House) -> None:
    async with house.other_browser() as machine:
        for header in (
            "Basic",
            "Basic ///",
            "Basic 4pyT",
            "Basic /////w==",
            "Bearer x",
            "Digest x",
            "Basic " + "A" * 9000,
        ):
            reply = await machine.post(
                "/oauth2/token", data={"grant_type": "refresh_token"}, headers={"Authorization": header}
            )
            assert reply.status_code == 401


async def test_two_proofs_at_once_and_secrets_in_the_query_are_refused(house: House) -> None:
    await house.sign_in()
    code = await house.code()
    both = await house.redeem(code, client_id=house.client.client_id, client_secret=house.secret)
    assert both.status_code == 400 and both.json()["error"] == "invalid_request"
    differing = await house.redeem(code, client_id="client_other")
    assert differing.json()["error"] == "invalid_request"
    path = f"/oauth2/token?client_id={house.client.client_id}&client_secret={house.secret}"
    in_query = await house.post(path, {"grant_type": "authorization_code", "code": code}, auth=None)
    assert in_query.status_code == 401


async def test_a_doubled_or_overlong_or_foreign_body_is_refused(house: House) -> None:
    async with house.other_browser() as machine:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for body, headers in (
            (b"grant_type=refresh_token&grant_type=password", form),
            (b"a=" + b"x" * 40000, form),
            (b"a=\xff", form),
            (b"a=%ff", form),
            (b'{"grant_type": "password"}', {"Content-Type": "application/json"}),
            (b"grant_type=refresh_token", {}),
        ):
            reply = await machine.post("/oauth2/token", content=body, headers=headers)
            assert reply.status_code == 400 and reply.json()["error"] == "invalid_request"
        assert (await machine.get("/oauth2/token")).status_code == 405


async def test_a_refresh_brings_a_successor_and_the_old_one_ends_the_family(house: House) -> None:
    first = await house.granted()
    second = (await house.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"] and second["id_token"]
    third = (await house.refresh(second["refresh_token"])).json()
    assert await house.userinfo(third["access_token"]) == 200
    assert (await house.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await house.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"
    assert await house.userinfo(third["access_token"]) == 401
    assert "refresh-reused" in await house.acts()


async def test_twelve_parallel_refreshes_give_at_most_one_success(house: House) -> None:
    token = (await house.granted())["refresh_token"]
    replies = await asyncio.gather(*(house.refresh(token) for _ in range(12)))
    assert [reply.status_code for reply in replies].count(200) == 1


async def test_a_refresh_token_is_worth_nothing_to_another_client(house: House) -> None:
    other, secret = await house.clients.register("admin:root", "Other", [BACK])
    token = (await house.granted())["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert (await house.post("/oauth2/token", dict(form), auth=(other.client_id, secret))).status_code == 400
    assert (await house.refresh(token)).status_code == 200


async def test_a_refresh_may_narrow_the_scope_but_not_widen_it(house: House) -> None:
    first = await house.granted(scope="openid mail")
    wide = await house.refresh(first["refresh_token"], scope="openid mail email")
    assert wide.json()["error"] == "invalid_scope"
    narrow = (await house.refresh(first["refresh_token"], scope="openid")).json()
    assert narrow["scope"] == "openid"
    assert await house.store.read(lambda tx: house.tokens.check(tx, narrow["access_token"], "mail")) is None
    back = (await house.refresh(narrow["refresh_token"])).json()
    assert back["scope"] == "openid mail"


async def test_the_end_of_the_sign_in_ends_its_tokens(house: House) -> None:
    tokens = await house.granted()
    signin = (await house.signins.for_user(ALICE.id))[0]
    await house.signins.end(signin.id, "user:alice", "signed-out")
    assert await house.userinfo(tokens["access_token"]) == 401
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_offline_access_outlives_the_sign_in_but_not_thirty_days(house: House) -> None:
    tokens = await house.granted(scope="openid offline_access")
    signin = (await house.signins.for_user(ALICE.id))[0]
    await house.signins.end(signin.id, "user:alice", "signed-out")
    for _ in range(3):
        house.clock.forward(9 * 86400)
        tokens = (await house.refresh(tokens["refresh_token"])).json()
        assert await house.userinfo(tokens["access_token"]) == 200
    house.clock.forward(3 * 86400)
    assert (await house.refresh(tokens["refresh_token"])).status_code == 400


async def test_an_unused_refresh_token_dies_after_a_fortnight(house: House) -> None:
    tokens = await house.granted(scope="openid offline_access")
    house.clock.forward(14 * 86400)
    assert (await house.refresh(tokens["refresh_token"])).status_code == 400


@pytest.mark.parametrize("trust", [Trust.LOST, Trust.REVOKED, Trust.EXPIRED])
async def test_the_tokens_of_a_lost_device_or_disabled_person_are_dead(house: House, trust: Trust) -> None:
    signin = await house.sign_in()
    await house.signins.bind_device(signin.id, LAPTOP.id, Proof.BROWSER_KEY)
    tokens = (await house.redeem(await house.code())).json()
    await house.keep(replace(LAPTOP, trust=trust))
    assert await house.userinfo(tokens["access_token"]) == 401
    assert (await house.refresh(tokens["refresh_token"])).status_code == 400
    await house.keep(LAPTOP, replace(ALICE, disabled=True))
    assert await house.userinfo(tokens["access_token"]) == 401
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_the_policy_is_asked_again_at_each_refresh(house: House) -> None:
    tokens = await house.granted()
    house.bench.outcome = Outcome.DENY
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert house.bench.asked[-1][2] == "192.0.2.7"
    house.bench.outcome = Outcome.ALLOW
    assert (await house.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_refreshed_id_token_tells_of_the_first_sign_in(house: House) -> None:
    first = await house.granted()
    house.clock.forward(1000)
    second = claims_of((await house.refresh(first["refresh_token"])).json()["id_token"])
    before = claims_of(first["id_token"])
    for name in ("iss", "sub", "aud", "sid", "auth_time", "acr"):
        assert second[name] == before[name]
    assert "nonce" not in second


async def test_an_excepted_client_keeps_its_refresh_token_and_may_use_it_from_many_processes(house: House) -> None:
    await house.change_client(rotate_refresh=False)
    token = (await house.granted(scope="openid offline_access"))["refresh_token"]
    replies = await asyncio.gather(*(house.refresh(token) for _ in range(4)))
    assert all(reply.status_code == 200 and "refresh_token" not in reply.json() for reply in replies)
    house.clock.forward(13 * 86400)
    assert (await house.refresh(token)).status_code == 200
    house.clock.forward(13 * 86400)
    assert (await house.refresh(token)).status_code == 200
    house.clock.forward(4 * 86400)
    assert (await house.refresh(token)).status_code == 400
    public, _ = await house.clients.register("admin:root", "App", [BACK], public=True, rotate_refresh=False)
    assert public.rotate_refresh
