"""Diff: what changes in meaning between two policies, over all facts, as few rows that an admin can read."""

from collections.abc import Sequence
from itertools import chain

from kernel.clock import Clock
from policies.decide import decide
from policies.facts import Facts
from policies.meaning.answers import ACCESS, AUTHORSHIP, Difference, Kind, Row
from policies.meaning.changes import authors, changes, kinds_of
from policies.meaning.describing import Change, Found, cubes
from policies.meaning.logic import OutOfTime
from policies.meaning.merging import merged
from policies.meaning.question import LIMIT, Question
from policies.model import Policy

MOST = 12
"""Rows of one kind that are shown."""

LOOKED_AT = 2
"""How many times as many are found, so that they can be joined."""


def diff(
    old: Policy, new: Policy, clock: Clock, *, limit: float = LIMIT, authorship: bool = False, most: int = MOST
) -> Difference:
    """Return what changes from ``old`` to ``new``, for all facts from now on.

    ``limit``: seconds; which kinds of change were not settled by then is told. ``authorship``: also where the same is
    decided by a rule of another name, or reported by other rules. ``most``: rows of a kind.

    Raises:
        Unmodelled: a condition that the prover does not know.
    """
    kinds = (*ACCESS, *AUTHORSHIP) if authorship else ACCESS
    try:
        question = Question((old, new), clock, limit)
    except OutOfTime:
        return Difference((), undecided=kinds)
    comparison = _Comparison(question, (old, new), most)
    comparison.settle(kinds)
    comparison.tell()
    return comparison.difference(kinds)


class _Comparison:
    """First settles for every kind whether there is such a change at all, then looks for rows in the time left."""

    def __init__(self, question: Question, policies: tuple[Policy, Policy], most: int) -> None:
        self._question, self._policies, self._most = question, policies, most
        self._changes: dict[Kind, list[Change]] = {}
        self._unsettled: set[Kind] = set()
        self._rows: dict[Kind, list[Row]] = {}
        self._more: set[Kind] = set()
        self._faults: list[str] = []

    def settle(self, kinds: Sequence[Kind]) -> None:
        """Find the kinds of change that are possible; what is not settled in time is remembered as such."""
        logic, readings = self._question.logic, self._question.readings
        self._unsettled = set(kinds)
        try:
            told = authors(logic, *readings) if set(kinds) & set(AUTHORSHIP) else ()
            for kind, change in chain(changes(logic, *readings), told):
                if logic.possible((change.whole,)):
                    self._changes.setdefault(kind, []).append(change)
        except OutOfTime:
            return
        self._unsettled = set()

    def tell(self) -> None:
        """Look for rows, each kind in its share of the time."""
        for number, kind in enumerate(self._changes):
            try:
                self._question.logic.deadline = self._question.deadline.part(1 / (len(self._changes) - number))
                self._tell(kind)
            except OutOfTime:
                self._more.add(kind)

    def difference(self, kinds: Sequence[Kind]) -> Difference:
        """Return what was found."""
        rows = {kind: merged(self._rows.get(kind, [])) for kind in kinds}
        more = self._more | {kind for kind in kinds if len(rows[kind]) > self._most}
        return Difference(
            tuple(row for kind in kinds for row in rows[kind][: self._most]),
            tuple(kind for kind in kinds if kind in more),
            tuple(kind for kind in kinds if kind in self._unsettled),
            tuple(self._faults),
        )

    def _tell(self, kind: Kind) -> None:
        looked_at = self._most * LOOKED_AT
        logic, search = self._question.logic, self._question.search
        found = chain.from_iterable(cubes(logic, search, change) for change in self._changes[kind])
        for number, each in enumerate(found):
            if number == looked_at:
                self._more.add(kind)
                return
            self._confirm(kind, each, self._question.facts(each))

    def _confirm(self, kind: Kind, found: Found, facts: Facts) -> None:
        """Add a row, if deciding its example shows the change; else the prover is wrong, and says so."""
        before, after = (decide(policy, facts) for policy in self._policies)
        if kind in kinds_of(before, after):
            row = Row(kind, found.cube, found.scope, found.likely, facts, before, after)
            self._rows.setdefault(kind, []).append(row)
            return
        self._faults.append(f"{kind}: an example was not confirmed, at service {facts.service}")
        self._unsettled.add(kind)
