"""Golden cases: each file in ``broken`` is a policy, a line of ten dashes, and every problem that must be found in it;
each in ``doubtful`` one that loads, and every warning about it.

A problem is told as ``line:column: what | offending text | hint``.
"""

from pathlib import Path

import pytest

from kernel.problems import Invalid, Problem
from policies.language import check, load

HERE = Path(__file__).parent
CASES = sorted((HERE / "broken").glob("*.txt"))
DOUBTFUL = sorted((HERE / "doubtful").glob("*.txt"))
DASHES = "-" * 10 + "\n"


def told(problem: Problem) -> str:
    return f"{problem.place.line}:{problem.place.column}: {problem.what} | {problem.text} | {problem.hint}"


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 30
    assert len(DOUBTFUL) >= 6


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_broken_policy_is_refused_with_every_problem_in_its_place(case: Path) -> None:
    text, _, expected = case.read_text(encoding="utf-8").partition(DASHES)

    with pytest.raises(Invalid) as refusal:
        load(text)

    assert [told(problem) for problem in refusal.value.problems] == expected.splitlines()
    assert check(text).problems == refusal.value.problems
    assert all(problem.hint for problem in refusal.value.problems)


@pytest.mark.parametrize("case", DOUBTFUL, ids=lambda path: path.stem)
def test_a_doubtful_policy_loads_with_every_warning_in_its_place(case: Path) -> None:
    text, _, expected = case.read_text(encoding="utf-8").partition(DASHES)

    report = check(text)

    assert report.problems == ()
    assert [told(warning) for warning in report.warnings] == expected.splitlines()
    assert all(warning.hint for warning in report.warnings)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_place_of_a_problem_is_where_its_text_stands(case: Path) -> None:
    text, _, _ = case.read_text(encoding="utf-8").partition(DASHES)
    lines = text.split("\n")

    for problem in check(text).problems:
        after = lines[problem.place.line - 1][problem.place.column - 1 :]
        escaped = "\\u" in problem.text
        not_yaml = problem.what.startswith("this is not YAML")
        assert escaped or not_yaml or after.lstrip("'\"").startswith(problem.text[:20])
