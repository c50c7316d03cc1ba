"""The compiled decision against a second, naive reading of the same document: they must never differ.

And what a decision promises about time: until ``valid_until``, with no other fact changed, the answer stays what it is.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Decision
from tests.policies import naive
from tests.policies.dice import Dice
from tests.policies.random_policies import FACTS, documents

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def told(decision: Decision) -> naive.Answer:
    assert decision.fault == ""
    return str(decision.outcome), decision.rule, decision.reports


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), several=st.lists(FACTS, min_size=1, max_size=5))
def test_the_compiled_decision_is_the_naive_one(document: dict[str, Any], several: list[Facts]) -> None:
    policy = load(json.dumps(document))

    for facts in several:
        assert told(decide(policy, facts)) == naive.decide(document, facts)


def thrown(seed: int, documents: int, each: int) -> Iterator[tuple[dict[str, Any], Facts, naive.Answer]]:
    """Yield documents and facts, with what the compiled policy says."""
    dice = Dice(seed)
    for _ in range(documents):
        document = dice.document()
        policy = load(json.dumps(document))
        for _ in range(each):
            facts = dice.facts()
            yield document, facts, told(decide(policy, facts))


def test_thousands_of_random_facts_are_judged_as_by_the_naive_reading() -> None:
    for document, facts, answer in thrown(seed=1, documents=60, each=50):
        assert answer == naive.decide(document, facts), (document, facts)


@pytest.mark.e2e
@pytest.mark.parametrize("seed", range(10))
def test_a_million_random_facts_are_judged_as_by_the_naive_reading(seed: int) -> None:
    outcomes = Counter[str]()
    for document, facts, answer in thrown(seed=100 + seed, documents=1000, each=100):
        assert answer == naive.decide(document, facts), (document, facts)
        outcomes[answer[0]] += 1
    assert outcomes.total() == 100_000
    assert min(outcomes[outcome] for outcome in ("allow", "deny", "step_up")) > 1000


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), facts=FACTS, steps=st.lists(st.floats(0, 1), min_size=3, max_size=6))
def test_nothing_turns_before_valid_until(document: dict[str, Any], facts: Facts, steps: list[float]) -> None:
    decision = decide(load(json.dumps(document)), facts)

    assert decision.valid_until > facts.now
    ahead = min(decision.valid_until, facts.now + 60 * 86400)
    for step in (*steps, 0.999999):
        moment = facts.now + (ahead - facts.now) * step
        if moment < decision.valid_until:
            assert naive.decide(document, replace(facts, now=moment)) == told(decision)


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), facts=FACTS)
def test_the_trace_tells_the_decision(document: dict[str, Any], facts: Facts) -> None:
    decision = decide(load(json.dumps(document)), facts, trace=True)

    assert len(decision.trace) == len(document["rules"])
    matched = [rule.rule for rule in decision.trace if rule.matched and not rule.report]
    assert (matched or [""])[0] == decision.rule
    assert [rule.rule for rule in decision.trace if rule.decided] == ([decision.rule] if decision.rule else [])


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), facts=FACTS)
def test_knowing_nothing_about_device_and_user_never_opens_a_door_to_a_rule_about_them(
    document: dict[str, Any], facts: Facts
) -> None:
    ignorant = replace(facts, user=None, country=None, asn=None, anonymous=None, address="", signin_at=None)
    decision = decide(load(json.dumps(document)), ignorant)

    rules = {rule["name"]: rule for rule in document["rules"]}
    if decision.outcome != "deny":
        assert "who" not in rules[decision.rule]
        assert "network" not in rules[decision.rule]


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), facts=FACTS)
def test_the_same_question_gets_the_same_answer_from_a_used_program(document: dict[str, Any], facts: Facts) -> None:
    text = json.dumps(document)
    used = load(text)
    for ahead in (0.0, 50_000.0, 600_000.0, -400_000.0):
        decide(used, replace(facts, now=facts.now + ahead))

    assert decide(used, facts) == decide(load(text), facts)
