"""The register of relying parties: what may be registered, who is told what, and what removal ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.addresses import fault_of, names
from kernel.problems import Conflict, Missing, Refused
from kernel.records.oidc import OidcClient
from tests.idp.oidc.house import BACK, House


async def test_a_secret_is_shown_once_and_stored_as_a_digest(house: House) -> None:
    client, secret = await house.clients.register("admin:root", "App", [BACK])
    assert len(secret) == 43 and secret not in repr(client) and client.secret_digest != ""
    assert client in await house.clients.all() and await house.clients.find(client.client_id) == client
    assert (await house.acts())[-1] == "registered"


async def test_a_public_client_has_no_secret_and_always_pkce(house: House) -> None:
    client, secret = await house.clients.register(
        "admin:root", "App", ["com.example.app:/cb"], public=True, require_pkce=False
    )
    assert (secret, client.secret_digest, client.auth_method, client.require_pkce) == ("", "", "none", True)


UNFIT = [
    "http://app.example.test/cb",
    "https://app.example.test/cb#f",
    "https://*.example.test/cb",
    "https://user@example.test/cb",
    "https:///cb",
    "javascript:alert(1)",
    "data:text/html,x",
    "com.example.app:/cb",
    "app:/cb",
    "/cb",
    "https://app.example.test/c b",
    "https://app.example.test\\@evil.test/",
    "https://app.example.test:0/",
    "https://app.example.test:99999/",
    "https://日本.test/",
    "https://a.test/" + "x" * 2000,
]


async def test_addresses_that_cannot_be_exact_or_safe_are_refused_in_words(house: House) -> None:
    for uri in UNFIT:
        with pytest.raises(Refused, match="cannot be registered"):
            await house.clients.register("admin:root", "App", [uri])
        with pytest.raises(Refused, match="cannot be registered"):
            await house.clients.register("admin:root", "App", [BACK], backchannel_logout_uri=uri)


async def test_what_does_not_exist_is_named_with_what_may_be_meant(house: House) -> None:
    with pytest.raises(Refused, match="did you mean `email`"):
        await house.clients.register("admin:root", "App", [BACK], scopes=["openid", "emial"])
    with pytest.raises(Refused, match="RS256 or ES256"):
        await house.clients.register("admin:root", "App", [BACK], id_token_alg="none")
    with pytest.raises(Refused, match="needs a redirect address"):
        await house.clients.register("admin:root", "App", [])
    for client_id in ("a:b", "a b", "日本", "x" * 129, "a\n"):
        with pytest.raises(Refused, match="identifier"):
            await house.clients.register("admin:root", "App", [BACK], client_id=client_id)
    with pytest.raises(Conflict):
        await house.clients.register("admin:root", "App", [BACK], client_id=house.client.client_id)
    with pytest.raises(Missing, match="Did you mean"):
        await house.clients.remove("admin:root", house.client.client_id[:-1] + "_")


async def test_removing_a_client_ends_what_it_holds(house: House) -> None:
    tokens = await house.granted()
    removed = await house.clients.remove("admin:root", house.client.client_id)
    assert removed.client_id == house.client.client_id
    assert await house.userinfo(tokens["access_token"]) == 401
    assert await house.store.read(lambda tx: tx.get(OidcClient, removed.client_id)) is None
    assert (await house.acts())[-2:] == ["client-removed", "removed"]


async def test_a_new_secret_kills_the_old_one(house: House) -> None:
    tokens = await house.granted()
    fresh = await house.clients.renew_secret("admin:root", house.client.client_id)
    assert (await house.refresh(tokens["refresh_token"])).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await house.post("/oauth2/token", dict(form), auth=(house.client.client_id, fresh))).status_code == 200
    public, _ = await house.clients.register("admin:root", "App", [BACK], public=True)
    with pytest.raises(Refused, match="no secret"):
        await house.clients.renew_secret("admin:root", public.client_id)


@given(st.text(max_size=80))
def test_only_the_registered_text_is_its_own_address(uri: str) -> None:
    assert names(uri, (BACK,), native=True) == (uri == BACK)


@given(st.text(max_size=80))
def test_whatever_is_registered_is_https_or_on_loopback(uri: str) -> None:
    if not fault_of(uri):
        assert uri.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]"))
