"""What the figures are held to, and how they are told. Pure.

A line compares us with one peer (``ratio`` is the peer's cost over ours: above 1 we are cheaper), or with a bound of
our own. ``must`` and ``goal`` are the claims of the project; None: nothing is claimed, the figure is for information.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

GOAL, HELD, MISSED, ABSENT, SHOWN = "goal reached", "must held", "MUST MISSED", "not installed", "-"
HEADS = ("measure", "against", "theirs", "ours", "ratio", "rounds", "must", "goal", "verdict")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a value must reach, and what it should. ``less``: smaller is better."""

    must: float | None = None
    goal: float | None = None
    less: bool = False

    def verdict(self, value: float) -> str:
        """Return how a value stands."""
        if self.must is None:
            return SHOWN
        if self.goal is not None and self._reaches(value, self.goal):
            return GOAL
        return HELD if self._reaches(value, self.must) else MISSED

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.less else value >= bound


NOTHING = Claim()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. ``spread``: the ratio in the worst and the best single round."""

    measure: str
    unit: str
    against: str = ""
    ours: float | None = None
    theirs: float | None = None
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    must: float | None = None
    goal: float | None = None
    verdict: str = SHOWN
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return what the table shows."""
        spread = f"{self.spread[0]:.2f}-{self.spread[1]:.2f}" if self.spread else ""
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        figures = (_number(self.theirs), _number(self.ours), ratio, spread, _number(self.must), _number(self.goal))
        return (f"{self.measure}, {self.unit}", self.against, *figures, self.note or self.verdict)

    def facts(self) -> dict[str, Any]:
        """Return the line for ``--json``."""
        return asdict(self)


def compared(measure: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float], claim: Claim) -> Line:
    """Return how our cost, in some interleaved rounds, stands against a peer's: by the ratio of their medians."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    ratio = other / mine
    each = [one / own for own, one in zip(ours, theirs, strict=True)]
    return Line(
        measure,
        unit,
        peer,
        mine,
        other,
        ratio,
        (min(each), max(each)),
        claim.must,
        claim.goal,
        claim.verdict(ratio),
    )


def bounded(measure: str, unit: str, values: Sequence[float], claim: Claim, against: str = "") -> Line:
    """Return how a figure of ours, in some rounds, stands against a bound: by its median."""
    value = statistics.median(values)
    return Line(measure, unit, against, ours=value, must=claim.must, goal=claim.goal, verdict=claim.verdict(value))


def lines(
    measure: str, unit: str, costs: Mapping[str, Sequence[float]], claims: Mapping[str, Claim], us: str
) -> list[Line]:
    """Return a line for every peer in ``costs``; ``us`` names our own costs there."""
    return [
        compared(measure, unit, costs[us], peer, cost, claims.get(peer, NOTHING))
        for peer, cost in costs.items()
        if peer != us
    ]


def table(rows: Sequence[Line]) -> str:
    """Return all lines as one table; names to the left, figures to the right."""
    cells = [HEADS, *(row.cells() for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADS))]
    shown = [
        "  ".join(
            cell.rjust(width) if 2 <= place < len(HEADS) - 1 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([shown[0], "-" * (sum(widths) + 2 * len(widths) - 2), *shown[1:]])


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
