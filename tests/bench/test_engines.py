"""Engines of others beside ours: the same policy, so the same answers, whoever asks."""

import pytest

from bench import engines
from bench.engines import Ask
from bench.organisation import people, staff
from bench.policy_rows import decision, others
from bench.verdicts import ABSENT

FACTS = people(
    30, lambda number: staff(number) if number < 20 else frozenset({"all"}), lambda number: 0 if number < 10 else 450
)


@pytest.mark.parametrize("engine", [engines.ours, engines.cedar, engines.cel])
def test_who_is_in_the_group_and_in_the_network_comes_in_and_nobody_else(engine) -> None:
    ask: Ask | None = engine(20, FACTS)
    assert ask is not None, "requirements-dev has it"
    assert [number for number in range(30) if ask(number)] == list(range(10))


def test_engines_that_answer_otherwise_are_no_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "cedar", lambda count, facts: lambda number: True)
    with pytest.raises(ValueError, match="not equal"):
        others(Rounds())


def test_an_engine_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.policy_rows.SIZES", (10,))
    monkeypatch.setattr("bench.policy_rows.ASKED", 0.001)
    monkeypatch.setattr(engines, "_module", lambda name: None)
    assert [line.verdict for line in others(Rounds())] == [ABSENT, ABSENT]


def test_what_grows_with_the_rules_is_told_for_the_worst_case(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = iter([100.0, 60.0, 100.0, 50.0, 90.0, 40.0])
    monkeypatch.setattr("bench.policy_rows.cases", lambda count: {"one": (None, ()), "two": (None, ())})
    monkeypatch.setattr("bench.policy_rows.rate", lambda policy, facts, seconds: next(rates))
    lines = decision(Rounds())
    assert [(line.against, line.ours) for line in lines] == [("two", 60.0), ("two", 50.0), ("two", 40.0), ("two", 1.5)]


class Rounds:
    """As much of a scene as these rows need."""

    rounds = 1
