"""What we publish of ourselves is what the endpoints do (attack C10, and the Config OP profile)."""

from dataclasses import replace
from typing import Any

import pytest

from idp.oidc.claims import SCOPES
from idp.oidc.provider import Provider
from idp.oidc.texts import AREA, TEXTS
from kernel.reasons import LANGUAGES
from tests.idp.oidc.house import ISSUER, House
from tests.idp.oidc.test_code_flow import claims_of


async def metadata(house: House) -> dict[str, Any]:
    reply = await house.browser.get("/.well-known/openid-configuration")
    assert reply.status_code == 200 and reply.headers["content-type"] == "application/json"
    return dict(reply.json())


async def test_both_well_known_places_say_the_same_and_name_the_issuer(house: House) -> None:
    told = await metadata(house)
    assert told["issuer"] == ISSUER
    assert (await house.browser.get("/.well-known/oauth-authorization-server")).json() == told


async def test_everything_that_the_specifications_demand_is_there(house: House) -> None:
    told = await metadata(house)
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "userinfo_endpoint",
        "scopes_supported",
        "claims_supported",
    ]:
        assert told[name]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_modes_supported"] == ["query", "form_post"]
    assert told["backchannel_logout_session_supported"] is True
    assert told["request_parameter_supported"] is False and told["request_uri_parameter_supported"] is False


async def test_every_endpoint_that_is_named_answers(house: House) -> None:
    told = await metadata(house)
    for name, place in told.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert place.startswith(ISSUER)
            assert (await house.browser.post(place)).status_code not in (404, 500)
            assert (await house.browser.get(place)).status_code not in (404, 500)


async def test_the_published_keys_cover_the_published_algorithms(house: House) -> None:
    told = await metadata(house)
    keys = (await house.browser.get("/oauth2/jwks")).json()["keys"]
    assert {key["alg"] for key in keys} == set(told["id_token_signing_alg_values_supported"]) == {"RS256", "ES256"}
    assert len({key["kid"] for key in keys}) == len(keys) and all(key["use"] == "sig" for key in keys)


async def test_every_claim_in_a_token_is_published(house: House) -> None:
    told = await metadata(house)
    assert set(claims_of((await house.granted())["id_token"])) <= set(told["claims_supported"])


@pytest.mark.parametrize("issuer", ["http://id.example.test", "https://id.example.test/", "id.example.test"])
async def test_an_issuer_that_is_no_https_origin_is_refused(house: House, issuer: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        Provider(replace(house.near, issuer=issuer))


def test_every_text_stands_in_every_language_and_every_scope_has_one() -> None:
    for key, spoken in TEXTS.items():
        assert key.startswith(AREA.name + ".") and all(spoken.get(language) for language in LANGUAGES)
    assert all(f"oidc.scope.{scope}" in TEXTS for scope in SCOPES)
