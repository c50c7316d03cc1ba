"""Programs that act for nobody: how they get a token, what it is worth, and what it never passes for."""

from typing import Any

import pytest

from idp.oidc.machines import Program
from kernel.problems import Refused
from kernel.records.sessions import Factor
from tests.idp.oidc.house import ALICE, BACK, House


@pytest.fixture
async def program(house: House) -> tuple[str, str]:
    """Register a program; return its id and secret."""
    client, secret = await house.clients.register(
        "admin:root", "Edge", [], client_id="edge", scopes=["authzen", "authzen-search"], machine=True
    )
    return client.client_id, secret


async def ask(house: House, who: tuple[str, str] | None, **form: str) -> tuple[int, dict[str, Any]]:
    answer = await house.post("/oauth2/token", {"grant_type": "client_credentials", **form}, auth=who)
    return answer.status_code, answer.json()


async def token(house: House, who: tuple[str, str], **form: str) -> str:
    status, told = await ask(house, who, **form)
    assert status == 200, told
    return str(told["access_token"])


async def seen(house: House, text: str, audience: str = "authzen") -> Program | None:
    return await house.store.read(lambda tx: house.near.machines.check(tx, text, audience))


async def test_a_program_gets_a_token_of_five_minutes_with_its_own_credentials(
    house: House, program: tuple[str, str]
) -> None:
    status, told = await ask(house, program, scope="authzen")
    assert (status, told["token_type"], told["expires_in"], told["scope"]) == (200, "Bearer", 300, "authzen")
    assert "refresh_token" not in told and "id_token" not in told
    found = await seen(house, told["access_token"])
    assert found is not None and (found.client_id, found.scopes) == ("edge", {"authzen"})
    assert (await house.acts())[-1] == "issued"
    house.clock.forward(300)
    assert await seen(house, told["access_token"]) is None


async def test_without_a_scope_it_gets_all_it_has_and_never_more(house: House, program: tuple[str, str]) -> None:
    assert (await ask(house, program))[1]["scope"] == "authzen authzen-search"
    for scope in ("admin", "openid", "authzen mail", "authzen-searches"):
        assert (await ask(house, program, scope=scope))[1]["error"] == "invalid_scope"


async def test_only_programs_get_one(house: House, program: tuple[str, str]) -> None:
    app = (house.client.client_id, house.secret)
    assert (await ask(house, app))[1]["error"] == "unauthorized_client"
    assert (await ask(house, (program[0], "wrong")))[0] == 401
    assert (await ask(house, None, client_id=program[0]))[0] == 401
    public, _ = await house.clients.register("admin:root", "App", [BACK], public=True)
    assert (await ask(house, None, client_id=public.client_id))[1]["error"] == "unauthorized_client"


async def test_it_passes_for_nobodys_token(house: House, program: tuple[str, str]) -> None:
    text = await token(house, program)
    assert await house.store.read(lambda tx: house.tokens.check(tx, text)) is None
    assert await house.userinfo(text) == 401
    assert await seen(house, text, "admin") is None
    mine = (await house.granted())["access_token"]
    assert await seen(house, mine, "") is None


async def test_a_person_named_like_a_program_is_still_a_person(house: House, program: tuple[str, str]) -> None:
    signin, _ = await house.signins.begin(ALICE, [Factor.PASSWORD], "192.0.2.7", "")
    forged, _ = house.tokens.issue(ALICE, signin.id, "", ALICE.id, "authzen", ["authzen"])
    assert await seen(house, forged) is None


async def test_it_dies_with_its_program(house: House, program: tuple[str, str]) -> None:
    text = await token(house, program)
    await house.clients.remove("admin:root", "edge")
    assert await seen(house, text) is None


async def test_introspection_tells_its_own_program_of_it(house: House, program: tuple[str, str]) -> None:
    text = await token(house, program, scope="authzen")
    told = (await house.post("/oauth2/introspect", {"token": text}, auth=program)).json()
    assert (told["active"], told["sub"], told["scope"], told["aud"]) == (True, "edge", "authzen", ["authzen"])
    assert "username" not in told
    assert (await house.post("/oauth2/introspect", {"token": text})).json() == {"active": False}


async def test_what_makes_no_program_is_refused_in_words(house: House) -> None:
    with pytest.raises(Refused, match="no redirect address"):
        await house.clients.register("admin:root", "Edge", [BACK], scopes=["authzen"], machine=True)
    with pytest.raises(Refused, match="has a secret"):
        await house.clients.register("admin:root", "Edge", [], scopes=["authzen"], public=True, machine=True)
    with pytest.raises(Refused, match="known are authzen, authzen-search"):
        await house.clients.register("admin:root", "Edge", [], scopes=["openid"], machine=True)
    with pytest.raises(Refused, match="no scope `authzen`"):
        await house.clients.register("admin:root", "App", [BACK], scopes=["authzen"])
