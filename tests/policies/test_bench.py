"""The benchmark measures what it says: its worst cases match their last rule alone, and nothing in it fails.

Its organisations of any size are read the naive way, too.
"""

import pytest
import yaml

from bench.decision import cases, rate
from bench.organisation import NOW, mixed, only_allowing, only_last, people, staff
from policies.decide import decide
from policies.language import load
from tests.policies import naive


@pytest.mark.parametrize("count", [10, 100])
def test_each_case_is_what_it_is_called(count: int) -> None:
    found = cases(count)

    for name, (policy, facts) in found.items():
        decisions = [decide(policy, one) for one in facts[:200]]
        assert len(policy.rules) == count
        assert {decision.fault for decision in decisions} == {""}
        if name != "mixed":
            assert {decision.rule for decision in decisions} == {f"r{count - 1}"}
        if name == "posture":
            assert all(NOW < decision.valid_until < NOW + 90_000 for decision in decisions)
    assert len({decision.outcome for decision in (decide(found["mixed"][0], one) for one in found["mixed"][1])}) > 1


def test_a_rate_is_counted_over_the_time_it_took() -> None:
    policy, facts = cases(10)["last"]

    assert rate(policy, facts[:10], 0.007) > 0


@pytest.mark.parametrize("text", [mixed(40), mixed(90), only_last(30, "healthy"), only_allowing(410)])
def test_an_organisation_is_judged_as_its_rules_read(text: str) -> None:
    document, policy = yaml.safe_load(text), load(text)
    groups = [frozenset({"all", f"g{number % 40}", f"g{number * 7 % 40}"}) | staff(number) for number in range(60)]

    for one in people(60, lambda number: groups[number], lambda number: number % 60):
        decision = decide(policy, one)
        assert (str(decision.outcome), decision.rule, decision.reports) == naive.decide(document, one)
