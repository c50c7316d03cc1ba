"""The sign-in behind a session: which factors were shown and how long ago, and when it began."""

import math
from collections.abc import Iterable
from itertools import pairwise

from kernel.records.sessions import Factor
from policies.meaning.cases import UNKNOWN, Ages, Case
from policies.meaning.draft import Choice, Draft
from policies.meaning.fields.field import asked
from policies.meaning.logic import Term
from policies.meaning.space import EMPTY, Dimension, Space
from policies.meaning.truths import Truths, known
from policies.model import Condition, Policy, Requirement
from policies.moments import SKEW, SigninAge

AHEAD = Ages(-math.inf, -SKEW)
"""Stamped in the future by more than clocks may differ: not believed."""


class Factors:
    """``signin.factors``, and what a rule requires."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._limits: dict[str, set[float]] = {}
        self.dimensions: dict[str, Dimension] = {}

    def learn(self, condition: Condition, policy: Policy) -> None:
        for name in condition.wanted:
            self._limits.setdefault(str(name), set())

    def require(self, requirement: Requirement) -> None:
        """Note what a requirement tells apart."""
        for factor in requirement.factors:
            limits = self._limits.setdefault(factor.value, set())
            limits |= set() if requirement.within is None else {requirement.within}

    def open(self) -> None:
        for factor in Factor:
            if factor.value in self._limits:
                cases = (UNKNOWN, *aged(self._limits[factor.value]))
                self.dimensions[factor.value] = self._space.one_of("signin.factors", factor.value, cases)
                believe(self._space, self.dimensions[factor.value])

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        return known(logic, logic.any(self._shown(str(name)) for name in sorted(condition.wanted, key=str)), logic.true)

    def met(self, requirement: Requirement) -> Term:
        """Return when a requirement is met."""
        if requirement.within is None:
            return self._space.logic.any(self._shown(factor.value) for factor in requirement.factors)
        dimensions = (self.dimensions[factor.value] for factor in requirement.factors)
        return self._space.logic.any(test for one in dimensions for test in younger(one, requirement.within))

    def tell(self, choice: Choice, into: Draft) -> None:
        chosen = {name: choice[dimension].value for name, dimension in self.dimensions.items()}
        into.factors = {name: ages.example() for name, ages in chosen.items() if isinstance(ages, Ages)}

    def _shown(self, factor: str) -> Term:
        return self._space.logic.negated(self.dimensions[factor].tests[0])


class SignInAges:
    """``signin.age``. There are no factors without a sign-in."""

    def __init__(self, space: Space, factors: Factors) -> None:
        self._space, self._factors = space, factors
        self._limits: set[float] = set()
        self._dimension = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        self._limits.add(_seconds(condition))

    def open(self) -> None:
        if not self._limits:
            return
        logic, space = self._space.logic, self._space
        self._dimension = space.one_of("signin.age", "", (UNKNOWN, *aged(self._limits)))
        believe(space, self._dimension)
        none = self._dimension.tests[0]
        for dimension in self._factors.dimensions.values():
            space.expect(logic.any((logic.negated(none), dimension.tests[0])))

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        believed = logic.any(younger(self._dimension, math.inf))
        return known(logic, logic.any(younger(self._dimension, _seconds(condition))), believed)

    def tell(self, choice: Choice, into: Draft) -> None:
        ages = choice[self._dimension].value if self._limits else None
        into.signin = ages.example() if isinstance(ages, Ages) else None


def aged(limits: Iterable[float]) -> list[Case]:
    """Return the cases of an age that ``limits`` tell apart, youngest first, and last a stamp from the future."""
    edges = [0.0, *sorted(limits), math.inf]
    return [*(Case(Ages(low, high)) for low, high in pairwise(edges)), Case(AHEAD)]


def believe(space: Space, dimension: Dimension) -> None:
    """Expect nothing to be stamped in the future."""
    space.expect(space.logic.negated(dimension.tests[-1]))


def younger(dimension: Dimension, limit: float) -> list[Term]:
    """Return the tests of the ages below ``limit`` that are believed."""
    return [
        test
        for case, test in dimension.pairs()
        if isinstance(case.value, Ages) and case.value != AHEAD and case.value.high <= limit
    ]


def _seconds(condition: Condition) -> float:
    return asked(condition, SigninAge).seconds
