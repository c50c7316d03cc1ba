"""Rows of the operator's own in the vocabulary: a policy may ask for them, ours cannot be replaced, all of it without
any state."""

import asyncio
from dataclasses import replace

import pytest

from idp.admin.comparing import Comparing
from idp.admin.prover import Prover
from kernel.clock import SystemClock
from kernel.config.signals import SignalRow
from kernel.problems import Invalid
from kernel.records.devices import Device, Signal, Trust
from policies.decide import decide
from policies.expected.reading import read_table
from policies.expected.running import run
from policies.facts import Facts
from policies.language import PLAIN, Language
from policies.model import Outcome
from policies.vocabulary import SIGNALS, vocabulary
from tests.idp.signals.house import ANNA, Site

ROWS = (SignalRow("edr_healthy", 3600.0, {"en": "the EDR finds nothing", "ja": "EDRで異常なし"}),)
OURS = Language(vocabulary(ROWS))
POLICY = """
version: 1
postures:
  clean: {edr_healthy: true}
rules:
  - name: clean machines read mail
    service: imap
    device: {posture: clean}
    then: allow
never:
  - name: an intruder reads mail
    service: imap
    device: {not_posture: clean}
    outcome: allow
"""
TESTS = """
version: 1
devices:
  good: {trust: enrolled, signals: {edr_healthy: true}}
  bad: {trust: enrolled, signals: {edr_healthy: false}}
people:
  anna: {}
tests:
  - {name: healthy, user: anna, service: imap, device: good, expect: allow}
  - {name: unhealthy, user: anna, service: imap, device: bad, expect: deny}
"""


def judged(age: float) -> Outcome:
    signals = {"edr_healthy": Signal(True, 1_000_000.0 - age, "edr")}
    device = Device("d", "laptop", ANNA.id, Trust.ENROLLED, signals=signals)
    return decide(OURS.load(POLICY), Facts("imap", 1_000_000.0, "192.0.2.1", ANNA, device)).outcome


def test_a_policy_asks_for_it_and_its_age_counts() -> None:
    assert judged(3599) is Outcome.ALLOW
    assert judged(3601) is Outcome.DENY
    with pytest.raises(Invalid, match="edr_healthy"):
        PLAIN.load(POLICY)
    assert PLAIN.check(POLICY).problems and not OURS.check(POLICY).problems


def test_ours_cannot_be_replaced_and_nothing_is_kept() -> None:
    mine = replace(ROWS[0], name="firewall", age=1.0)
    assert vocabulary((mine,))["firewall"] is SIGNALS["firewall"]
    assert "edr_healthy" not in SIGNALS


def test_expected_decisions_may_name_it() -> None:
    policy = OURS.load(POLICY)
    assert not run(policy, read_table(TESTS, policy, signals=OURS.signals)).failed


async def test_the_prover_knows_it_too(site: Site) -> None:
    comparing = Comparing(site.store, Prover(SystemClock(), rows=ROWS), OURS)
    async with asyncio.timeout(30):
        assert not await comparing.unproven(POLICY)
