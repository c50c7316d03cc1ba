"""The three truths of a condition as two formulas: that it held, and that it was not held. Neither means unknown."""

from collections.abc import Iterable
from dataclasses import dataclass

from policies.meaning.logic import Logic, Term


@dataclass(frozen=True, slots=True)
class Truths:
    """When a condition is held, and when it is not; at no facts both."""

    held: Term
    refuted: Term

    def negated(self) -> "Truths":
        """Return the ``not_`` twin; unknown stays unknown."""
        return Truths(self.refuted, self.held)


def known(logic: Logic, held: Term, where: Term) -> Truths:
    """Return a condition that is ``held`` or not ``where`` its fact is known, and unknown elsewhere."""
    return Truths(logic.all((where, held)), logic.all((where, logic.negated(held))))


def every(logic: Logic, parts: Iterable[Truths]) -> Truths:
    """Return the conjunction: one that is not held settles it, else one unknown leaves it unknown."""
    several = tuple(parts)
    return Truths(logic.all(one.held for one in several), logic.any(one.refuted for one in several))


def either(logic: Logic, parts: Iterable[Truths]) -> Truths:
    """Return the disjunction: one that is held settles it, else one unknown leaves it unknown."""
    several = tuple(parts)
    return Truths(logic.any(one.held for one in several), logic.all(one.refuted for one in several))
