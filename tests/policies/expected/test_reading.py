"""Golden cases: each file in ``broken`` is a table, ten dashes, and every problem that must be found in it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.problems import Invalid
from policies.expected import reading
from policies.expected.reading import read_table
from policies.expected.running import run
from policies.language import load
from tests.policies.test_broken import DASHES, told

HERE = Path(__file__).parent
POLICY = load((HERE / "policy.yaml").read_bytes())
CASES = sorted((HERE / "broken").glob("*.txt"))
HEAD = "version: 1\ntests:\n"


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_broken_table_is_refused_with_every_problem_in_its_place(case: Path) -> None:
    text, _, expected = case.read_text(encoding="utf-8").partition(DASHES)

    with pytest.raises(Invalid) as refusal:
        read_table(text, POLICY)

    assert [told(problem) for problem in refusal.value.problems] == expected.splitlines()


def test_a_row_that_stands_for_too_many_cases_is_refused_and_not_unrolled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CASES", 100)
    services = ", ".join(f"route-{number}" for number in range(200))
    row = f"{{name: a, service: [{services}], device: [enrolled, managed, pending, lost], user: [USERS], expect: deny}}"
    users = ", ".join(f"user{number}" for number in range(1000))

    with pytest.raises(Invalid, match="more than 100 cases"):
        read_table(f"{HEAD}  - {row.replace('USERS', users)}\n", POLICY)


WORDS = st.sampled_from(
    [
        "name",
        "service",
        "imap",
        "expect",
        "allow",
        "device",
        "managed",
        "rule",
        "user",
        "at",
        "limits",
        "12h",
        "none",
        "x",
    ]
)
NODES = st.recursive(
    WORDS | st.text(max_size=8) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=12,
)


@given(NODES, NODES)
def test_any_row_is_read_or_refused_with_a_place(defaults: object, row: object) -> None:
    text = f"version: 1\ndefaults: {json.dumps(defaults)}\ntests: [{json.dumps(row)}]\n"
    try:
        cases = read_table(text, POLICY)
    except Invalid as refusal:
        assert all(problem.place.line >= 1 for problem in refusal.problems)
    else:
        assert run(POLICY, cases).cases == len(cases)
