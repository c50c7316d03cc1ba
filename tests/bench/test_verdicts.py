"""How figures are held to claims, and how the table shows them."""

import pytest

from bench.verdicts import GOAL, HELD, MISSED, SHOWN, Claim, Line, bounded, compared, lines, table


@pytest.mark.parametrize(
    ("claim", "value", "verdict"),
    [
        (Claim(0.8, 1.0), 1.0, GOAL),
        (Claim(0.8, 1.0), 0.8, HELD),
        (Claim(0.8, 1.0), 0.79, MISSED),
        (Claim(25, 15, less=True), 15, GOAL),
        (Claim(25, 15, less=True), 25, HELD),
        (Claim(200, less=True), 201, MISSED),
        (Claim(200, less=True), 10, HELD),
        (Claim(), 5, SHOWN),
    ],
)
def test_a_value_reaches_its_goal_holds_its_must_or_misses_it(claim: Claim, value: float, verdict: str) -> None:
    assert claim.verdict(value) == verdict


def test_a_ratio_is_of_medians_and_shows_its_worst_and_best_round() -> None:
    line = compared("session", "ms", [1.0, 2.0, 100.0], "peer", [1.0, 3.0, 50.0], Claim(0.8, 1.0))
    assert (line.ours, line.theirs, line.ratio) == (2.0, 3.0, 1.5)
    assert line.spread == (0.5, 1.5)
    assert line.verdict == GOAL


def test_every_peer_has_a_line_and_we_have_none() -> None:
    costs = {"us": [2.0], "cheap": [1.0], "dear": [4.0]}
    found = lines("session", "ms", costs, {"cheap": Claim(0.8)}, "us")
    assert [(line.against, line.ratio, line.verdict) for line in found] == [
        ("cheap", 0.5, MISSED),
        ("dear", 2.0, SHOWN),
    ]


def test_a_bound_is_held_by_the_median() -> None:
    line = bounded("revoke", "ms", [10.0, 150.0, 900.0], Claim(200, less=True))
    assert (line.ours, line.verdict) == (150.0, HELD)


def test_the_table_lines_up_and_tells_who_is_absent() -> None:
    shown = table([Line("session", "ms", "peer", 1.0, 2.0, 2.0), Line("session", "ms", "other", note="not there")])
    rows = shown.splitlines()
    assert len(rows) == 4
    assert rows[0].startswith("measure")
    assert rows[2].index("peer") == rows[3].index("other") == rows[0].index("against")
    assert rows[3].endswith("not there")
