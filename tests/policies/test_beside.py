"""A trial beside the policy in force: what it would have turned a decision into, and that it touches nothing."""

import math
from dataclasses import replace

import pytest

from policies.beside import Beside, beside
from policies.decide import decide
from policies.facts import Facts
from policies.model import Decision, Outcome, Policy
from policies.turning import Turn, turned
from tests.policies.facts_of import FACTS, NOW, policy

STAFF = "  - {name: staff, who: {groups: [staff]}, then: allow}\n"


class Failing:
    """A program with a bug in it."""

    def run(self, facts: Facts) -> Decision:
        raise ZeroDivisionError("on trial")


@pytest.mark.parametrize(
    ("was", "would", "turn"),
    [
        (Outcome.ALLOW, Outcome.ALLOW, None),
        (Outcome.DENY, Outcome.DENY, None),
        (Outcome.ALLOW, Outcome.DENY, Turn.DENIED),
        (Outcome.STEP_UP, Outcome.DENY, Turn.DENIED),
        (Outcome.DENY, Outcome.ALLOW, Turn.ALLOWED),
        (Outcome.STEP_UP, Outcome.ALLOW, Turn.ALLOWED),
        (Outcome.ALLOW, Outcome.STEP_UP, Turn.STEPPED_UP),
        (Outcome.DENY, Outcome.STEP_UP, Turn.STEPPED_UP),
    ],
)
def test_what_becomes_of_a_decision(was: Outcome, would: Outcome, turn: Turn | None) -> None:
    assert turned(was, would) is turn


@pytest.mark.parametrize(
    ("rules", "turn", "outcome"),
    [
        (STAFF.replace("staff,", "all staff,"), None, Outcome.ALLOW),
        ("  - {name: nobody, then: deny}\n", Turn.DENIED, Outcome.DENY),
        (STAFF.replace("allow}", "allow, require: {factors: [totp]}}"), Turn.STEPPED_UP, Outcome.STEP_UP),
        (STAFF.replace("allow}", "allow, limits: {session: 1h}}"), Turn.LIMITED, Outcome.ALLOW),
    ],
)
def test_the_trial_is_heard_and_the_decision_stays(rules: str, turn: Turn | None, outcome: Outcome) -> None:
    live = decide(policy(STAFF), FACTS)
    kept, said = beside(replace(policy(rules), revision=3), FACTS, live)

    assert kept == live
    assert (said.trial, said.outcome, said.turn, said.told) == (3, outcome, turn, turn is not None)


def test_whoever_asks_again_in_time_hears_both() -> None:
    fresh = "  - {name: in time, who: {groups: [staff]}, then: allow, require: {factors: [totp], within: 5m}}\n"
    shown = replace(FACTS, factors={"totp": NOW - 60.0})
    live = decide(policy(STAFF), shown)
    kept, said = beside(policy(fresh), shown, live)

    assert (live.valid_until, kept.valid_until) == (math.inf, NOW + 240.0)
    assert replace(kept, valid_until=math.inf) == live
    assert said.turn is None


def test_a_trial_that_fails_is_told_and_touches_nothing() -> None:
    live = decide(policy(STAFF), FACTS)
    kept, said = beside(Policy(3, (), (), {}, Failing()), FACTS, live)

    assert kept is live
    assert said == Beside(3, Outcome.DENY, "", None, "ZeroDivisionError: on trial")
    assert said.told
