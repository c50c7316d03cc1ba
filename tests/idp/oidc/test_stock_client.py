"""A client library that is not ours (idpyoidc, with its own JOSE) signs somebody in over TLS, against discovery."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler
from idpyoidc.message.oidc.session import BackChannelLogoutRequest

from kernel.records.sessions import Factor
from tests.idp.oidc.certificates import certificate
from tests.idp.oidc.conftest import KEYS
from tests.idp.oidc.house import ALICE, BACK, COOKIE, OUT, House, answer_of, build

pytestmark = pytest.mark.filterwarnings("ignore")


@dataclass
class Meeting:
    """Our provider on a real socket, and the library that believes in it."""

    house: House
    issuer: str
    library: RPHandler
    trust: ssl.SSLContext

    async def browse(self, url: str, cookie: str) -> dict[str, str]:
        """Follow the library's link as Alice's browser; return what the provider sends back."""
        async with httpx.AsyncClient(verify=self.trust, cookies={COOKIE: cookie}) as browser:
            return answer_of(await browser.get(url))

    async def calls(self, work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return await asyncio.to_thread(work, *args, **named)


def library(house: House, issuer: str, ca: Path) -> RPHandler:
    config = {
        "issuer": issuer,
        "client_id": house.client.client_id,
        "client_secret": house.secret,
        "client_type": "oidc",
        "client_authn_methods": ["client_secret_basic", "client_secret_post"],
        "redirect_uris": [BACK],
        "post_logout_redirect_uris": [OUT],
        "scopes_supported": ["openid", "profile", "email", "mail"],
        "scope": ["openid", "profile", "email", "mail"],
        "add_ons": {
            "pkce": {
                "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
            }
        },
    }
    return RPHandler(
        base_url="https://app.example.test",
        client_configs={issuer: config},
        services={**DEFAULT_OIDC_SERVICES, "end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"}},
        httpc_params={"verify": str(ca)},
        key_conf={"key_defs": [{"type": "EC", "crv": "P-256", "use": ["sig"]}]},
    )


@pytest.fixture
async def meeting(house: House, tmp_path: Path) -> AsyncIterator[Meeting]:
    listening = socket.create_server(("127.0.0.1", 0))
    issuer = f"https://127.0.0.1:{listening.getsockname()[1]}"
    folder = tmp_path / "served"
    folder.mkdir()
    public, private = certificate(folder)
    served = await build(folder, KEYS, issuer, time.time())
    config = uvicorn.Config(
        served.app, ssl_certfile=str(public), ssl_keyfile=str(private), log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    yield Meeting(served, issuer, library(served, issuer, public), ssl.create_default_context(cafile=str(public)))
    server.should_exit = True
    await running
    await served.browser.aclose()
    await served.store.close()


async def test_it_signs_in_refreshes_reads_userinfo_and_believes_our_logout_token(meeting: Meeting) -> None:
    house, library = meeting.house, meeting.library
    signin, cookie = await house.signins.begin(ALICE, [Factor.PASSWORD], "192.0.2.7", "Firefox")
    url = await meeting.calls(library.begin, issuer_id=meeting.issuer)
    assert url.startswith(f"{meeting.issuer}/oauth2/authorize?") and "code_challenge_method=S256" in url
    answer = await meeting.browse(url, cookie)

    done = await meeting.calls(library.finalize, meeting.issuer, answer)
    assert "error" not in done, done
    assert done["userinfo"]["sub"] == ALICE.id and done["userinfo"]["email"] == "alice@example.test"
    assert done["id_token"]["sid"] == signin.id

    renewed = await meeting.calls(library.refresh_access_token, answer["state"])
    assert renewed["access_token"] != done["token"]
    told = await meeting.calls(library.get_user_info, answer["state"], access_token=renewed["access_token"])
    assert told["preferred_username"] == "alice"

    client = library.issuer2rp[meeting.issuer]
    token = house.keys.sign(
        {
            "iss": meeting.issuer,
            "aud": house.client.client_id,
            "iat": int(time.time()),
            "exp": int(time.time()) + 120,
            "jti": "lt_1",
            "sub": ALICE.id,
            "sid": signin.id,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        },
        alg="RS256",
        typ="logout+jwt",
    )
    notice = BackChannelLogoutRequest(logout_token=token)
    assert notice.verify(keyjar=client.get_attribute("keyjar"), iss=meeting.issuer, aud=house.client.client_id)

    out = await meeting.calls(library.logout, answer["state"])
    async with httpx.AsyncClient(verify=meeting.trust, cookies={COOKIE: cookie}) as browser:
        assert (await browser.get(out["url"])).headers["location"].startswith(OUT)
    assert await house.userinfo(renewed["access_token"]) == 401
