"""Posture reports: what counts, and everything that must not (forged, replayed, reordered, foreign, late)."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from idp.devices.reporting import Counted, Reporting
from idp.devices.reports import ReportFault, read
from kernel.records.devices import Device, Trust
from tests.idp.devices.agent import Agent
from tests.idp.devices.house import ANNA, ORIGIN, Site, segment

GOOD = {"disk_encrypted": True, "firewall": True, "os_version": "12.7"}


@pytest.fixture
def reporting(site: Site) -> Reporting:
    return Reporting(site.store, site.vault, site.clock, ORIGIN, 300.0)


@pytest.fixture
async def agent(site: Site) -> Agent:
    return await Agent(site).enrol()


async def nonce(reporting: Reporting, agent: Agent) -> str:
    given_nonce = await reporting.nonce(agent.name)
    assert given_nonce
    return given_nonce


async def counted(reporting: Reporting, report: str) -> Counted:
    found = await reporting.take(report)
    assert isinstance(found, Counted)
    return found


async def test_a_report_becomes_signals_with_their_moment(site: Site, reporting: Reporting, agent: Agent) -> None:
    site.clock.forward(10)
    report = agent.sign(await nonce(reporting, agent), GOOD)
    found, entries, changes = await site.since(lambda: counted(reporting, report))
    stored = await site.get(Device, agent.device_id)
    assert {name: (signal.value, signal.at, signal.by) for name, signal in stored.signals.items()} == {
        name: (value, site.clock.now(), "agent") for name, value in GOOD.items()
    }
    assert found.device == stored
    assert stored.last_seen_at == site.clock.now()
    assert [entry.fields["detail"] for entry in entries] == ["disk_encrypted=True firewall=True os_version=12.7"]
    assert [change.handle for change in changes] == [f"device:{agent.device_id}"]


async def test_the_same_again_renews_the_moment_and_disturbs_nobody(
    site: Site, reporting: Reporting, agent: Agent
) -> None:
    first = await counted(reporting, agent.sign(await nonce(reporting, agent), GOOD))
    site.clock.forward(300)
    found, entries, changes = await site.since(lambda: counted(reporting, agent.sign(first.nonce, GOOD)))
    assert found.device.signals["firewall"].at == site.clock.now()
    assert (entries, changes) == ([], [])


async def test_a_changed_value_is_news_and_on_record(site: Site, reporting: Reporting, agent: Agent) -> None:
    first = await counted(reporting, agent.sign(await nonce(reporting, agent), GOOD))
    worse = agent.sign(first.nonce, {**GOOD, "firewall": False})
    _, entries, changes = await site.since(lambda: counted(reporting, worse))
    assert [entry.fields["detail"] for entry in entries] == ["firewall=False"]
    assert len(changes) == 1


async def test_after_a_silence_the_same_is_news(site: Site, reporting: Reporting, agent: Agent) -> None:
    await counted(reporting, agent.sign(await nonce(reporting, agent), GOOD))
    site.clock.forward(3600)
    report = agent.sign(await nonce(reporting, agent), GOOD)
    _, entries, changes = await site.since(lambda: counted(reporting, report))
    assert (entries, len(changes)) == ([], 1)


async def test_what_the_vocabulary_does_not_know_is_ignored_by_name(
    site: Site, reporting: Reporting, agent: Agent
) -> None:
    odd = {"firewall": "yes", "disk_encrypted": 1, "compromised": False, "moon": "full"}
    found = await counted(reporting, agent.sign(await nonce(reporting, agent), odd))
    assert found.ignored == ("disk_encrypted", "firewall", "moon")
    assert set(found.device.signals) == {"compromised"}


async def refused(site: Site, reporting: Reporting, report: str) -> tuple[ReportFault, str, str]:
    """Return why a report was refused, with what the audit says of it; nothing else may have changed."""
    fault, entries, changes = await site.since(lambda: reporting.take(report, "192.0.2.9"))
    assert isinstance(fault, ReportFault)
    assert changes == []
    (entry,) = entries
    assert (entry.kind, entry.fields["address"], entry.fields["reason"]) == ("report-refused", "192.0.2.9", fault.value)
    return fault, entry.fields["device_id"], entry.fields["key"]


async def test_a_replayed_report_is_refused(site: Site, reporting: Reporting, agent: Agent) -> None:
    report = agent.sign(await nonce(reporting, agent), GOOD)
    await counted(reporting, report)
    assert await refused(site, reporting, report) == (ReportFault.COUNTER, agent.device_id, agent.name)


async def test_reports_out_of_order_are_refused(site: Site, reporting: Reporting, agent: Agent) -> None:
    fresh = await nonce(reporting, agent)
    first, second = agent.sign(fresh, {**GOOD, "firewall": False}), agent.sign(fresh, GOOD)
    await counted(reporting, second)
    assert (await refused(site, reporting, first))[0] is ReportFault.COUNTER


async def test_a_forged_report_is_refused(site: Site, reporting: Reporting, agent: Agent) -> None:
    forger = Agent(site, agent.device_id, agent.name, key=ec.generate_private_key(ec.SECP256R1()))
    report = forger.sign(await nonce(reporting, agent), GOOD)
    assert (await refused(site, reporting, report))[0] is ReportFault.SIGNATURE
    good = agent.sign(await nonce(reporting, agent), {"firewall": False})
    head, body, tail = good.split(".")
    other = agent.sign(await nonce(reporting, agent), {"firewall": True}).split(".")[1]
    assert body != other
    assert (await refused(site, reporting, f"{head}.{other}.{tail}"))[0] is ReportFault.SIGNATURE


async def test_a_report_of_one_device_does_not_count_for_another(
    site: Site, reporting: Reporting, agent: Agent
) -> None:
    other = await Agent(site).enrol("Desktop")
    with_foreign_nonce = agent.sign(await nonce(reporting, other), GOOD)
    assert (await refused(site, reporting, with_foreign_nonce))[0] is ReportFault.NONCE
    as_other = agent.sign(await nonce(reporting, other), GOOD, kid=other.name)
    assert (await refused(site, reporting, as_other))[0] is ReportFault.SIGNATURE


async def test_a_report_for_another_server_is_refused(site: Site, reporting: Reporting, agent: Agent) -> None:
    report = agent.sign(await nonce(reporting, agent), GOOD, aud="https://elsewhere.example")
    assert (await refused(site, reporting, report))[0] is ReportFault.FOREIGN


async def test_a_report_kept_back_is_refused(site: Site, reporting: Reporting, agent: Agent) -> None:
    report = agent.sign(await nonce(reporting, agent), GOOD)
    site.clock.forward(901)
    assert (await refused(site, reporting, report))[0] is ReportFault.NONCE
    assert (await refused(site, reporting, agent.sign("made-up", GOOD)))[0] is ReportFault.NONCE


@pytest.mark.parametrize("trust", [Trust.LOST, Trust.REVOKED, Trust.EXPIRED])
async def test_a_device_that_is_out_does_not_report(
    site: Site, reporting: Reporting, agent: Agent, trust: Trust
) -> None:
    report = agent.sign(await nonce(reporting, agent), GOOD)
    await site.devices.set_trust("admin:root", agent.device_id, trust)
    assert (await refused(site, reporting, report))[0] is ReportFault.DEVICE_OUT


async def test_an_expired_certificate_reports_no_more(site: Site, reporting: Reporting, agent: Agent) -> None:
    site.clock.forward(91 * 86400)
    report = agent.sign(await nonce(reporting, agent), GOOD)
    assert (await refused(site, reporting, report))[0] is ReportFault.KEY_OVER


async def test_a_browser_key_or_an_unknown_one_is_nobodys(site: Site, reporting: Reporting, agent: Agent) -> None:
    assert await reporting.nonce("00:11") is None
    report = agent.sign(await nonce(reporting, agent), GOOD, kid="00:11")
    assert (await refused(site, reporting, report))[0] is ReportFault.UNKNOWN_KEY


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "HS256"},
        {"typ": "JWT"},
        {"counter": 0},
        {"counter": True},
        {"counter": 2**53},
        {"counter": None},
        {"aud": [ORIGIN]},
        {"signals": []},
        {"signals": {"firewall": None}},
        {"signals": {str(number): True for number in range(65)}},
        {"surprise": 1},
        {"platform": "x" * 65},
    ],
)
async def test_whatever_has_not_the_form_of_a_report_is_malformed(
    site: Site, reporting: Reporting, agent: Agent, changes: dict[str, object]
) -> None:
    if changes.get("alg") == "HS256":
        _, body, tail = agent.sign("n", GOOD).split(".")
        report = f"{segment({'alg': 'HS256', 'typ': 'gatepost-report+jwt', 'kid': agent.name})}.{body}.{tail}"
    else:
        report = agent.sign(await nonce(reporting, agent), changes.pop("signals", GOOD), **changes)
    assert (await refused(site, reporting, report))[0] is ReportFault.MALFORMED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@given(st.text(max_size=300) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_report_or_is_not(text: str) -> None:
    found = read(text)
    assert found is None or found.counter > 0


@given(JSON, JSON)
def test_any_json_in_its_place_is_a_report_or_is_not(header: object, payload: object) -> None:
    head = {"alg": "ES256", "typ": "gatepost-report+jwt", "kid": "k"} if header is None else header
    claims = {"aud": ORIGIN, "nonce": "n", "counter": 1, "signals": {}}
    body = claims | payload if isinstance(payload, dict) else payload
    found = read(f"{segment(json.loads(json.dumps(head)))}.{segment(body)}.AAAA")
    assert found is None or (found.audience == ORIGIN and found.key_id)


async def test_a_shared_device_reports_too(site: Site, reporting: Reporting) -> None:
    agent = await Agent(site).enrol()
    shared = await site.get(Device, agent.device_id)
    await site.put(Device(shared.id, "Kiosk", "", Trust.MANAGED))
    found = await counted(reporting, agent.sign(await nonce(reporting, agent), GOOD))
    assert found.device.owner == "" != ANNA.id
