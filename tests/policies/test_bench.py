"""The benchmark measures what it says: its worst cases match their last rule alone, and nothing in it fails."""

import pytest

from bench.decision import NOW, cases, rate
from policies.decide import decide


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
