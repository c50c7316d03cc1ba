"""Decisions as an admin would read them: a few rules, a few facts, the answer."""

import json
import math
from typing import Any

import pytest

from kernel.authority import Subject, SubjectKey
from kernel.reasons import Reason, words
from kernel.records.devices import Proof
from kernel.records.sessions import Factor, SignIn
from policies.decide import decide
from policies.facts import Facts
from policies.language import nothing
from policies.model import Decision, Limits, Outcome, Policy, Requirement, Truth
from tests.policies.facts_of import FACTS, LAPTOP, MIKA, NOW, device, facts, policy, shown, user

NETWORKS = "networks: {office: [192.0.2.0/24, 2001:db8:10::/48]}"
POSTURES = "postures: {healthy: {reported_within: 24h, disk_encrypted: true, os: {macos: '>=14.4'}}}"


def one(condition: dict[str, Any], then: str = "allow") -> Policy:
    """Return a policy of one rule."""
    rule = {"name": "the rule", **condition, "then": then}
    return policy(f"  - {json.dumps(rule)}", f"{NETWORKS}\n{POSTURES}")


def test_nothing_matched_is_a_deny() -> None:
    assert decide(policy(" []"), FACTS) == Decision(Outcome.DENY, revision=7)


def test_no_policy_is_a_deny() -> None:
    assert decide(nothing(), FACTS).outcome is Outcome.DENY


def test_the_first_match_decides() -> None:
    two = policy(
        """
  - {name: lost, device: {trust: [lost, revoked]}, then: deny, say: {en: "Lost.", ja: "紛失。"}}
  - {name: staff, who: {groups: [staff]}, service: [imap], then: allow, limits: {session: 8h, idle: 30m}}
"""
    )

    allowed = decide(two, FACTS)
    refused = decide(two, facts(device=device("lost")))

    assert (allowed.outcome, allowed.rule, allowed.revision) == (Outcome.ALLOW, "staff", 7)
    assert allowed.limits == Limits(session=8 * 3600.0, idle=1800.0)
    assert (refused.outcome, refused.rule) == (Outcome.DENY, "lost")
    assert (refused.words("en"), refused.words("ja"), refused.words("de")) == ("Lost.", "紛失。", "Lost.")


# One row for each condition: what the rule asks, facts that meet it, facts that do not, facts that leave it unknown.
ROWS: list[tuple[dict[str, Any], Facts, Facts | None, Facts | None]] = [
    ({"service": ["imap"]}, facts(), facts(service="webmail"), None),
    ({"service": "client:*"}, facts(service="client:wiki"), facts(service="imap"), None),
    ({"service": "client:wiki"}, facts(service="client:wiki"), facts(service="client:crm"), None),
    ({"who": {"users": "MIKA@Example.com"}}, facts(), facts(user=user(email="k@b.c", name="ken")), facts(user=None)),
    ({"who": {"groups": ["staff", "sales"]}}, facts(), facts(user=user("guests")), facts(user=None)),
    (
        {"who": {"attributes": {"site": ["tokyo", "osaka"]}}},
        facts(),
        facts(user=user(attributes={"site": "berlin"})),
        facts(user=user(attributes={})),
    ),
    ({"device": {"trust": ["enrolled"]}}, facts(), facts(device=device("pending")), None),
    ({"device": {"trust": ["unknown"]}}, facts(device=None), facts(), None),
    (
        {"device": {"platform": ["macos"]}},
        facts(),
        facts(device=device(platform="ios")),
        facts(device=device(platform="")),
    ),
    ({"device": {"owner": "self"}}, facts(), facts(device=device(owner="user_2")), facts(device=None)),
    ({"device": {"owner": "shared"}}, facts(device=device(owner="")), facts(), facts(device=None)),
    ({"device": {"proof": ["app-password"]}}, facts(), facts(proof=Proof.TOKEN), None),
    (
        {"device": {"posture": "healthy"}},
        facts(device=device(signals={"disk_encrypted": True, "os_version": "14.4"})),
        facts(device=device(signals={"disk_encrypted": True, "os_version": "14.3.9"})),
        facts(device=device(signals={"disk_encrypted": True, "os_version": "14.4"}, age=86400.0)),
    ),
    ({"network": {"in": ["office"]}}, facts(), facts(address="192.0.3.1"), facts(address="?")),
    ({"network": {"countries": ["JP"]}}, facts(country="JP"), facts(country="DE"), facts()),
    ({"network": {"asn": [64500]}}, facts(asn=64500), facts(asn=64501), facts()),
    ({"network": {"anonymous": True}}, facts(anonymous=True), facts(anonymous=False), facts()),
    ({"when": {"days": "fri", "zone": "UTC"}}, facts(), facts(now=NOW + 86400), None),
    ({"when": {"between": "17:00-17:30", "zone": "Asia/Tokyo"}}, facts(), facts(now=NOW + 1800), None),
    ({"signin": {"factors": "totp"}}, facts(factors=shown("totp")), facts(), None),
    ({"signin": {"age": "1h"}}, facts(signin_at=NOW - 60), facts(signin_at=NOW - 3600), facts()),
    ({"signin": {"new_device": True}}, facts(new_device=True), facts(new_device=False), facts()),
    ({"signin": {"new_country": True}}, facts(new_country=True), facts(new_country=False), facts()),
    ({"signin": {"impossible_travel": True}}, facts(impossible_travel=True), facts(impossible_travel=False), facts()),
]


def negated(condition: dict[str, Any]) -> dict[str, Any]:
    """Return the ``not_`` twin of a condition with one key."""
    ((key, value),) = condition.items()
    if key == "service":
        return {"not_service": value}
    return {key: {leaf if leaf == "zone" else f"not_{leaf}": wanted for leaf, wanted in value.items()}}


@pytest.mark.parametrize(("condition", "met", "unmet", "unknown"), ROWS, ids=lambda row: str(row)[:60])
def test_a_condition_and_its_twin(
    condition: dict[str, Any], met: Facts, unmet: Facts | None, unknown: Facts | None
) -> None:
    allow, allow_not = one(condition), one(negated(condition))
    deny, deny_not = one(condition, "deny"), one(negated(condition), "deny")

    def matching(asked: Facts) -> list[bool]:
        return [bool(decide(each, asked).rule) for each in (allow, allow_not, deny, deny_not)]

    assert matching(met) == [True, False, True, False]
    if unmet is not None:
        assert matching(unmet) == [False, True, False, True]
    if unknown is not None:
        assert matching(unknown) == [False, False, True, True]
        traced = decide(allow, unknown, trace=True).trace[0].conditions[0]
        assert traced.truth is Truth.UNKNOWN
        assert traced.hint


def test_what_is_required_and_not_yet_shown_is_a_step_up() -> None:
    console = policy(
        "  - {name: c, service: console, who: {groups: [staff]}, then: allow, "
        "require: {factors: [passkey, totp], within: 15m}, limits: {idle: 10m}}"
    )
    asked = facts(service="console")

    never = decide(console, asked)
    assert (never.outcome, never.rule) == (Outcome.STEP_UP, "c")
    assert never.require == Requirement((Factor.PASSKEY, Factor.TOTP), 900.0)
    assert never.words("ja") == words(Reason.STEP_UP, "ja")
    assert never.valid_until == math.inf

    password = decide(console, facts(service="console", factors=shown("password", ago=1)))
    stale = decide(console, facts(service="console", factors=shown("totp", ago=900)))
    fresh = decide(console, facts(service="console", factors={Factor.TOTP: NOW - 800, Factor.PASSKEY: NOW - 100}))
    assert (password.outcome, stale.outcome, fresh.outcome) == (Outcome.STEP_UP, Outcome.STEP_UP, Outcome.ALLOW)
    assert fresh.valid_until == NOW - 100 + 900
    assert fresh.require is None


def test_a_report_rule_decides_nothing_and_is_told() -> None:
    trial = policy(
        """
  - {name: stricter, mode: report, device: {not_trust: managed}, then: deny}
  - {name: elsewhere, mode: report, service: webmail, then: deny}
  - {name: staff, who: {groups: [staff]}, then: allow}
  - {name: too late, mode: report, then: deny}
"""
    )

    decision = decide(trial, FACTS)

    assert (decision.outcome, decision.rule, decision.reports) == (Outcome.ALLOW, "staff", ("stricter",))
    assert decide(trial, facts(user=user())).reports == ("stricter", "too late")


def test_valid_until_is_the_first_thing_that_may_turn() -> None:
    timed = policy(
        """
  - {name: night, when: {between: "22:00-06:00", zone: UTC}, then: deny}
  - {name: healthy, device: {posture: healthy}, signin: {age: 8h}, then: allow}
""",
        POSTURES,
    )
    signals = {"disk_encrypted": True, "os_version": "15"}

    by_signin = decide(timed, facts(device=device(signals=signals), signin_at=NOW - 7200))
    by_posture = decide(timed, facts(device=device(signals=signals, age=80_000), signin_at=NOW))
    by_night = decide(timed, facts(now=NOW + 13 * 3600, device=device(signals=signals), signin_at=NOW + 12.5 * 3600))

    assert (by_signin.outcome, by_signin.valid_until) == (Outcome.ALLOW, NOW + 6 * 3600)
    assert (by_posture.outcome, by_posture.valid_until) == (Outcome.ALLOW, NOW - 80_000 + 86400)
    assert (by_night.outcome, by_night.valid_until) == (Outcome.ALLOW, NOW + 14 * 3600)


def test_a_failure_inside_the_judge_is_a_deny_that_says_so() -> None:
    class Broken:
        def run(self, asked: Facts) -> Decision:
            raise ZeroDivisionError("division by zero")

    decision = decide(Policy(3, (), (), {}, Broken()), FACTS)

    assert (decision.outcome, decision.revision) == (Outcome.DENY, 3)
    assert decision.fault == "ZeroDivisionError: division by zero"
    assert decision.words("en") == words(Reason.FAULT, "en")


def test_the_trace_says_what_was_wanted_what_was_seen_and_what_is_missing() -> None:
    rules = policy(
        "  - {name: japan, who: {not_users: ken}, service: imap, network: {countries: [JP], in: office}, then: allow}\n"
        "  - {name: staff, who: {groups: [staff]}, then: allow}",
        NETWORKS,
    )

    japan, staff = decide(rules, FACTS, trace=True).trace

    assert [(each.key, each.wanted, each.seen, each.truth) for each in japan.conditions] == [
        ("who.not_users", "not ken", "mika, mika@example.com", Truth.HELD),
        ("service", "imap", "imap", Truth.HELD),
        ("network.countries", "JP", "unknown", Truth.UNKNOWN),
        ("network.in", "office", "192.0.2.7 (office)", Truth.HELD),
    ]
    assert japan.conditions[2].hint == "a source of countries for addresses"
    assert (japan.matched, japan.decided, staff.matched, staff.decided) == (False, False, True, True)
    assert str(japan.conditions[3].place) == "policy:4:88"


def test_facts_of_a_subject_carry_its_signin_and_proof() -> None:
    signin = SignIn("s", "d", MIKA.id, NOW - 100, NOW + 100, factors=shown("totp"), new_device=True)
    key = SubjectKey(MIKA.id, LAPTOP.id, Proof.TOKEN)

    with_signin = Facts.of(Subject(key, MIKA, LAPTOP, signin, (), 1), "imap", "192.0.2.7", NOW)
    without = Facts.of(Subject(key, MIKA, None, None, (), 1), "imap", "192.0.2.7", NOW)

    assert (with_signin.proof, with_signin.signin_at, with_signin.new_device) == (Proof.TOKEN, NOW - 100, True)
    assert with_signin.factors == shown("totp")
    assert (without.device, without.signin_at, without.new_device, without.factors) == (None, None, None, {})
