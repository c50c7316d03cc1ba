"""Formulas and the questions asked about them: the one place that touches z3. Owns the time limit.

Everything is finite, so a formula is made of truth values alone, and z3's solver for finite domains (QF_FD) answers in
well under a millisecond. A question that runs out of time raises; no answer is ever guessed.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import z3

from kernel.clock import Clock

Term: TypeAlias = Any
"""A formula of z3, which comes without types."""

PATIENCE = (2_000, 8_000, *(30_000,) * 1000)
"""Conflicts that the solver may run into before the clock is looked at again; 10,000 take a fraction of a second."""


class OutOfTime(Exception):
    """The limit was reached before there was an answer."""


class Deadline:
    """How long all questions together may take, in seconds."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._until = clock, clock.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises OutOfTime when there are none."""
        left = self._until - self._clock.monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def part(self, share: float) -> "Deadline":
        """Return a deadline of its own, after a share of what is left. Raises OutOfTime."""
        return Deadline(self._clock, self.left() * share)


class Logic:
    """Makes formulas, holds the axioms, and answers whether something is possible under them."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self._context = z3.Context()
        self._solver = z3.SolverFor("QF_FD", ctx=self._context)
        self._count = self._patience = 0
        self.true, self.false = z3.BoolVal(True, self._context), z3.BoolVal(False, self._context)

    def variable(self) -> Term:
        """Return a new truth value that nothing is known of."""
        self._count += 1
        return z3.Bool(f"v{self._count}", self._context)

    def named(self, term: Term) -> Term:
        """Return a variable that is true exactly when ``term`` is, so that a long formula is held once."""
        name = self.variable()
        self._solver.add(name == term)
        return name

    def all(self, terms: Iterable[Term]) -> Term:
        """Return whether all hold (true when there are none)."""
        several = list(terms)
        return several[0] if len(several) == 1 else z3.And(several) if several else self.true

    def any(self, terms: Iterable[Term]) -> Term:
        """Return whether one holds (false when there are none)."""
        several = list(terms)
        return several[0] if len(several) == 1 else z3.Or(several) if several else self.false

    def negated(self, term: Term) -> Term:
        """Return whether it does not hold."""
        return term.arg(0) if z3.is_not(term) else z3.Not(term)

    def at_most(self, most: int, terms: Sequence[Term]) -> Term:
        """Return whether no more than ``most`` of them hold."""
        return z3.AtMost(*terms, most) if len(terms) > most else self.true

    def require(self, term: Term) -> None:
        """Make ``term`` hold in every answer from now on."""
        self._solver.add(term)

    def possible(self, assumed: Iterable[Term]) -> bool:
        """Return whether everything assumed (variables and negated ones) can hold together.

        The limit is kept by counting conflicts: z3 would start a thread for every timeout.

        Raises:
            OutOfTime: not decided within the limit.
        """
        terms = [term.as_ast() for term in assumed]
        several = (z3.Ast * len(terms))(*terms)
        for patience in PATIENCE:
            self.deadline.left()
            if patience != self._patience:
                self._solver.set("max_conflicts", patience)
                self._patience = patience
            # z3's own wrapper converts every assumption anew, which takes longer than the answer.
            answer = z3.Z3_solver_check_assumptions(self._context.ref(), self._solver.solver, len(terms), several)
            if answer != z3.Z3_L_UNDEF:
                return bool(answer == z3.Z3_L_TRUE)
        raise OutOfTime
