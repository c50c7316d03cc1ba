"""Who gets through the API's gates: bearers whom the policy lets into the console, and whoever may open the socket."""

import asyncio
import getpass
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gatepost.admin_client import AdminClient
from idp.api.app import api_routes, local_app
from idp.api.gates import TokenGate
from idp.api.local import LocalServer
from idp.judge import Judge
from idp.oidc.keys import Keys
from idp.oidc.tokens import AccessTokens
from idp.vault import Vault
from kernel.authority import Subject, SubjectKey
from kernel.ports import Reader
from kernel.problems import Unavailable
from kernel.records.devices import Device, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor, Grant, SignIn
from tests.idp.admin.house import LOCAL, OPEN, House

ISSUER = "https://login.example.com"


def subject(tx: Reader, key: SubjectKey) -> Subject | None:
    user = tx.get(User, key.user_id)
    device, signin = tx.get(Device, key.device_id), tx.get(SignIn, key.signin_id)
    return Subject(key, user, device, signin, (), 0) if user else None


class Front:
    """The API behind tokens, in the house."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.keys = Keys(home.store, Vault(b"v" * 32), home.clock, home.chance)
        self.tokens = AccessTokens(self.keys, home.clock, home.chance, ISSUER)
        self.judge = Judge(home.store, home.clock)

    async def open(self) -> httpx.AsyncClient:
        await self.keys.load()
        await self.judge.load()
        gate = TokenGate(self.home.store, self.tokens, subject, self.judge, lambda request: "192.0.2.7")
        app = Starlette(routes=api_routes(self.home.acts, gate))
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://admin")

    async def token(
        self,
        name: str,
        scope: str = "admin",
        audience: str = "admin",
        factors: tuple[Factor, ...] = (Factor.PASSWORD, Factor.TOTP),
    ) -> str:
        """Let a user sign in on their first device and give a client a grant."""
        shown = await self.home.acts.people.show(name)
        signin, _ = await self.home.signins.begin(shown.user, factors, "192.0.2.7", "")
        device = shown.devices[0].id if shown.devices else ""
        now, grant_id = self.home.clock.now(), f"g_{name}"
        proof = Proof.BROWSER_KEY if device else Proof.NONE
        grant = Grant(grant_id, shown.user.id, "cli", signin.id, device, proof, scope, (audience,), now, now + 3600)
        await self.home.store.write(lambda tx: tx.put(grant))
        return self.tokens.issue(shown.user, signin.id, device, "cli", scope, [audience], grant_id=grant_id)[0]


@pytest.fixture
def front(home: House) -> Front:
    return Front(home)


def bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_an_admin_gets_in_and_is_named_in_the_log(front: Front) -> None:
    await front.home.admin()
    await front.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    async with await front.open() as client:
        token = await front.token("root")
        made = await client.post("/api/v1/groups", json={"name": "staff"}, headers=bearer(token))
        assert made.status_code == 201
        assert (await front.home.log())[-1].fields["actor"] == "admin:root"
        forced = await client.post("/api/v1/policy/publish", json={"text": OPEN, "force": True}, headers=bearer(token))
        assert (forced.status_code, "server itself" in forced.json()["error"]) == (400, True)


async def test_everybody_else_stays_out(front: Front) -> None:
    await front.home.admin()
    await front.home.user("mika", "staff", ready=True)
    await front.home.device("mika", "laptop")
    await front.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    async with await front.open() as client:
        good = await front.token("root")
        attempts = {
            "no token": ({}, 401),
            "basic": ({"Authorization": "Basic cm9vdDpyb290"}, 401),
            "garbage": (bearer("e30.e30."), 401),
            "2 MiB": (bearer("a" * 2_000_000), 401),
            "tampered": (bearer(good[:-4] + "AAAA"), 401),
            "plain user": (bearer(await front.token("mika")), 403),
            "wrong scope": (bearer(await front.token("root", scope="openid mail")), 403),
            "wrong audience": (bearer(await front.token("root", audience="mail")), 401),
            "no second factor": (bearer(await front.token("root", factors=(Factor.PASSWORD,))), 403),
        }
        for name, (headers, status) in attempts.items():
            for path in ("/api/v1/users", "/api/v1/users/root", "/api/v1/audit", "/api/v1/sessions"):
                answer = await client.get(path, headers=headers)
                assert (name, answer.status_code) == (name, status)
                assert "items" not in answer.json()


async def test_a_disabled_admins_token_is_dead_at_once(front: Front) -> None:
    await front.home.admin()
    await front.home.acts.publishing.publish(LOCAL, OPEN, base=0)
    async with await front.open() as client:
        token = await front.token("root")
        assert (await client.get("/api/v1/users", headers=bearer(token))).status_code == 200
        await front.home.acts.people.set_disabled(LOCAL, "root", True)
        assert (await client.get("/api/v1/users", headers=bearer(token))).status_code == 401


async def test_without_a_policy_nobody_gets_in(front: Front) -> None:
    await front.home.admin()
    async with await front.open() as client:
        assert (await client.get("/api/v1/users", headers=bearer(await front.token("root")))).status_code == 403


async def test_the_local_socket_knows_who_opened_it(home: House, tmp_path: Path) -> None:
    path, ready = tmp_path / "run" / "admin.sock", asyncio.Event()
    serving = asyncio.create_task(LocalServer(local_app(home.acts)).serve(path, ready.set))
    await asyncio.wait_for(ready.wait(), 5)
    client = AdminClient(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    status, made = await asyncio.to_thread(client.call, "POST", "/groups", {"name": "staff"})
    assert (status, made["name"]) == (201, "staff")
    assert (await home.log())[-1].fields["actor"] == f"admin:local:{getpass.getuser()}"
    assert (await asyncio.to_thread(client.call, "GET", "/nowhere"))[0] == 404
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert not path.exists()
    with pytest.raises(Unavailable, match="does not answer"):
        client.call("GET", "/health")
