"""A device that is lost, revoked or expired gets in by no rule that does not say so (``policies.barred``)."""

import pytest

from policies.decide import decide
from policies.language import check
from policies.model import Outcome, Truth
from tests.policies.facts_of import FACTS, device, facts, policy

BARRED = ("lost", "revoked", "expired")
GOOD = ("pending", "enrolled", "managed")


@pytest.mark.parametrize("state", BARRED)
@pytest.mark.parametrize(
    "condition",
    [
        "who: {groups: [staff]}",
        "device: {proof: app-password}",
        "device: {not_trust: managed}",
        "device: {trust: [enrolled, managed]}",
        "device: {owner: self, platform: macos}",
    ],
)
def test_no_rule_lets_it_in_that_does_not_name_its_state(condition: str, state: str) -> None:
    staff = policy(f"  - {{name: staff, {condition}, then: allow}}")

    assert decide(staff, FACTS).outcome is Outcome.ALLOW
    assert (decide(staff, facts(device=device(state))).outcome, decide(staff, facts(device=device(state))).rule) == (
        Outcome.DENY,
        "",
    )


@pytest.mark.parametrize("state", BARRED)
def test_a_rule_that_names_the_state_lets_in_that_state_and_no_other(state: str) -> None:
    named = policy(f"  - {{name: help desk, device: {{trust: [enrolled, {state}]}}, then: allow}}")

    let_in = [each for each in (*GOOD, *BARRED) if decide(named, facts(device=device(each))).rule]

    assert let_in == [each for each in (*GOOD, *BARRED) if each in ("enrolled", state)]


def test_whoever_has_no_device_at_all_is_none_of_these() -> None:
    assert decide(policy("  - {name: staff, who: {groups: [staff]}, then: allow}"), facts(device=None)).rule == "staff"


def test_a_deny_meets_such_a_device_like_any_other_and_a_report_is_silent_about_it() -> None:
    rules = policy(
        """
  - {name: trial, mode: report, then: allow}
  - {name: nobody, who: {groups: [staff]}, then: deny, say: {en: "Closed."}}
"""
    )

    lost = decide(rules, facts(device=device("lost")))

    assert (lost.rule, lost.words("en"), lost.reports) == ("nobody", "Closed.", ())
    assert decide(rules, FACTS).reports == ("trial",)


def test_the_trace_says_why_and_says_nothing_where_it_does_not_matter() -> None:
    staff = policy("  - {name: staff, who: {groups: [staff]}, then: allow}")

    lost = decide(staff, facts(device=device("lost")), trace=True).trace[0]
    fine = decide(staff, FACTS, trace=True).trace[0]

    assert [(each.key, each.wanted, each.seen, each.truth) for each in lost.conditions] == [
        ("who.groups", "staff", "staff", Truth.HELD),
        ("device.not_trust", "not expired, lost, revoked", "lost", Truth.NOT_HELD),
    ]
    assert "only if its own `device: {trust: [...]}` names that state" in lost.conditions[1].hint
    assert (lost.matched, fine.matched, [each.key for each in fine.conditions]) == (False, True, ["who.groups"])


def test_a_rule_for_lost_devices_is_not_shadowed_by_one_for_everybody_and_that_one_is_still_open_to_all() -> None:
    report = check(
        """version: 1
rules:
  - {name: all, then: allow}
  - {name: wipe, device: {trust: lost}, service: portal, then: allow, say: {en: "Wipe it.", ja: "消去してください。"}}
"""
    )

    assert [warning.what for warning in report.warnings] == ["rule `all` allows everyone, on any device, from anywhere"]
