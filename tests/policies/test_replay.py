"""Replay: recorded decisions made again, by their own rules to the letter, by others counted by what they turn into."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.records.sessions import Factor
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Decision, Outcome, Policy
from policies.replay import Asked, Replay, Replayed
from policies.snapshot import snapshot
from policies.turning import Turn
from tests.policies.facts_of import NOW, device, facts, policy, user
from tests.policies.random_policies import FACTS, documents

FEWER = settings().max_examples // 3
"""Every example makes and compiles whole documents."""
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

OPEN = policy("  - {name: staff, who: {groups: [staff]}, then: allow}\n")
DRAFT = replace(
    policy(
        "  - {name: watched, service: imap, then: deny, mode: report}\n"
        "  - {name: managed only, service: imap, device: {not_trust: managed}, then: deny}\n"
        "  - {name: a code for the webmail, service: webmail, then: allow, require: {factors: [totp]}}\n"
        "  - {name: everybody, service: submission, then: allow}\n"
        "  - {name: staff, who: {groups: [staff]}, then: allow}\n"
    ),
    revision=0,
)


def record(seen: Facts, under: Policy, **more: Any) -> str:
    """Return the record of a decision as the audit log keeps it."""
    decision = decide(under, seen)
    fields = {
        "kind": "decided",
        "at": seen.now,
        "session": "s_1",
        "service": seen.service,
        "outcome": decision.outcome.value,
        "rule": decision.rule,
        "revision": decision.revision,
        "user": seen.user.name if seen.user else "",
        "facts": snapshot(seen),
    }
    return json.dumps({**fields, **more}, sort_keys=True)


def replayed(bodies: list[str], asked: Asked, against: Policy | None = None, **more: Any) -> Replayed:
    replay = Replay(asked, against, **more)
    for number, body in enumerate(bodies, 1):
        replay.take(number, body)
    return replay.result


def by_draft(revision: int) -> Policy:
    return DRAFT


@settings(max_examples=FEWER, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), several=st.lists(FACTS, max_size=5))
def test_its_own_revision_decides_every_record_again_to_the_letter(
    document: dict[str, Any], several: list[Facts]
) -> None:
    under = load(json.dumps(document), revision=7)
    found = replayed([record(each, under) for each in several], lambda revision: under)

    assert (found.seen, found.replayed, found.same) == (len(several),) * 3
    assert found.moved.decisions == sum(found.unreadable.values()) == sum(found.others.values()) == 0


@settings(max_examples=FEWER, deadline=None, suppress_health_check=SLOW)
@given(old=documents(), new=documents(), several=st.lists(FACTS, max_size=5))
def test_a_draft_turns_what_it_decides_otherwise(
    old: dict[str, Any], new: dict[str, Any], several: list[Facts]
) -> None:
    under, draft = load(json.dumps(old), revision=7), load(json.dumps(new))
    found = replayed([record(each, under) for each in several], lambda revision: draft)

    for turn, outcome in ((Turn.DENIED, "deny"), (Turn.ALLOWED, "allow"), (Turn.STEPPED_UP, "step_up")):
        before = [decide(under, each).outcome for each in several]
        after = [decide(draft, each).outcome for each in several]
        turned = [one for was, one in zip(before, after, strict=True) if was != one and one == outcome]
        assert found.turned[turn].decisions == len(turned)
    assert found.replayed == found.seen == len(several)


def test_who_where_and_by_which_rules_is_counted_with_examples() -> None:
    managed = facts(device=device("managed"))
    bodies = [record(facts(now=NOW + nth), OPEN, reference="", address="192.0.2.7") for nth in range(5)]
    bodies += [record(managed, OPEN), record(facts(service="webmail"), OPEN), record(facts(service="portal"), OPEN)]
    bodies += [record(facts(service="submission", user=user("guests", name="ken")), OPEN, reference="ABCD2345")]
    found = replayed(bodies, by_draft)

    denied, stepped_up, allowed = (found.turned[turn] for turn in (Turn.DENIED, Turn.STEPPED_UP, Turn.ALLOWED))
    assert {name: (person.decisions, person.last_at) for name, person in denied.people.items()} == {
        "mika": (5, NOW + 4)
    }
    assert denied.rules == {("staff", "managed only"): 5}
    assert (denied.services, stepped_up.services) == ({"imap": 5}, {"webmail": 1})
    assert [(each.number, each.device, each.was, each.would) for each in denied.examples] == [
        (number, "laptop", Outcome.ALLOW, Outcome.DENY) for number in (1, 2, 3)
    ]
    assert [(each.recorded.user, each.recorded.reference) for each in allowed.examples] == [("ken", "ABCD2345")]
    assert (found.same, found.moved.decisions) == (2, 0)
    assert found.reports == {("watched", Outcome.DENY, Outcome.DENY): 5, ("watched", Outcome.DENY, Outcome.ALLOW): 1}
    assert (found.first_at, found.last_at) == (NOW, NOW + 4)


def test_the_same_outcome_by_another_rule_has_moved() -> None:
    renamed = policy("  - {name: everybody of ours, who: {groups: [staff]}, then: allow}\n")
    found = replayed([record(facts(), OPEN)], lambda revision: renamed)
    assert (found.same, found.moved.decisions, found.moved.rules) == (0, 1, {("staff", "everybody of ours"): 1})


def test_another_revision_may_stand_for_what_was_decided_and_then_limits_count() -> None:
    limited = policy("  - {name: staff, who: {groups: [staff]}, then: allow, limits: {session: 1h}}\n")
    bodies = [record(facts(), OPEN), record(facts(user=user()), OPEN)]

    assert replayed(bodies, lambda revision: limited).same == 2
    found = replayed(bodies, lambda revision: limited, against=OPEN)
    assert (found.same, found.turned[Turn.LIMITED].decisions) == (1, 1)


def test_what_no_policy_decided_and_what_is_not_kept_whole_is_counted_apart() -> None:
    mine = [
        record(facts(), OPEN, reason="credential-revoked", outcome="deny"),
        record(facts(), OPEN, reason="idle", outcome="deny"),
        record(facts(), OPEN, revision=0, reason="policy"),
        record(facts(), OPEN, facts={"proof": "app-password", "trust": "managed"}),
        record(facts(), OPEN, facts={**snapshot(facts()), "v": 99}),
        record(facts(), OPEN, revision=3),
        record(facts(), OPEN, outcome="maybe"),
        "{}",
        "no JSON",
    ]
    found = replayed(mine, lambda revision: "revision 3 is gone" if revision == 3 else OPEN)

    assert (found.seen, found.replayed) == (9, 0)
    assert found.others == {"credential-revoked": 1, "idle": 1, "policy": 1}
    assert found.unreadable == {"no snapshot": 1, "format 99": 1, "revision 3 is gone": 1, "a damaged record": 3}


def test_a_draft_that_fails_is_told() -> None:
    class Failing:
        def run(self, facts: Facts) -> Decision:
            raise RuntimeError("on fire")

    broken = Policy(0, (), (), {}, Failing())
    found = replayed([record(facts(factors={Factor.TOTP: NOW}), OPEN)], lambda revision: broken)
    assert (found.faults, found.turned[Turn.DENIED].decisions) == (1, 1)
