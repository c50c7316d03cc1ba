"""Refresh tokens and secrets for backends: a fake token endpoint with verified TLS on loopback, and the real store."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from idp.upstreams.keeping import GrantKeeper
from idp.upstreams.linking import Linking
from idp.upstreams.tokens import UpstreamLogins
from kernel.chance import SeededChance
from kernel.config.backends import Backend, Ground, Login, OAuth, Provider
from kernel.problems import Refused, Unavailable
from kernel.reasons import Reason
from kernel.records.upstreams import UpstreamGrant, UpstreamLinking, grant_id
from tests.idp.authority.site import House, house
from tests.servers.certificates import Authority

ISSUER = "https://id.example.com"
LIVES = 3600


@dataclass
class FakeEndpoint:
    """A token endpoint that answers what ``answers`` holds, and else a token with the next number."""

    url: str
    ca: Path
    forms: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, object]]] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)
    rotate: bool = False

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.forms.append(form)
        self.open.wait(5)
        if self.answers:
            return self.answers.pop(0)
        number = len(self.forms)
        said: dict[str, object] = {"access_token": f"access-{number}", "expires_in": LIVES, "token_type": "Bearer"}
        if self.rotate or form["grant_type"] == "authorization_code":
            said["refresh_token"] = f"refresh-{number}"
        return 200, said


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[FakeEndpoint]:
    authority = Authority(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("localhost"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made = FakeEndpoint(f"https://localhost:{server.server_address[1]}/token", authority.path)
    made.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, said = made.answer({key: value[0] for key, value in parse_qs(body).items()})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            pass

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened


def backend(endpoint: FakeEndpoint, **more: object) -> Backend:
    oauth = OAuth(
        client_id="gate",
        provider=Provider.MICROSOFT,
        token_url=endpoint.url,
        networks=("127.0.0.0/8", "::1/128"),
        ca=endpoint.ca,
    )
    return Backend("m365", login=Login.OAUTH, oauth=replace(oauth, **more))  # type: ignore[arg-type]


@dataclass
class Desk:
    """What a test works with: one backend, the person Anna."""

    home: House
    backend: Backend

    def __post_init__(self) -> None:
        home = self.home
        self.keeper = GrantKeeper(home.store, home.vault, home.clock)
        self.logins = UpstreamLogins([self.backend], self.keeper, home.clock)
        backends = [self.backend]
        self.linking = Linking(
            home.store, home.vault, home.clock, SeededChance(), backends, self.keeper, self.logins, ISSUER
        )

    async def token(self) -> str:
        login = await self.logins.login(self.backend, self.home.anna)
        assert (login.mechanism, login.name, login.denied) == ("XOAUTH2", "anna@example.com", None)
        return login.secret

    async def grant(self) -> UpstreamGrant:
        found = await self.keeper.get(self.backend.name, self.home.anna.id)
        assert found is not None
        return found

    async def hand_over(self, token: str = "refresh-0") -> None:
        await self.linking.hand_over("admin:root", self.home.anna, self.backend.name, token)


async def test_a_refresh_token_is_sealed_used_and_asked_for_once_by_all_who_wait(
    home: House, provider: FakeEndpoint
) -> None:
    desk = Desk(home, backend(provider))
    await desk.hand_over("a-very-secret-token")
    assert "a-very-secret-token" not in repr(await desk.grant())
    assert await asyncio.gather(*(desk.token() for _ in range(50))) == ["access-1"] * 50
    (form,) = provider.forms
    assert form == {
        "grant_type": "refresh_token",
        "refresh_token": "a-very-secret-token",
        "client_id": "gate",
        "scope": "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/POP.AccessAsUser.All "
        "https://outlook.office.com/SMTP.Send offline_access",
    }
    assert b"a-very-secret-token" not in (home.folder / "gatepost.db").read_bytes()


async def test_a_token_is_renewed_ahead_of_its_end_while_the_old_one_still_serves(
    home: House, provider: FakeEndpoint
) -> None:
    desk = Desk(home, backend(provider))
    await desk.hand_over()
    assert await desk.token() == "access-1"
    home.clock.forward(LIVES - 301)
    assert await desk.token() == "access-1" and len(provider.forms) == 1
    home.clock.forward(2)
    assert await desk.token() == "access-1"
    (flight,) = desk.logins._flights.values()
    await flight
    assert await desk.token() == "access-2"
    home.clock.forward(LIVES)
    assert await desk.token() == "access-3"


async def test_a_rotated_refresh_token_is_stored_before_its_access_token_is_used(
    home: House, provider: FakeEndpoint
) -> None:
    desk = Desk(home, backend(provider))
    provider.rotate = True
    await desk.hand_over()
    await desk.token()
    assert desk.keeper.open(await desk.grant()) == "refresh-1"
    home.clock.forward(LIVES)
    again = Desk(home, backend(provider))  # as after a restart: only what is stored is known
    assert await again.token() == "access-2"
    assert [form["refresh_token"] for form in provider.forms] == ["refresh-0", "refresh-1"]


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required"])
async def test_a_revoked_grant_is_told_remembered_and_mended_by_linking_again(
    home: House, provider: FakeEndpoint, error: str
) -> None:
    desk = Desk(home, backend(provider))
    await desk.hand_over()
    provider.answers.append((400, {"error": error, "error_description": "AADSTS70000: it says refresh-0"}))
    for _ in range(3):
        login = await desk.logins.login(desk.backend, home.anna)
        assert (login.denied, login.secret) == (Reason.UPSTREAM_LINK, "")
    assert len(provider.forms) == 1
    assert (await desk.grant()).broken == error
    told = await home.events("upstream-changed")
    assert [(each["act"], each["detail"], each["user"]) for each in told] == [
        ("linked", "", "anna"),
        ("broken", error, "anna"),
    ]
    await desk.hand_over("refresh-9")
    assert await desk.token() == "access-2"


@pytest.mark.parametrize(
    ("status", "said", "words"),
    [
        (503, {"error": "temporarily_unavailable"}, "503 temporarily_unavailable"),
        (401, {"error": "invalid_client"}, "401 invalid_client"),
        (200, {"token": "x"}, "no access token"),
        (302, {"error": "<script>"}, "302 script"),
        (200, {"access_token": "x", "pad": "y" * 70_000}, "longer than 65536 bytes"),
    ],
)
async def test_an_endpoint_in_trouble_is_left_alone_for_a_while_and_breaks_no_grant(
    home: House, provider: FakeEndpoint, status: int, said: dict[str, object], words: str
) -> None:
    desk = Desk(home, backend(provider))
    await desk.hand_over()
    provider.answers.append((status, said))
    for _ in range(3):
        with pytest.raises(Unavailable, match=words):
            await desk.token()
    assert len(provider.forms) == 1 and not (await desk.grant()).broken
    home.clock.forward(5.1)
    assert await desk.token() == "access-2"


async def test_the_endpoint_is_verified_and_no_inner_address_is_asked(home: House, provider: FakeEndpoint) -> None:
    for oauth, words in (({"networks": ()}, "may not be addressed"), ({"ca": None}, "CERTIFICATE_VERIFY_FAILED")):
        desk = Desk(home, backend(provider, **oauth))
        await desk.hand_over()
        with pytest.raises(Unavailable, match=words):
            await desk.token()
    assert provider.forms == []


async def test_nobody_is_linked_by_another(home: House, provider: FakeEndpoint) -> None:
    desk = Desk(home, backend(provider))
    await desk.hand_over()
    login = await desk.logins.login(desk.backend, home.ben)
    assert (login.denied, login.secret, provider.forms) == (Reason.UPSTREAM_LINK, "", [])
    stolen = replace(await desk.grant(), id=grant_id("m365", home.ben.id), user_id=home.ben.id)
    await home.put(stolen)
    with pytest.raises(Refused):
        await desk.logins.login(desk.backend, home.ben)


async def test_app_only_at_microsoft_is_one_token_for_all_and_the_name_says_whose(
    home: House, provider: FakeEndpoint
) -> None:
    (home.folder / "client.secret").write_text("s3cret\n")
    desk = Desk(home, backend(provider, ground=Ground.APP, secret_file=home.folder / "client.secret", tenant="x"))
    assert await desk.token() == "access-1"
    bens = await desk.logins.login(desk.backend, home.ben)
    assert (bens.name, bens.secret) == ("ben@example.com", "access-1")
    assert provider.forms == [
        {
            "grant_type": "client_credentials",
            "scope": "https://outlook.office365.com/.default",
            "client_id": "gate",
            "client_secret": "s3cret",
        }
    ]


async def test_a_google_service_account_asserts_each_person(home: House, provider: FakeEndpoint) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {"client_email": "gate@project.example", "private_key": pem, "private_key_id": "k1"}
    (home.folder / "account.json").write_text(json.dumps(account))
    google = {"provider": Provider.GOOGLE, "ground": Ground.APP, "key_file": home.folder / "account.json"}
    desk = Desk(home, backend(provider, **google))
    assert await desk.token() == "access-1"
    assert (await desk.logins.login(desk.backend, home.ben)).secret == "access-2"
    claims = [jwt.decode(form["assertion"], RSAKey.import_key(pem)).claims for form in provider.forms]
    assert [each["sub"] for each in claims] == ["anna@example.com", "ben@example.com"]
    assert {each["aud"] for each in claims} == {provider.url} and claims[0]["iss"] == "gate@project.example"
    assert {form["grant_type"] for form in provider.forms} == {"urn:ietf:params:oauth:grant-type:jwt-bearer"}


async def test_consent_with_pkce_and_state_counts_once_in_the_browser_that_began(
    home: House, provider: FakeEndpoint
) -> None:
    desk = Desk(home, backend(provider))
    address = urlsplit(await desk.linking.begin(home.anna, "m365", "si_1"))
    asked = {name: value[0] for name, value in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
    )
    assert asked["redirect_uri"] == f"{ISSUER}/portal/mailboxes/callback"
    assert (asked["code_challenge_method"], asked["login_hint"]) == ("S256", "anna@example.com")
    await desk.linking.finish("user:anna", asked["state"], "the-code", "si_1")
    assert provider.forms[0]["code"] == "the-code" and len(provider.forms[0]["code_verifier"]) == 64
    assert desk.keeper.open(await desk.grant()) == "refresh-1"
    with pytest.raises(Refused, match="not begun here"):
        await desk.linking.finish("user:anna", asked["state"], "the-code", "si_1")
    assert await desk.token() == "access-2"


@pytest.mark.parametrize(("seconds", "signin"), [(0, "si_2"), (0, ""), (601, "si_1")])
async def test_another_browser_or_a_late_one_links_nothing(
    home: House, provider: FakeEndpoint, seconds: int, signin: str
) -> None:
    desk = Desk(home, backend(provider))
    address = await desk.linking.begin(home.anna, "m365", "si_1")
    home.clock.forward(seconds)
    with pytest.raises(Refused, match="not begun here"):
        await desk.linking.finish("user:x", parse_qs(urlsplit(address).query)["state"][0], "code", signin)
    assert provider.forms == [] and await desk.keeper.get("m365", home.anna.id) is None
    assert await home.store.read(lambda tx: tx.count(UpstreamLinking)) == 0


async def test_a_stored_secret_logs_in_by_plain_until_it_is_unlinked(home: House) -> None:
    desk = Desk(home, Backend("old", login=Login.STORED))
    assert (await desk.logins.login(desk.backend, home.anna)).denied is Reason.UPSTREAM_LINK
    await desk.linking.hand_over("admin:root", home.anna, "old", "abcd efgh\n", "anna.arai")
    login = await desk.logins.login(desk.backend, home.anna)
    assert (login.mechanism, login.name, login.secret) == ("PLAIN", "anna.arai", "abcd efgh")
    await desk.linking.unlink("user:anna", home.anna, "old")
    assert (await desk.logins.login(desk.backend, home.anna)).denied is Reason.UPSTREAM_LINK


@pytest.mark.parametrize("text", ["", "\n", "two\nlines", "nul\0", "x" * 20_000])
async def test_what_can_be_no_secret_is_not_stored(home: House, text: str) -> None:
    desk = Desk(home, Backend("old", login=Login.STORED))
    with pytest.raises(Refused):
        await desk.linking.hand_over("admin:root", home.anna, "old", text)
    assert await desk.keeper.get("old", home.anna.id) is None
