"""Every route of the identity side, taken from its own table, so that a new one cannot forget: forms want their token
and origin, pages forbid framing and scripts, nobody reads what is another's, no text becomes markup (B30 to B33)."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.routing import Route

from gatepost.household.identity import Identity, open_identity
from gatepost.household.pages import pages_application
from idp.admin.actor import Actor
from idp.oidc import keys as keys_module
from idp.vault import Vault
from idp.web.csrf import Csrf
from kernel.audit import Decided
from kernel.records.devices import Proof
from kernel.records.people import User
from kernel.records.sessions import Factor, LiveSession
from tests.idp.oidc.conftest import KEYS, OPENED
from tests.idp.signin.stand import ISSUER, WEBMAIL, settings_at

EVIL = "\"'><img src=x onerror=alert(1)>{{7*7}}"
POLICY = f"""
version: 1
rules:
  - name: {json.dumps(EVIL)}
    who: {{groups: [staff]}}
    service: [portal, console]
    then: allow
  - name: webmail never
    service: webmail
    then: deny
    say: {{en: {json.dumps(EVIL)}, ja: {json.dumps(EVIL)}}}
"""
PROGRAMS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/userinfo", "/api/", "/access/")
"""What programs ask, by a client's secret or a bearer token: no cookie lets anybody in there."""

FOR_DEVICES = ("/ca/", "/device/", "/.well-known/est/")
"""What devices ask, by a code, a signature or a certificate, and what everybody may know: no cookie is read there."""

FOR_ANYBODY = ("/oauth2/authorize", "/oauth2/logout")
"""Where another site may send a form: the one goes round as a GET, the other asks on a page of ours first."""


class Markup(HTMLParser):
    """What a browser would make of a page: its links, and whatever could run a script that is not a file of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.dangers: list[str] = []
        self.links: list[str] = []

    @classmethod
    def of(cls, text: str) -> "Markup":
        read = cls()
        read.feed(text)
        return read

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.links += [given[name] or "/" for name in ("href", "action", "formaction", "src") if name in given]
        if tag in ("style", "iframe", "object", "embed", "base") or (tag == "script" and not given.get("src")):
            self.dangers.append(tag)
        self.dangers += [name for name in given if name.startswith("on") or name == "style"]
        self.dangers += [link for link in self.links if link.strip().lower().startswith(("javascript:", "data:"))]


@dataclass
class Browser:
    """One person's browser at the pages, signed in with both factors on a registered browser."""

    client: httpx.AsyncClient
    user: User
    csrf: str
    device: str
    signin: str

    async def post(self, path: str, origin: str = ISSUER, **form: str) -> httpx.Response:
        return await self.client.post(path, data=form, headers={"Origin": origin})


@dataclass
class Place:
    identity: Identity
    routes: list[Route]
    app: object

    async def browser(self, name: str, *groups: str) -> Browser:
        found = self.identity
        user = await found.accounts.create_user("system", name, f"{name}@example.test", EVIL, "en", groups)
        device = await found.devices.register_device("admin:root", user.id, EVIL[:40], "linux")
        now = found.clock.now()
        shown = {Factor.PASSWORD: now, Factor.TOTP: now}
        signin, cookie = await found.signins.begin(user, shown, "192.0.2.7", f"Mozilla/5.0 {EVIL}")
        await found.signins.bind_device(signin.id, device.id, Proof.BROWSER_KEY)
        await found.accounts.set_password("system", user.id, "harbour lantern quiet seven")
        jar = {"__Host-gatepost": cookie, "__Host-gatepost-csrf": "c" * 43}
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url=ISSUER,
            cookies=jar,
            headers={"X-Gatepost-Peer": "192.0.2.7"},
        )
        token = Csrf(found.vault.derive("csrf"), ISSUER).token("c" * 43)
        return Browser(client, user, token, device.id, signin.id)

    async def refused(self, user: User, reference: str) -> None:
        """Put a refusal of somebody's on record."""
        found = self.identity
        event = Decided(
            at=found.clock.now(),
            user=user.name,
            user_id=user.id,
            reference=reference,
            session="s_x",
            service="webmail",
            outcome="deny",
            rule=EVIL,
            revision=1,
            reason="policy",
            client=EVIL,
            words={"en": EVIL, "ja": EVIL},
            facts={"proof": "none"},
        )
        await found.store.write(lambda tx: tx.log(event))


@pytest_asyncio.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    monkeypatch.setattr(keys_module, "_private_key", OPENED)
    settings = settings_at(tmp_path, ISSUER)
    Vault.create(settings.vault_key)
    identity = open_identity(settings)
    await identity.store.write(lambda tx: [tx.put(key) for key in KEYS])
    await identity.load()
    await identity.acts.publishing.publish(Actor.on_this_machine("root"), POLICY, base=0, comment=EVIL, force=True)
    await identity.judge.load()
    app = pages_application(identity)
    yield Place(identity, [each for each in app.routes if isinstance(each, Route)], app)
    await identity.close()


def paths(place: Place, method: str, browser: Browser, reference: str = "ABCDEFGH") -> list[str]:
    """Return every address that the table has for a method, its names filled with what is the browser's own."""
    own = {
        "device_id": browser.device,
        "signin_id": browser.signin,
        "reference": reference,
        "name": browser.user.name,
        "number": "1",
        "session_id": "s_live",
    }
    found = [route.path for route in place.routes if method in (route.methods or ())]
    return [re.sub(r"{(\w+)(?::\w+)?}", lambda match: own.get(match[1], "x" * 20), path) for path in found]


def is_form(path: str) -> bool:
    return not path.startswith((*PROGRAMS, *FOR_DEVICES, *FOR_ANYBODY))


async def test_no_form_is_taken_without_its_token_or_from_another_origin(place: Place) -> None:
    admin = await place.browser("root", "staff")
    forms = [path for path in paths(place, "POST", admin) if is_form(path)]
    assert len(forms) > 25
    for path in forms:
        answers = {
            "no token": await admin.post(path, name="x"),
            "a token of another browser": await admin.post(path, csrf="0" * 64),
            "another site": await admin.post(path, "https://evil.example", csrf=admin.csrf),
            "no origin to speak of": await admin.post(path, "null", csrf=admin.csrf),
            "a sibling": await admin.post(path, ISSUER.replace("id.", "mail."), csrf=admin.csrf),
            "not a form": await admin.client.post(path, json={"csrf": admin.csrf}, headers={"Origin": ISSUER}),
        }
        assert {name: answer.status_code for name, answer in answers.items()} == {
            **dict.fromkeys(answers, 403),
            "not a form": 415,
        }, path


async def test_a_form_that_another_site_may_send_changes_nothing(place: Place) -> None:
    admin = await place.browser("root", "staff")
    for path in FOR_ANYBODY:
        answer = await admin.post(path, "https://evil.example", client_id="x")
        assert answer.status_code in (200, 303, 400), path
    assert (await admin.client.get("/portal")).status_code == 200


async def test_a_cookie_lets_nobody_in_where_programs_ask(place: Place) -> None:
    admin = await place.browser("root", "staff")
    asked = [(method, path) for method in ("GET", "POST", "PUT", "DELETE") for path in paths(place, method, admin)]
    programs = [(method, path) for method, path in asked if path.startswith(PROGRAMS)]
    assert len(programs) > 20
    for method, path in programs:
        answer = await admin.client.request(method, path, headers={"Origin": ISSUER})
        assert answer.status_code in (400, 401), (method, path)


async def test_every_page_forbids_framing_and_foreign_scripts(place: Place) -> None:
    admin = await place.browser("root", "staff")
    for path in paths(place, "GET", admin):
        page = await admin.client.get(path)
        assert page.status_code < 500, path
        if "text/html" in page.headers.get("content-type", ""):
            policy = page.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy and "script-src 'self'" in policy, path
            assert "unsafe" not in policy and page.headers["x-frame-options"] == "DENY", path
            assert page.headers["cache-control"] == "no-store", path
            assert Markup.of(page.text).dangers == [], path


async def test_no_text_of_anybody_becomes_markup(place: Place) -> None:
    """Attack B31: names of people, devices, programs, rules, and what strangers typed."""
    admin = await place.browser("root", "staff")
    await place.refused(admin.user, "ABCDEFGH")
    live = LiveSession("s_live", EVIL, admin.user.id, admin.device, EVIL, EVIL, EVIL, EVIL, "n1", 0.0, EVIL, 1)
    await place.identity.answers.sessions("n1", [live], [], True)
    await place.identity.accounts.make_app_password("admin:root", admin.user.id, admin.device, ["imap"], EVIL[:60])
    await place.identity.accounts.check_password(EVIL, "wrong", EVIL)
    seen = 0
    for path in [*paths(place, "GET", admin), f"/console/audit?text={EVIL}", f"/signin?to=/portal&hint={EVIL}"]:
        page = await admin.client.get(path)
        if "text/html" in page.headers.get("content-type", ""):
            seen += page.text.count("&lt;img src=x onerror=alert(1)&gt;{{7*7}}")
            assert "<img src=x" not in page.text and "49}}" not in page.text, path
    assert seen > 10


async def test_what_is_one_person_s_is_nobody_else_s(place: Place) -> None:
    """References, devices, sign-ins, live sessions and app passwords of another are not there."""
    mine, theirs = await place.browser("aiko", "staff"), await place.browser("ken", "staff")
    await place.refused(theirs.user, "ABCDEFGH")
    live = LiveSession("s_live", "ken", theirs.user.id, theirs.device, "d", "imap", "a", "c", "n1", 0.0)
    await place.identity.answers.sessions("n1", [live], [], True)
    made, _ = await place.identity.accounts.make_app_password("system", theirs.user.id, theirs.device, ["imap"], "x")

    assert (await theirs.client.get("/r/ABCDEFGH")).status_code == 200
    assert (await mine.client.get("/r/ABCDEFGH")).status_code == 404
    assert (await mine.client.get(f"/portal/devices/{theirs.device}")).status_code == 404
    for path in (
        f"/portal/devices/{theirs.device}/lost",
        f"/portal/devices/{theirs.device}/remove",
        f"/portal/devices/{theirs.device}/rename",
        f"/portal/devices/{theirs.device}/certificate",
        f"/portal/sessions/signins/{theirs.signin}/end",
        f"/portal/app-passwords/{made.id}/revoke",
    ):
        assert (await mine.post(path, csrf=mine.csrf, name="stolen")).status_code == 404, path
    await mine.post("/portal/sessions/s_live/end", csrf=mine.csrf)
    refused = await mine.post("/portal/app-passwords", csrf=mine.csrf, device=theirs.device, service="imap", name="x")
    assert refused.status_code == 422
    kinds = {entry.kind for entry in await place.identity.store.read(lambda tx: tx.audit_search(limit=100))}
    assert "session-ordered" not in kinds
    assert (await theirs.client.get(f"/portal/devices/{theirs.device}")).status_code == 200


async def test_a_cookie_planted_beside_ours_counts_for_nothing(place: Place) -> None:
    """Attack B29: of two sign-in cookies none is believed; all are of this host alone, and secure."""
    mine, theirs = await place.browser("aiko", "staff"), await place.browser("ken", "staff")
    both = "; ".join(f"__Host-gatepost={each.client.cookies['__Host-gatepost']}" for each in (mine, theirs))
    bare = httpx.AsyncClient(transport=httpx.ASGITransport(place.app), base_url=ISSUER)

    assert (await bare.get("/portal", headers={"Cookie": both})).status_code == 303
    page = await bare.get("/signin")
    for cookie in page.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-") and "Domain" not in cookie, cookie
        assert "Secure" in cookie and "HttpOnly" in cookie and "Path=/" in cookie and "SameSite" in cookie, cookie


ELSEWHERE = (
    *("https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example"),
    *("https:evil.example", "javascript:alert(1)", "data:text/html,x", "https://id.example.test@evil.example/"),
    *("https://id.example.test.evil.example/", "http://id.example.test/", "/\t/evil.example", " //evil.example"),
    *("https://evil.example#id.example.test", "https://id.example.test\\@evil.example", "%2f%2fevil.example"),
    *("https://id.example.test:444/", "https://ID.example.test%2eevil.example/", "//id.example.test@evil.example"),
)


async def test_nobody_is_sent_anywhere_but_to_our_own_hosts(place: Place) -> None:
    """Attack B32, wherever a browser is sent on."""
    mine = await place.browser("aiko", "staff")
    for elsewhere in ELSEWHERE:
        answers = [
            await mine.client.get("/signin", params={"to": elsewhere}),
            await mine.client.get("/signin/device", params={"to": elsewhere}),
            await mine.client.get("/prove", params={"route": "webmail", "to": elsewhere}),
            await mine.client.get("/enter", params={"route": "webmail", "state": "s", "to": elsewhere}),
            await mine.post("/language", csrf=mine.csrf, language="ja", back=elsewhere),
            await mine.client.get("/oauth2/logout", params={"post_logout_redirect_uri": elsewhere}),
            await mine.client.get("/oauth2/authorize", params={"client_id": "x", "redirect_uri": elsewhere}),
        ]
        for answer in answers:
            for link in (answer.headers.get("location", "/"), *Markup.of(answer.text).links):
                going = httpx.URL(ISSUER).join(link)
                assert f"{going.scheme}://{going.netloc.decode()}" in (ISSUER, f"https://{WEBMAIL.host}"), answer.url
