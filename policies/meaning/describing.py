"""Puts changes into few words: finds cube after cube until all facts that change are told, and chooses for each how
wide it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.meaning.answers import Scope
from policies.meaning.cases import NO, Cube
from policies.meaning.logic import Logic, Term
from policies.meaning.search import Admitted, Choice, Search

PRESENCE = frozenset({"who", "device", "network"})
"""Dimensions that are not spoken of where another one of their section is."""

MEMBERSHIP = frozenset({"who.groups", "who.users"})

COST: Mapping[Scope, float] = {Scope.ALL: 0.0, Scope.AFTER: 2.4, Scope.BEFORE: 2.6}
"""How many words more an exact cube may take than a wider one before that is told instead."""

TRIMMED = -0.5
"""What a cube costs less from which only the groups and users were left out that nobody is in."""


@dataclass(frozen=True, slots=True)
class Change:
    """Facts that change alike, and what they all were before or are now, as far as that is worth telling (to be denied
    because no rule matched is not). All are variables."""

    whole: Term
    sides: Mapping[Scope, Term]


@dataclass(frozen=True, slots=True)
class Found:
    """A cube, what it says of the change, and facts in it that do change."""

    cube: Cube
    scope: Scope
    likely: bool
    choice: Choice


def cubes(logic: Logic, search: Search, change: Change) -> Iterator[Found]:
    """Yield cubes until every fact that changes lies in one.

    Raises:
        OutOfTime: the limit was reached; what was yielded stands.
    """
    fresh = logic.variable()
    while logic.possible((fresh, change.whole)):
        choice, likely = search.first((fresh, change.whole))
        scope, admitted = _described(logic, search, choice, change)
        logic.require(logic.any((logic.negated(fresh), search.outside(admitted))))
        if not likely:
            choice, likely = search.first((change.whole, *search.within(admitted)))
        yield Found(search.cube(admitted), scope, likely, choice)


def exact(logic: Logic, search: Search, wanted: Term) -> Found | None:
    """Return one cube all of whose facts meet ``wanted``, None when nothing does. Raises OutOfTime."""
    if not logic.possible((wanted,)):
        return None
    choice, likely = search.first((wanted,))
    admitted = _exact(search, choice, logic.negated(wanted))
    return Found(search.cube(admitted), Scope.ALL, likely, choice)


def _described(logic: Logic, search: Search, choice: Choice, change: Change) -> tuple[Scope, Admitted]:
    """Return the cheapest of the exact cube and of what is left of it where only one side of the change must hold."""
    whole = _exact(search, choice, logic.negated(change.whole))
    best, scope, admitted, otherwise = _words(whole), Scope.ALL, whole, None
    for side, term in change.sides.items():
        absent = (one for one, cases in whole.items() if one.key in MEMBERSHIP and cases == (NO,))
        trimmed = search.trimmed(whole, logic.negated(term), absent)
        if _words(trimmed) + COST[side] + TRIMMED < best:
            best, scope, admitted, otherwise = _words(trimmed) + COST[side] + TRIMMED, side, trimmed, None
        wide = search.trimmed(trimmed, logic.negated(term), trimmed)
        if _words(wide) + COST[side] < best:
            best, scope, admitted, otherwise = _words(wide) + COST[side], side, wide, logic.negated(term)
    return scope, admitted if otherwise is None else search.widened(admitted, otherwise)


def _exact(search: Search, choice: Choice, otherwise: Term) -> Admitted:
    """Return the widest cube around a choice in which ``otherwise`` is impossible."""
    point = {one: (case,) for one, case in choice.items()}
    return search.widened(search.trimmed(point, otherwise, point), otherwise)


def _words(admitted: Admitted) -> float:
    """Return about how long it takes to say."""
    return float(sum(1 for one in admitted if one.key not in PRESENCE))
