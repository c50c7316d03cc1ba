"""A stock OpenID Connect library (idpyoidc) at the demo's provider: sign-in, refresh, logout; what a thief gets."""

import concurrent.futures
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from idpyoidc.client.defaults import DEFAULT_OIDC_SERVICES
from idpyoidc.client.rp_handler import RPHandler
from idpyoidc.message.oidc.session import BackChannelLogoutRequest
from playwright.sync_api import Browser

from tests.e2e.browser import Visit, visit
from tests.e2e.demo import Demo
from tests.e2e.mail import oauthbearer, open_imap
from tests.e2e.tokens import Tokens

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore")]

SCOPES = ("openid", "profile", "email")
BACK = "http://localhost:9876/library"
OUT = "http://localhost:9876/left"
PATIENCE = 15.0


class Receiver(HTTPServer):
    """A relying party's back-channel endpoint, for the one logout notice that is expected."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.body = ""
        self.arrived = threading.Event()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/backchannel"


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        self.server.body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(200)
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def alice(demo: Demo, chromium: Browser) -> Iterator[Visit]:
    """Alice's registered browser, signed in: the client's links need no more questions."""
    with visit(chromium, demo, "alice") as visiting:
        visiting.sign_in(register="Alice's second browser")
        yield visiting


def library(demo: Demo, client: dict[str, Any]) -> RPHandler:
    """Return the library, told no more than a client's own facts and the issuer."""
    config = {
        "issuer": demo.issuer,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "client_type": "oidc",
        "client_authn_methods": ["client_secret_basic", "client_secret_post"],
        "redirect_uris": [BACK],
        "post_logout_redirect_uris": [OUT],
        "scopes_supported": list(SCOPES),
        "scope": list(SCOPES),
        "add_ons": {
            "pkce": {
                "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
            }
        },
    }
    return RPHandler(
        base_url="http://localhost:9876",
        client_configs={demo.issuer: config},
        services={**DEFAULT_OIDC_SERVICES, "end_session": {"class": "idpyoidc.client.oidc.end_session.EndSession"}},
        httpc_params={"verify": str(demo.ca)},
        key_conf={"key_defs": [{"type": "EC", "crv": "P-256", "use": ["sig"]}]},
    )


def test_the_library_signs_in_refreshes_and_is_told_of_the_logout(demo: Demo, chromium: Browser) -> None:
    with receiving() as receiver, visit(chromium, demo, "ines") as ines:
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        client = demo.orders(
            "client", "add", "Library", "--redirect", BACK, *scopes, "--logout", OUT,
            "--backchannel-logout", receiver.uri,
        )  # fmt: skip
        party = library(demo, client)
        ines.sign_in(register="Ines's library browser")

        answer = ines.answer_to(BACK, party.begin(issuer_id=demo.issuer))
        assert answer["iss"] == demo.issuer
        done = party.finalize(demo.issuer, answer)
        assert "error" not in done, done
        assert done["userinfo"]["email"] == ines.person.email
        renewed = party.refresh_access_token(answer["state"])
        assert renewed["access_token"] != done["token"]
        told = party.get_user_info(answer["state"], access_token=renewed["access_token"])
        assert told["preferred_username"] == "ines"

        back = ines.answer_to(OUT, party.logout(answer["state"])["url"])
        assert "error" not in back
        assert receiver.arrived.wait(PATIENCE)
        notice = BackChannelLogoutRequest(logout_token=parse_qs(receiver.body)["logout_token"][0])
        keys = party.issuer2rp[demo.issuer].get_attribute("keyjar")
        assert notice.verify(keyjar=keys, iss=demo.issuer, aud=client["client_id"])
        assert notice["__verified_logout_token"]["sid"] == done["id_token"]["sid"]
        assert not Tokens(demo).active(renewed["access_token"])


def code(alice: Visit, tokens: Tokens, scope: str = "openid offline_access") -> str:
    return alice.answer_to(tokens.redirect_uri, tokens.authorization_url(scope))["code"]


def test_a_refresh_token_used_again_kills_its_whole_family(demo: Demo, alice: Visit) -> None:
    tokens = Tokens(demo)
    _, first = tokens.redeem(code(alice, tokens))
    status, second = tokens.refresh(first["refresh_token"])
    assert status == 200 and second["refresh_token"] != first["refresh_token"]
    assert tokens.active(second["access_token"])

    status, answer = tokens.refresh(first["refresh_token"])
    assert (status, answer["error"]) == (400, "invalid_grant")
    status, answer = tokens.refresh(second["refresh_token"])
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert not tokens.active(second["access_token"])


def test_a_code_used_twice_is_refused_and_its_tokens_die(demo: Demo, alice: Visit) -> None:
    tokens = Tokens(demo)
    stolen = code(alice, tokens)
    status, made = tokens.redeem(stolen)
    assert status == 200 and tokens.active(made["access_token"])
    status, answer = tokens.redeem(stolen)
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert not tokens.active(made["access_token"])
    assert tokens.refresh(made["refresh_token"])[0] == 400


def test_a_code_is_good_for_its_own_verifier_alone(demo: Demo, alice: Visit) -> None:
    tokens = Tokens(demo)
    stolen = code(alice, tokens)
    status, answer = replace(tokens, verifier="a" * 64).redeem(stolen)
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_eight_redemptions_at_once_give_exactly_one_success(demo: Demo, alice: Visit) -> None:
    tokens = Tokens(demo)
    wanted = code(alice, tokens)
    together = threading.Barrier(8)

    def redeem(_: int) -> int:
        together.wait(PATIENCE)
        return tokens.redeem(wanted)[0]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(redeem, range(8)))
    assert statuses == [200] + [400] * 7


def test_a_script_without_a_device_gets_tokens_that_open_no_mail(demo: Demo, chromium: Browser) -> None:
    tokens = Tokens(demo)
    with visit(chromium, demo, "bob", scripts=False) as bob:
        bob.sign_in(register=None)
        answer = bob.answer_to(tokens.redirect_uri, tokens.authorization_url("openid mail"))
        status, made = tokens.redeem(answer["code"])
        assert status == 200
    session = open_imap(demo)
    with pytest.raises(session.error, match="AUTHORIZATIONFAILED"):
        session.authenticate(
            "OAUTHBEARER", lambda said: b"\x01" if said else oauthbearer(bob.person, made["access_token"], 993)
        )
    session.shutdown()
