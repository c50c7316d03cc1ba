"""Two hundred rules, as a large organisation would write them: compared and proven within the limit."""

import pytest

from kernel.clock import SystemClock
from policies.language import load
from policies.meaning import wording
from policies.meaning.answers import Kind, Verdict
from policies.meaning.comparing import diff
from policies.meaning.proving import prove
from tests.policies.meaning.large_policy import text

pytestmark = pytest.mark.e2e

HOLE = "  - {name: hole, who: {groups: contractors}, service: imap, then: allow}\n"


def test_it_is_proven() -> None:
    policy = load(text())

    assert len(policy.rules) == 200
    assert {proof.verdict for proof in prove(policy, SystemClock())} == {Verdict.HOLDS}


def test_it_is_the_same_as_itself() -> None:
    assert diff(load(text()), load(text()), SystemClock()).same


def test_a_hole_in_it_is_found() -> None:
    holed = load(text(HOLE))
    found = diff(load(text()), holed, SystemClock())
    broken = [proof for proof in prove(holed, SystemClock()) if proof.verdict is not Verdict.HOLDS]

    assert (found.undecided, found.more) == ((), ())
    assert {row.after.rule for row in found.rows} == {"hole"}
    assert all("group contractors" in wording.row(row)["en"] for row in found.rows)
    assert [(proof.name, proof.verdict) for proof in broken] == [
        ("mail programs never from a device that nobody knows", Verdict.BROKEN)
    ]


def test_a_deny_for_all_is_told_in_a_few_rows() -> None:
    stop = "  - {name: stop, when: {days: [sat], zone: UTC}, then: deny}\n"
    found = diff(load(text()), load(text(stop)), SystemClock())

    assert (found.undecided, found.more) == ((), ())
    assert [wording.row(row)["en"] for row in found.rows] == [
        "newly denied: anybody, any device, any service, any network, on sat in UTC"
        " (for some of it, this is so already)"
    ]


def test_a_change_of_sixty_rules_is_settled_though_not_every_row_is_shown() -> None:
    changed = text().replace("firewall: true", "firewall: false")
    found = diff(load(text()), load(changed), SystemClock(), limit=120.0, most=2)

    assert (found.undecided, found.faults) == ((), ())
    assert {row.kind for row in found.rows} == set(found.more)
    assert Kind.OPENED in found.more
    assert "firewall false" in wording.row(found.rows[0])["en"]
