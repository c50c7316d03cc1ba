"""Our own events: streams as a receiver manages them, what is told to whom, and that nothing is lost on the way."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp import ending
from idp.signals.sets import verifies
from idp.signals.streams import POLL, PUSH
from idp.signals.telling import Teller
from idp.signals.trusted_keys import public_keys
from kernel.audit import FactorChanged
from kernel.config.signals import Algorithm
from kernel.reasons import Reason
from kernel.records.devices import Trust
from kernel.records.oidc import SigningKey
from kernel.records.signals import SignalNotice, StreamStatus
from tests.idp.signals.house import ANNA, BEN, ORIGIN, Site, email, hearing, opaque
from tests.idp.signals.stream_house import Tower, tower

MADE: list[SigningKey] = []
"""Making keys takes long: one set for all."""


@pytest.fixture
async def at(site: Site) -> AsyncIterator[Tower]:
    made = await tower(site, MADE)
    if not MADE:
        MADE.extend(await site.store.read(lambda tx: tx.find(SigningKey)))
    yield made
    await made.http.aclose()


async def test_a_receiver_manages_its_stream(at: Tower) -> None:
    metadata = (await at.http.get("/.well-known/ssf-configuration")).json()
    assert (metadata["spec_version"], metadata["issuer"], metadata["default_subjects"]) == ("1_0", ORIGIN, "NONE")
    assert metadata["delivery_methods_supported"] == [PUSH, POLL]
    stream = await at.stream(push=False)
    shown = (await at.call("GET", "/ssf/streams", stream_id=stream)).json()
    assert shown["delivery"] == {"method": POLL, "endpoint_url": f"{ORIGIN}/ssf/poll/{stream}"}
    assert (shown["iss"], shown["aud"]) == (ORIGIN, "rx")
    wish = {"method": PUSH, "endpoint_url": "https://rx.example/x", "authorization_header": "Bearer hush"}
    changed = await at.call("PATCH", "/ssf/streams", stream_id=stream, delivery=wish, description="ours")
    assert changed.json()["delivery"] == {"method": PUSH, "endpoint_url": "https://rx.example/x"}
    assert "hush" not in changed.text
    reset = (await at.call("PUT", "/ssf/streams", stream_id=stream)).json()
    assert (reset["delivery"]["method"], reset["description"]) == (POLL, "")
    paused = await at.call("POST", "/ssf/status", stream_id=stream, status="paused", reason="night")
    assert paused.json() == {"stream_id": stream, "status": "paused", "reason": "night"}
    assert (await at.call("GET", "/ssf/status", stream_id=stream)).json()["status"] == "paused"
    assert (await at.call("DELETE", "/ssf/streams", stream_id=stream)).status_code == 204
    assert (await at.call("GET", "/ssf/streams")).json() == []


async def test_nobody_touches_anothers_stream_or_comes_without_the_scope(at: Tower) -> None:
    stream = await at.stream(email())
    for method, path, body in (
        ("GET", "/ssf/streams", {}),
        ("PATCH", "/ssf/streams", {"description": "mine"}),
        ("DELETE", "/ssf/streams", {}),
        ("POST", "/ssf/status", {"status": "disabled"}),
        ("POST", "/ssf/subjects/add", {"subject": email()}),
        ("POST", "/ssf/subjects/remove", {"subject": email()}),
        ("POST", "/ssf/verify", {}),
    ):
        assert (await at.call(method, path, who="other", stream_id=stream, **body)).status_code == 404
        assert (await at.call(method, path, who="asker", stream_id=stream, **body)).status_code == 401
        assert (await at.http.request(method, path)).status_code == 401
    assert (await at.call("POST", f"/ssf/poll/{stream}", who="other")).status_code == 404
    for address in ("http://rx.example/x", "file:///etc/passwd", "https://"):
        wish = {"method": PUSH, "endpoint_url": address}
        assert (await at.call("POST", "/ssf/streams", delivery=wish)).status_code == 400
    assert (await at.call("POST", "/ssf/status", stream_id=stream, status="loud")).status_code == 400
    nobody = {"format": "email", "email": "nobody@example.com"}
    assert (await at.call("POST", "/ssf/subjects/add", stream_id=stream, subject=nobody)).status_code == 404


async def test_a_lost_device_is_told_to_whoever_asked_for_it_or_its_owner(at: Tower) -> None:
    device, other = await at.site.device(), await at.site.device("Ben's", BEN)
    await at.stream(opaque(device.id))
    await at.site.devices.set_trust("admin:ines", device.id, Trust.LOST)
    await at.site.devices.set_trust("admin:ines", other.id, Trust.LOST)
    await at.passes()
    assert at.receiver.events() == ["session-revoked", "device-compliance-change"]
    revoked, compliance = at.receiver.got
    assert revoked.subject == {"format": "complex", "user": email(), "device": opaque(device.id)}
    assert revoked.payload["initiating_entity"] == "admin"
    assert compliance.payload["previous_status"] == "compliant"
    assert compliance.payload["current_status"] == "not-compliant"
    assert set(at.receiver.shown) == {"Bearer rx"}
    keys = public_keys(_json(at), Algorithm.ES256)
    assert all(verifies(each, keys, Algorithm.ES256) is None for each in at.receiver.got)


async def test_a_device_that_says_the_same_of_itself_is_told_once(at: Tower) -> None:
    device = await at.site.device()
    await at.stream(email())
    for value in (False, False, True, True):
        await at.site.devices.set_signal("admin:ines", device.id, "compliant", value)
        await at.site.devices.set_signal("admin:ines", device.id, "os_version", "1 compliant=False")
        await at.passes()
    said = [(each.payload["previous_status"], each.payload["current_status"]) for each in at.receiver.got]
    assert said == [("compliant", "not-compliant"), ("not-compliant", "compliant")]


async def test_sign_ins_and_credentials_are_told_to_whoever_asked_for_the_person(at: Tower) -> None:
    await at.stream(email())
    await at.site.sign_in(ANNA, "si_1")
    await at.site.sign_in(BEN, "si_2")
    for user in (ANNA, BEN):
        await at.site.store.write(
            lambda tx, user=user: ending.end_user(tx, user.id, "admin:ines", Reason.ENDED_BY_ADMIN, 1.0)
        )
        made = FactorChanged(at=2.0, actor=f"user:{user.name}", user_id=user.id, factor="totp", act="enrolled")
        await at.site.store.write(lambda tx, made=made: tx.log(made))
    await at.passes()
    assert at.receiver.events() == ["session-revoked", "credential-change"]
    assert at.receiver.got[0].subject["session"] == opaque("si_1")
    assert at.receiver.got[1].subject == email() and at.receiver.got[1].payload["change_type"] == "create"


async def test_what_others_told_us_is_not_told_on(at: Tower) -> None:
    await at.stream(email())
    await at.site.sign_in(ANNA, "si_1")
    assert await at.site.hear("session-revoked", email()) is None
    await at.passes()
    assert at.receiver.got == []


async def test_a_receiver_that_is_away_gets_everything_later_in_order(at: Tower) -> None:
    device = await at.site.device()
    stream = await at.stream(email())
    at.receiver.gone = True
    for trust in (Trust.LOST, Trust.ENROLLED, Trust.REVOKED):
        await at.site.devices.set_trust("admin:ines", device.id, trust)
        await at.passes()
    assert await at.site.store.read(lambda tx: tx.count(SignalNotice, stream_id=stream)) == 5
    at.receiver.gone, at.receiver.status = False, 503
    at.site.clock.forward(1.5)
    await at.passes()
    at.receiver.status = 202
    await at.passes()
    assert at.receiver.got == []  # not before it is due again
    at.site.clock.forward(3.0)
    await at.passes()
    assert at.receiver.events() == [
        *("session-revoked", "device-compliance-change"),
        "device-compliance-change",
        *("session-revoked", "device-compliance-change"),
    ]
    assert await at.site.store.read(lambda tx: tx.count(SignalNotice, stream_id=stream)) == 0


async def test_a_teller_that_begins_anew_tells_nothing_twice_and_forgets_nothing(at: Tower) -> None:
    device = await at.site.device()
    await at.stream(email())
    await at.site.devices.set_trust("admin:ines", device.id, Trust.LOST)
    await at.teller.tell()
    await at.site.devices.set_trust("admin:ines", device.id, Trust.ENROLLED)
    at.teller = Teller(at.site.store, at.site.clock, ORIGIN, at.courier._bell)  # as after a kill
    await at.passes()
    assert at.receiver.events() == ["session-revoked", *["device-compliance-change"] * 2]


async def test_a_paused_stream_keeps_and_a_disabled_one_does_not(at: Tower) -> None:
    device = await at.site.device()
    stream = await at.stream(email())
    for status, trust in ((StreamStatus.PAUSED, Trust.LOST), (StreamStatus.DISABLED, Trust.ENROLLED)):
        await at.call("POST", "/ssf/status", stream_id=stream, status=status)
        await at.site.devices.set_trust("admin:ines", device.id, trust)
        await at.passes()
        assert at.receiver.got == []
        held = await at.site.store.read(lambda tx: tx.count(SignalNotice, stream_id=stream))
        assert held == (2 if status is StreamStatus.PAUSED else 0)
    await at.call("POST", "/ssf/status", stream_id=stream, status="enabled")
    await at.site.devices.set_trust("admin:ines", device.id, Trust.REVOKED)
    await at.passes()
    assert at.receiver.events()[0] == "session-revoked"


async def test_polled_events_stay_until_they_are_acknowledged(at: Tower) -> None:
    device = await at.site.device()
    stream = await at.stream(email(), push=False)
    await at.site.devices.set_trust("admin:ines", device.id, Trust.LOST)
    await at.passes()
    path = f"/ssf/poll/{stream}"
    first = (await at.call("POST", path, maxEvents=1, returnImmediately=True)).json()
    again = (await at.call("POST", path, maxEvents=1, returnImmediately=True)).json()
    assert list(first["sets"]) == list(again["sets"]) and first["moreAvailable"] is True
    rest = (await at.call("POST", path, ack=list(first["sets"]), returnImmediately=True)).json()
    assert len(rest["sets"]) == 1 and rest["sets"].keys() != first["sets"].keys()
    error = {next(iter(rest["sets"])): {"err": "invalid_request", "description": "?"}}
    assert (await at.call("POST", path, setErrs=error, returnImmediately=True)).json()["sets"] == {}
    assert [each.fields["act"] for each in await at.site.audit("stream-changed")][-1] == "event-refused"


async def test_verification_comes_through_the_stream_and_not_too_often(at: Tower) -> None:
    stream = await at.stream()
    assert (await at.call("POST", "/ssf/verify", stream_id=stream, state="xyz")).status_code == 204
    assert (await at.call("POST", "/ssf/verify", stream_id=stream)).status_code == 429
    await at.passes()
    assert at.receiver.events() == ["verification"]
    assert (at.receiver.got[0].subject, dict(at.receiver.got[0].payload)) == (opaque(stream), {"state": "xyz"})


async def test_one_gatepost_hears_another(at: Tower, tmp_path: Path) -> None:
    """What we sign, a receiver of our own making lets count: the same keys, audience and subjects."""
    device = await at.site.device()
    await at.stream(email())
    await at.site.devices.set_trust("admin:ines", device.id, Trust.LOST)
    await at.passes()
    (tmp_path / "k").write_bytes(_json(at))
    other = hearing(tmp_path, at.site.store, at.site.devices, at.site.live, at.site.clock)
    other.source = type(other.source)("up", ORIGIN, "rx", tmp_path / "s", jwks_file=tmp_path / "k")
    assert [await other.take(each.text) for each in at.receiver.got] == [None, None]


def _json(at: Tower) -> bytes:
    return json.dumps(at.keys.jwks("oidc")).encode()
