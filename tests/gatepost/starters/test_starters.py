"""The policies to start from: clean, complete in both languages, true to their tables, and proved."""

from pathlib import Path

import pytest

from gatepost.starters import ABOUT, FOLDER, STARTER, starters
from idp.admin.starters import Starter
from kernel.clock import SetClock
from policies.expected.reading import read_table
from policies.expected.running import run
from policies.language import check, load
from policies.meaning.answers import Verdict
from policies.meaning.proving import prove
from policies.model import Outcome

EVERY = pytest.mark.parametrize("one", starters(), ids=lambda one: one.name)


def test_every_file_is_offered_and_everything_offered_is_a_file() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")}
    assert files == {f"{name}{end}" for name in ABOUT for end in (".yaml", ".tests.yaml")}
    assert all(set(about) == {"en", "ja"} for about in ABOUT.values())
    assert starters()[0].text == STARTER.read_text(encoding="utf-8")


@EVERY
def test_a_starter_is_clean_and_speaks_both_languages(one: Starter) -> None:
    report = check(one.text)
    assert (report.problems, report.warnings) == ((), ())
    rules = load(one.text).rules
    assert all(set(rule.say) in (set(), {"en", "ja"}) for rule in rules)
    assert sum(bool(rule.say) for rule in rules) >= 3
    assert one.text.startswith("# ")


@EVERY
def test_a_starter_keeps_what_its_table_promises_and_every_rule_is_tried(one: Starter) -> None:
    policy = load(one.text)
    cases = read_table(one.tests, policy)
    result = run(policy, cases)
    assert (result.failures, result.idle) == ((), ())
    rows = {case.name: case.expected.outcome for case in cases}
    assert len(rows) >= 12
    assert set(rows.values()) == {Outcome.ALLOW, Outcome.DENY, Outcome.STEP_UP}


@EVERY
def test_what_must_never_be_is_proved(one: Starter) -> None:
    proofs = prove(load(one.text), SetClock(), limit=20.0)
    assert [(proof.name, proof.verdict) for proof in proofs if proof.verdict is not Verdict.HOLDS] == []
    assert proofs


@EVERY
def test_a_table_notices_when_a_rule_is_gone(one: Starter) -> None:
    """Each rule that decides is worth something: without it, the table no longer comes out."""
    policy = load(one.text)
    lines = one.text.splitlines(keepends=True)
    starts = [rule.place.line - 1 for rule in policy.rules]
    for number, rule in enumerate(policy.rules):
        if rule.report:
            continue
        end = starts[number + 1] if number + 1 < len(starts) else lines.index("never:\n")
        without = load("".join([*lines[: starts[number]], *lines[end:]]))
        cases = read_table(one.tests, policy)
        assert run(without, cases).failed, f"nobody would miss `{rule.name}`"


def test_they_are_where_an_installed_package_has_them() -> None:
    packaged = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'gatepost = ["**/*.toml", "**/*.yaml"' in packaged
    assert FOLDER.parent.name == "gatepost"
