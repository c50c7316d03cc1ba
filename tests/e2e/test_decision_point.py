"""Proxies of others' ask a running demo: nginx by auth_request, Caddy by forward_auth, each real, with the files that
we ship; and a program asks AuthZEN with curl. They let in and refuse by the device."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.e2e.demo import Demo
from tests.hostile.person import Visitor
from tests.servers.edges import CADDY, NGINX, Application, Caddy, Edge, Nginx

pytestmark = pytest.mark.e2e

EDGES = {
    "nginx": pytest.param("nginx", marks=pytest.mark.skipif(NGINX is None, reason="nginx is not installed")),
    "caddy": pytest.param("caddy", marks=pytest.mark.skipif(CADDY is None, reason="caddy is not installed")),
}
KINDS: dict[str, tuple[type[Nginx] | type[Caddy], str]] = {"nginx": (Nginx, "wiki"), "caddy": (Caddy, "tickets")}
WORDS = "This browser is not registered yet"


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    running = Application()
    yield running
    running.stop()


@pytest.fixture(scope="module", params=EDGES.values(), ids=EDGES)
def edge(
    request: pytest.FixtureRequest, demo: Demo, application: Application, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    kind, route = KINDS[request.param]
    asked = demo.facts["decisions"]
    running = kind(
        tmp_path_factory.mktemp(request.param),
        int(asked["routes"][route].rpartition(":")[2]),
        application.port,
        asked["port"],
        demo.path(asked["secret_file"]).read_text(encoding="utf-8"),
        demo.path("tls.pem"),
        demo.path("tls.key"),
    )
    yield running.start()
    running.stop()


def devices(demo: Demo, owner: str, name: str) -> list[str]:
    return [each["id"] for each in demo.orders("device", "list", name, "--owner", owner)["items"]]


def signed_in(demo: Demo, name: str, register: str) -> Visitor:
    """Return somebody who has signed in, and registered this browser when it is given a name."""
    visitor = Visitor(demo, demo.person(name))
    visitor.sign_in()
    if register:
        visitor.register(register)
    return visitor


def test_a_registered_browser_is_let_through_with_a_signed_identity_until_its_device_is_lost(
    demo: Demo, edge: Edge, application: Application, request: pytest.FixtureRequest
) -> None:
    name = f"alices-{type(edge).__name__}"
    alice = signed_in(demo, "alice", name)
    page = alice.open(f"{edge.address}/start?section=2")
    assert (page.status_code, page.url) == (200, f"{edge.address}/start?section=2")
    assert "hello from the application" in page.text

    path, fields = application.requests[-1]
    assert path == "/start?section=2"
    assert "gatepost" not in fields.get("cookie", "")
    keys = KeySet.import_key_set(alice.client.get(f"{edge.address}/.gatepost/keys").json())
    told = jwt.decode(fields["x-gatepost-identity"], keys, algorithms=["ES256"]).claims
    assert (told["email"], told["device"]["name"]) == (alice.person.email, name)

    forged = {"X-Gatepost-Identity": "forged", "X-Forwarded-Uri": "/other", "X-Forwarded-For": "203.0.113.9"}
    forged |= {"X-Forwarded-Host": "evil.example", "X-Gatepost-Enforcer": "guess", "Cookie": "theme=dark"}
    own = "; ".join(f"{cookie.name}={cookie.value}" for cookie in alice.client.cookies.jar)
    again = alice.client.get(f"{edge.address}/again", headers={**forged, "Cookie": f"theme=dark; {own}"})
    assert again.status_code == 200
    path, fields = application.requests[-1]
    assert fields["x-gatepost-identity"].count(".") == 2
    assert fields["cookie"].startswith("theme=dark") and "__Host-gatepost" not in fields["cookie"]
    recorded = demo.orders("audit", "search", "--user", "alice", "--kind", "decided")["items"]
    assert {each["address"] for each in recorded} == {"127.0.0.1"}

    spent = alice.client.get(f"{edge.address}/.gatepost/return", params={"ticket": alice.said["ticket"], "state": "x"})
    assert spent.status_code == 403 and "set-cookie" not in spent.headers

    demo.orders("device", "lose", *devices(demo, "alice", name), "--note", "left in a train")
    seen = len(application.requests)
    after = alice.open(f"{edge.address}/start")
    assert after.url.port != edge.port and "hello from the application" not in after.text
    assert len(application.requests) == seen


def test_a_browser_that_is_not_registered_is_told_why_and_reaches_nothing(
    demo: Demo, edge: Edge, application: Application
) -> None:
    seen = len(application.requests)
    bob = signed_in(demo, "bob", "")
    refused = bob.open(f"{edge.address}/start")
    assert refused.status_code == 403 and WORDS in refused.text
    assert len(application.requests) == seen


def test_a_stranger_is_led_to_sign_in_and_a_program_is_told(demo: Demo, edge: Edge, application: Application) -> None:
    seen = len(application.requests)
    with httpx.Client(verify=demo.trust(), timeout=20.0) as stranger:
        browser = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        led = stranger.get(f"{edge.address}/start?a=b", headers=browser)
        place = urlsplit(led.headers["location"])
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        assert led.status_code == 303 and f"{place.scheme}://{place.netloc}" == demo.issuer
        assert (asked["route"], asked["to"]) == (
            KINDS["nginx" if isinstance(edge, Nginx) else "caddy"][1],
            "/start?a=b",
        )
        told = stranger.get(f"{edge.address}/start", headers={"Accept": "application/json"})
        assert (told.status_code, told.json()["error"]) == (401, "signin-needed")
        style = stranger.get(f"{edge.address}/.gatepost/healthz")
        assert style.status_code == 200
        for path in ("/.gatepost/nothing", "/_gatepost/ask", "/forward-auth", "/auth-request", "/mail-auth"):
            answer = stranger.get(f"{edge.address}{path}", headers=browser, follow_redirects=False)
            assert answer.status_code in (303, 404), path
        smuggled = stranger.get(f"{edge.address}/start", headers={**browser, "X-Forwarded-Uri": "/.gatepost/keys"})
        assert smuggled.status_code == 303
    assert len(application.requests) == seen


def test_signing_out_on_the_applications_host_ends_it_there(demo: Demo, edge: Edge) -> None:
    ines = signed_in(demo, "ines", f"ines-{type(edge).__name__}")
    assert ines.open(f"{edge.address}/").status_code == 200
    out = ines.client.get(f"{edge.address}/.gatepost/signout")
    assert out.status_code == 303 and out.headers["location"].startswith(f"{demo.issuer}/oauth2/logout")


# -- AuthZEN, with curl ---------------------------------------------------------------------------------------------


def curl(demo: Demo, *words: str) -> Any:
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail-with-body", "--cacert", str(demo.ca), "--max-time", "20", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_program_asks_with_curl(demo: Demo, tmp_path: Path) -> None:
    zen, alice = demo.facts["authzen"], demo.person("alice")
    metadata = curl(demo, zen["metadata"])
    assert metadata["policy_decision_point"] == demo.issuer
    granted = curl(
        demo,
        *("--user", f"{zen['client_id']}:{zen['client_secret']}", "--data", "grant_type=client_credentials"),
        f"{demo.issuer}/oauth2/token",
    )
    asked = {
        "subject": {"type": "user", "id": alice.email},
        "action": {"name": "use"},
        "resource": {"type": "service", "id": "imap"},
        "context": {"device_id": alice.laptop["id"], "proof": "certificate", "ip_address": "192.0.2.7"},
    }

    def ask(endpoint: str, body: dict[str, Any]) -> Any:
        headers = (f"Authorization: Bearer {granted['access_token']}", "Content-Type: application/json")
        fields = [word for header in headers for word in ("--header", header)]
        return curl(demo, *fields, "--data", json.dumps(body), metadata[endpoint])

    assert ask("access_evaluation_endpoint", asked)["decision"] is True
    unknown = {**asked, "context": {}}
    refused = ask("access_evaluation_endpoint", unknown)
    assert refused["decision"] is False
    assert refused["context"]["reason_user"]["en"].startswith("Mail programs need a registered device.")
    both = ask("access_evaluations_endpoint", {**asked, "evaluations": [{}, {"context": {}}]})
    assert [each["decision"] for each in both["evaluations"]] == [True, False]
    who = {**asked, "subject": {"type": "user"}, "context": {}, "page": {"limit": 2}}
    found = ask("search_subject_endpoint", who)
    assert len(found["results"]) == 2 and found["page"]["next_token"]
    shown = [each["actor"] for each in demo.orders("audit", "search", "--kind", "consulted")["items"]]
    assert shown and set(shown) == {"client:asker"}
    reference = refused["context"]["reference"]
    [recorded] = demo.orders("audit", "search", "--reference", reference)["items"]
    assert (recorded["actor"], recorded["user"], recorded["service"]) == ("client:asker", "alice", "imap")
