"""Finds facts that meet a formula, and widens them to a cube: the conditions that matter, and no others.

All of it is canonical: the first facts in the order of ``space``, and from them the cube that is left when condition
after condition is left out from the end. So an answer does not depend on what the solver happens to try first.
"""

from collections.abc import Iterable, Mapping, Sequence

from policies.meaning.cases import Case, Clause, Cube
from policies.meaning.logic import Logic, Term
from policies.meaning.space import Dimension, Space

Choice = Mapping[Dimension, Case]
Admitted = Mapping[Dimension, tuple[Case, ...]]
"""For some dimensions, the cases that a cube admits."""


class Search:
    """Asks about the facts of one space. A formula given here is a variable, as from ``Logic.named``."""

    def __init__(self, logic: Logic, space: Space) -> None:
        self._logic, self._likely = logic, tuple(space.likely)
        self._dimensions = space.dimensions()
        self._tests = {one: dict(one.pairs()) for one in self._dimensions}

    def first(self, assumed: Iterable[Term]) -> tuple[Choice, bool]:
        """Return the first facts that meet what is assumed, which something does, and whether they are likely: they are
        if any are that meet it."""
        taken = list(assumed)
        likely = self._logic.possible((*taken, *self._likely))
        taken += self._likely if likely else ()
        choice: dict[Dimension, Case] = {}
        stack: list[Sequence[Dimension]] = [self._dimensions]
        while stack:
            part = stack.pop()
            preferred = [one.tests[0] for one in part]
            if self._logic.possible((*taken, *preferred)):
                choice |= {one: one.cases[0] for one in part}
                taken += preferred
            elif len(part) > 1:
                middle = len(part) // 2
                stack += [part[middle:], part[:middle]]
            else:
                choice[part[0]] = self._other_than_preferred(part[0], taken)
                taken.append(self._tests[part[0]][choice[part[0]]])
        return choice, likely

    def trimmed(self, admitted: Admitted, otherwise: Term, spare: Iterable[Dimension]) -> Admitted:
        """Return the cube without those of the dimensions ``spare`` that it does not take to keep ``otherwise``
        impossible."""
        rest = dict(admitted)
        able = frozenset(spare)
        stack = [[one for one in reversed(self._dimensions) if one in able]]
        while stack:
            part = frozenset(several := stack.pop())
            left = {one: cases for one, cases in rest.items() if one not in part}
            if not self._logic.possible((otherwise, *self.within(left))):
                rest = left
            elif len(several) > 1:
                middle = len(several) // 2
                stack += [several[middle:], several[:middle]]
        return rest

    def widened(self, admitted: Admitted, otherwise: Term) -> Admitted:
        """Return the cube with all cases of its dimensions that do not make ``otherwise`` possible."""
        wide = dict(admitted)
        for one in [one for one in self._dimensions if one in wide]:
            rest = self.within({other: cases for other, cases in wide.items() if other is not one})
            wide[one] = tuple(
                case
                for case, test in self._tests[one].items()
                if case in admitted[one] or not self._logic.possible((otherwise, test, *rest))
            )
        return wide

    def within(self, admitted: Admitted) -> list[Term]:
        """Return as assumptions that facts lie in a cube."""
        negated = self._logic.negated
        return [
            self._tests[one][cases[0]] if len(cases) == 1 else negated(test)
            for one, cases in admitted.items()
            for case, test in self._tests[one].items()
            if (case == cases[0] if len(cases) == 1 else case not in cases)
        ]

    def outside(self, admitted: Admitted) -> Term:
        """Return that facts do not lie in a cube."""
        return self._logic.any(
            test for one, cases in admitted.items() for case, test in self._tests[one].items() if case not in cases
        )

    def cube(self, admitted: Admitted) -> Cube:
        """Return a cube as clauses, in order."""
        return tuple(_clause(one, admitted[one]) for one in self._dimensions if one in admitted)

    def _other_than_preferred(self, one: Dimension, taken: Sequence[Term]) -> Case:
        """Return the first case but the preferred one, which is known to be impossible. The last needs no question."""
        *middle, last = list(self._tests[one].items())[1:]
        return next((case for case, test in middle if self._logic.possible((*taken, test))), last[0])


def _clause(dimension: Dimension, cases: tuple[Case, ...]) -> Clause:
    shown = tuple(case for case in dimension.cases if case in cases)
    return Clause(dimension.key, (dimension.name,), shown, tuple(case for case in dimension.cases if case not in cases))
