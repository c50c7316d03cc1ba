"""Two Gateposts: what one knows ends sessions at the other. The one transmits (SSF), the other listens."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatepost.demo.plan import WISHES, Plan, plan
from gatepost.demo.run import prepare
from tests.e2e.demo import Demo, gone
from tests.e2e.mail import open_imap

pytestmark = pytest.mark.e2e
SECRET = "what-the-receiver-is-shown-by-its-transmitter"
PATIENCE = 20.0


@dataclass
class Pair:
    """A transmitter, a receiver that hears it, and the receiver's program at the transmitter."""

    above: Demo
    below: Demo
    http: httpx.Client
    stream: str = ""

    def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        sent = {"params": body} if method in ("GET", "DELETE") else {"json": body}
        answer = self.http.request(method, f"{self.above.issuer}{path}", **sent)
        assert answer.status_code < 300, answer.text
        return answer

    def heard(self, event: str) -> dict[str, Any]:
        """Wait until the receiver's audit tells of an event; return its entry."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            entries = self.below.orders("audit", "search", "--kind", "signal-heard")["items"]
            found = [each for each in entries if each["event"] == event]
            if found:
                return dict(found[0])
        raise AssertionError(f"{event} was never heard")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    upper, lower = planned(tmp_path_factory.mktemp("above"), tmp_path_factory.mktemp("below"))
    (upper.directory / "receivers.pem").write_bytes(lower.ca.read_bytes())
    text = upper.config.read_text(encoding="utf-8")
    upper.config.write_text(text.replace("[idp]\n", '[idp]\nlogout_ca = "receivers.pem"\n', 1), encoding="utf-8")
    hear(lower, upper)
    with contextlib.ExitStack() as stack:
        above, below = (stack.enter_context(running(made.directory)) for made in (upper, lower))
        client = above.orders("client", "add", "Below", "--id", "below", "--machine", "--scope", "ssf")
        http = stack.enter_context(httpx.Client(verify=above.trust(), timeout=PATIENCE, trust_env=False))
        form = {"grant_type": "client_credentials", "scope": "ssf"}
        answer = http.post(f"{above.issuer}/oauth2/token", data=form, auth=("below", client["client_secret"]))
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield opened(Pair(above, below, http))


def planned(*directories: Path) -> list[Plan]:
    """Prepare demos that share no port, neither with each other nor with one that a developer runs."""
    with contextlib.ExitStack() as held:
        made = [plan_at(directory, held) for directory in directories]
    for each in made:
        asyncio.run(prepare(each))
    return made


def plan_at(directory: Path, held: contextlib.ExitStack) -> Plan:
    """Return the plan of a demo at ports that nobody wishes for, each held until all plans are made."""
    ports = {}
    for name in WISHES:
        taken = held.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))
        ports[name] = taken.getsockname()[1]
    (directory / "plan.json").write_text(json.dumps({"lab": False, "ports": ports}), encoding="utf-8")
    return plan(directory, lab=False)


def hear(below: Plan, above: Plan) -> None:
    """Let one demo hear another: its keys over HTTPS, its authority in a file."""
    secret = below.directory / "above.secret"
    secret.touch(0o600)
    secret.write_text(SECRET, encoding="utf-8")
    text = (
        f'\n[[signal_source]]\nname = "above"\nissuer = "{above.issuer}"\naudience = "below"\n'
        f'secret_file = "above.secret"\njwks_uri = "{above.issuer}/oauth2/jwks"\nca = "{above.ca}"\n'
        'networks = ["127.0.0.0/8", "::1/128"]\n'
    )
    below.config.write_text(below.config.read_text(encoding="utf-8") + text, encoding="utf-8")


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Demo]:
    """Run a demo that was prepared, and see it end without leaving anybody."""
    demo = Demo(directory)
    demo.start()
    family = demo.processes()
    try:
        yield demo
    finally:
        family |= demo.processes()
        demo.stop()
        assert all(gone(pid, 1.0) for pid in family)


def opened(pair: Pair) -> Pair:
    """Open the stream: pushed to the receiver, about Alice and all that is hers."""
    delivery = {
        "method": "urn:ietf:rfc:8935",
        "endpoint_url": f"{pair.below.issuer}/signals/push/above",
        "authorization_header": f"Bearer {SECRET}",
    }
    pair.stream = pair.call("POST", "/ssf/streams", delivery=delivery).json()["stream_id"]
    subject = {"format": "email", "email": pair.above.person("alice").email}
    pair.call("POST", "/ssf/subjects/add", stream_id=pair.stream, subject=subject)
    return pair


def test_the_stream_is_described_verified_and_has_a_status(pair: Pair) -> None:
    metadata = pair.http.get(f"{pair.above.issuer}/.well-known/ssf-configuration").json()
    assert metadata["configuration_endpoint"] == f"{pair.above.issuer}/ssf/streams"
    assert pair.call("GET", "/ssf/status", stream_id=pair.stream).json()["status"] == "enabled"
    pair.call("POST", "/ssf/verify", stream_id=pair.stream, state="are-you-there")
    assert pair.heard("verification")["detail"].startswith("are-you-there")


def test_a_device_lost_at_the_one_ends_its_session_at_the_other_within_a_second(pair: Pair) -> None:
    alice, theirs = pair.below.person("alice"), pair.above.person("alice").laptop
    pair.below.orders("device", "known-as", alice.laptop["id"], "above", theirs["id"])
    session = open_imap(pair.below, pair.below.trust())
    session.login(alice.email, alice.app_password("imap"))
    session.select("INBOX", readonly=True)
    session.send(b"x IDLE\r\n")
    assert session.readline().startswith(b"+")
    lost = pair.above.orders("device", "lose", theirs["id"])
    assert lost["trust"] == "lost"
    began = time.monotonic()
    while (line := session.readline()).startswith(b"* OK"):
        pass
    assert line.startswith(b"* BYE"), line
    assert time.monotonic() - began < 1.0
    assert pair.heard("session-revoked")["device_id"] == alice.laptop["id"]
    assert pair.heard("device-compliance-change")["detail"].startswith("compliant=False")
    shown = pair.below.orders("device", "show", alice.laptop["id"])["signals"]["compliant"]
    assert (shown["value"], shown["by"]) == (False, "above")
