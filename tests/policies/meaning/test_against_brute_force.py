"""Diff and prove against random facts: no difference is overlooked, no row says too much, no proof is false."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.meaning.answers import Kind, Row, Scope, Verdict
from policies.meaning.changes import kinds_of
from policies.meaning.effects import Effect
from policies.model import Decision, Outcome, Policy
from tests.policies import naive
from tests.policies.meaning.asking import compared, proven
from tests.policies.meaning.inside import inside
from tests.policies.random_policies import FACTS, LEAVES, SERVICES, documents, section, some

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
NAMES = [field.name for field in fields(Facts)]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two policies: one and a change of it, or two that have nothing to do with each other."""
    before = draw(documents())
    after = json.loads(json.dumps(before))
    rules = after["rules"]
    how = draw(st.sampled_from(["other", "drop", "turn", "swap", "widen"]))
    if how == "other" or not rules:
        return before, draw(documents())
    place = draw(st.integers(0, len(rules) - 1))
    if how == "drop":
        del rules[place]
    elif how == "turn":
        rules[place]["then"] = "deny" if rules[place].pop("then") == "allow" else "allow"
        rules[place].pop("require", None)
    elif how == "swap":
        other = draw(st.integers(0, len(rules) - 1))
        rules[place], rules[other] = rules[other], rules[place]
    else:
        rules[place].pop(
            draw(st.sampled_from([key for key in rules[place] if key not in ("name", "then")] or [""])), None
        )
    return before, after


@st.composite
def neighbours(draw: st.DrawFn, several: list[Facts]) -> Facts:
    """Return facts that are one of several in some respects, and random in others."""
    one, other = draw(st.sampled_from(several)), draw(FACTS)
    taken = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
    return replace(one, **{name: getattr(other, name) for name in taken})


def is_so(row: Row, decision: Decision, told: Decision) -> bool:
    """Return whether a decision is on the side of a row's change on which ``told`` is."""
    if row.kind in (Kind.OPENED, Kind.CLOSED):
        return (decision.outcome is Outcome.DENY) is (told.outcome is Outcome.DENY)
    return Effect.of(decision) == Effect.of(told)


def look(old: Policy, new: Policy, rows: list[Row], more: set[Kind], facts: Facts) -> None:
    before, after = decide(old, facts), decide(new, facts)
    kinds = kinds_of(before, after) - {Kind.DECIDED_BY, Kind.REPORTED}
    lying = [row for row in rows if inside(row.cube, facts)]
    for kind in kinds - more:
        assert kind in {row.kind for row in lying}, f"{kind} is overlooked"
    for row in lying:
        if row.scope is Scope.ALL:
            assert row.kind in kinds, f"{row.kind} is said of too much"
        elif row.scope is Scope.AFTER:
            assert is_so(row, after, row.after)
        else:
            assert is_so(row, before, row.before)


def check(documents: tuple[dict[str, Any], dict[str, Any]], several: list[Facts], data: st.DataObject) -> None:
    old, new = (load(json.dumps(document)) for document in documents)
    found = compared(old, new)
    rows = list(found.rows)
    examples = [row.facts for row in rows]
    near = [data.draw(neighbours(examples)) for _ in range(8)] if examples else []
    for facts in (*several, *examples, *near):
        look(old, new, rows, set(found.more), facts)


@settings(max_examples=3, deadline=None, suppress_health_check=SLOW)
@given(pair=pairs(), several=st.lists(FACTS, min_size=10, max_size=20), data=st.data())
def test_a_diff_tells_all_that_changes_and_nothing_else(pair: Any, several: list[Facts], data: st.DataObject) -> None:
    check(pair, several, data)


@pytest.mark.e2e
@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(pair=pairs(), several=st.lists(FACTS, min_size=10, max_size=20), data=st.data())
def test_a_diff_tells_all_that_changes_many_times(pair: Any, several: list[Facts], data: st.DataObject) -> None:
    check(pair, several, data)


@st.composite
def invariants(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {"name": "n", "outcome": draw(st.sampled_from(["allow", "allow", "deny", "step_up"]))}
    if draw(st.booleans()):
        found["service"] = draw(some(SERVICES))
    for name in draw(st.lists(st.sampled_from(list(LEAVES)), max_size=2, unique=True)):
        found[name] = draw(section(name))
    return found


def broken(document: dict[str, Any], facts: Facts) -> bool:
    """Return whether facts break the invariant, by the naive reading."""
    never = document["never"][0]
    met = naive.rule_truth(document, never, facts)
    meant = met is True or (met is None and never["outcome"] != "deny")
    return meant and naive.decide(document, facts)[0] == never["outcome"]


def prove_once(document: dict[str, Any], never: dict[str, Any], several: list[Facts], data: st.DataObject) -> None:
    document = {**document, "never": [never]}
    (proof,) = proven(load(json.dumps(document)))
    if proof.verdict is Verdict.HOLDS:
        assert not any(broken(document, facts) for facts in several)
        return
    assert proof.facts is not None
    near = [data.draw(neighbours([proof.facts])) for _ in range(6)]
    for facts in (proof.facts, *(each for each in near if inside(proof.cube, each))):
        assert broken(document, facts)


@settings(max_examples=3, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), never=invariants(), several=st.lists(FACTS, min_size=10, max_size=30), data=st.data())
def test_a_proof_is_true(document: Any, never: Any, several: list[Facts], data: st.DataObject) -> None:
    prove_once(document, never, several, data)


@pytest.mark.e2e
@settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
@given(document=documents(), never=invariants(), several=st.lists(FACTS, min_size=10, max_size=30), data=st.data())
def test_a_proof_is_true_many_times(document: Any, never: Any, several: list[Facts], data: st.DataObject) -> None:
    prove_once(document, never, several, data)
