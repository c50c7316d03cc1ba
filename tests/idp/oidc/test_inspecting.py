"""Introspection and revocation: who is told what about a token, and what giving one back ends."""

from idp.oidc.grants import end_grant
from kernel.records.sessions import Grant
from tests.idp.oidc.house import ALICE, BACK, House


async def test_revoking_any_token_ends_the_grant_and_a_foreign_one_nothing(house: House) -> None:
    other, secret = await house.clients.register("admin:root", "Other", [BACK])
    tokens = await house.granted()
    for token in (tokens["access_token"], tokens["refresh_token"], "nonsense"):
        foreign = await house.post("/oauth2/revoke", {"token": token}, auth=(other.client_id, secret))
        assert foreign.status_code == 200
    assert await house.userinfo(tokens["access_token"]) == 200
    assert (await house.post("/oauth2/revoke", {"token": tokens["refresh_token"]}, auth=None)).status_code == 401
    own = await house.post("/oauth2/revoke", {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"})
    assert own.status_code == 200
    assert await house.userinfo(tokens["access_token"]) == 401
    assert "revoked" in await house.acts()
    fresh = await house.granted()
    await house.post("/oauth2/revoke", {"token": fresh["access_token"]})
    assert (await house.refresh(fresh["refresh_token"])).status_code == 400


async def test_introspection_tells_the_client_and_the_resource_server_and_nobody_else(house: House) -> None:
    other, other_secret = await house.clients.register("admin:root", "Other", [BACK])
    server, secret = await house.clients.register("admin:root", "Mail server", [], audience=["mail"])
    tokens = await house.granted()
    asked = {"token": tokens["access_token"]}
    told = (await house.post("/oauth2/introspect", dict(asked), auth=(server.client_id, secret))).json()
    assert told["active"] and told["username"] == "alice" and told["sub"] == ALICE.id and "mail" in told["aud"]
    assert (await house.post("/oauth2/introspect", dict(asked))).json()["client_id"] == house.client.client_id
    foreign = await house.post("/oauth2/introspect", dict(asked), auth=(other.client_id, other_secret))
    assert foreign.json() == {"active": False}
    assert (await house.post("/oauth2/introspect", dict(asked), auth=None)).status_code == 401
    for token in (tokens["id_token"], "nonsense", tokens["access_token"] + "x", ""):
        dead = await house.post("/oauth2/introspect", {"token": token})
        assert dead.json().get("active", False) is False
    refresh = (await house.post("/oauth2/introspect", {"token": tokens["refresh_token"]})).json()
    assert refresh["active"] and "token_type" not in refresh
    grants = await house.store.read(lambda tx: tx.find(Grant, user_id=ALICE.id))
    await house.store.write(lambda tx: end_grant(tx, grants[0], act="ended", actor="admin:root", now=house.clock.now()))
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert (await house.post("/oauth2/introspect", {"token": token})).json() == {"active": False}


async def test_a_public_client_may_not_introspect(house: House) -> None:
    tokens = await house.granted()
    await house.change_client(auth_method="none", secret_digest="")
    asked = {"token": tokens["access_token"], "client_id": house.client.client_id}
    assert (await house.post("/oauth2/introspect", dict(asked), auth=None)).status_code == 401
