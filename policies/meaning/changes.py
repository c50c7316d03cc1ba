"""The kinds of change between two policies: of two decisions, and as formulas over all facts."""

from collections.abc import Iterator, Mapping

from policies.meaning.answers import Kind, Scope
from policies.meaning.describing import Change
from policies.meaning.effects import Authorship, Effect
from policies.meaning.logic import Logic, Term
from policies.meaning.reading import Reading
from policies.model import Decision, Outcome

_BETWEEN: Mapping[tuple[Outcome, Outcome], Kind] = {
    (Outcome.DENY, Outcome.ALLOW): Kind.OPENED,
    (Outcome.DENY, Outcome.STEP_UP): Kind.OPENED,
    (Outcome.ALLOW, Outcome.DENY): Kind.CLOSED,
    (Outcome.STEP_UP, Outcome.DENY): Kind.CLOSED,
    (Outcome.ALLOW, Outcome.STEP_UP): Kind.ASKED,
    (Outcome.STEP_UP, Outcome.ALLOW): Kind.SPARED,
    (Outcome.STEP_UP, Outcome.STEP_UP): Kind.ASKED_OTHERWISE,
    (Outcome.ALLOW, Outcome.ALLOW): Kind.LIMITED,
}
"""What it is when the effects differ."""


def kinds_of(before: Decision, after: Decision) -> set[Kind]:
    """Return what becomes of somebody about whom two policies decide so; nothing when it is all the same."""
    found = set()
    if Effect.of(before) != Effect.of(after):
        found.add(_BETWEEN[before.outcome, after.outcome])
    elif before.rule != after.rule:
        found.add(Kind.DECIDED_BY)
    if Authorship.of(before).reports != Authorship.of(after).reports:
        found.add(Kind.REPORTED)
    return found


def changes(logic: Logic, old: Reading, new: Reading) -> Iterator[tuple[Kind, Change]]:
    """Yield every change there may be: several of a kind, where rows must not mix what they stand for."""
    by_rule = [
        logic.named(logic.all((each.outcome(Outcome.DENY), logic.negated(each.deciding[""])))) for each in (old, new)
    ]
    let_in = [logic.named(reading.outcome(Outcome.ALLOW, Outcome.STEP_UP)) for reading in (old, new)]
    yield Kind.OPENED, _change(logic, old.deciding[""], let_in[1], (Scope.AFTER,))
    yield Kind.OPENED, _change(logic, by_rule[0], let_in[1])
    yield Kind.CLOSED, _change(logic, let_in[0], new.deciding[""], (Scope.BEFORE,))
    yield Kind.CLOSED, _change(logic, let_in[0], by_rule[1])
    for one, when in old.effects.items():
        for other, then in new.effects.items():
            if one != other and Outcome.DENY not in (one.outcome, other.outcome):
                yield _BETWEEN[one.outcome, other.outcome], _change(logic, when, then)


def authors(logic: Logic, old: Reading, new: Reading) -> Iterator[tuple[Kind, Change]]:
    """Yield, for every rule, where it decided and another one decides the same now, and where it reports or no longer
    does."""
    same = logic.named(
        logic.any(logic.all((when, new.effects[each])) for each, when in old.effects.items() if each in new.effects)
    )
    for name, when in old.deciding.items():
        other = logic.negated(new.deciding[name]) if name in new.deciding else logic.true
        yield Kind.DECIDED_BY, _change(logic, logic.named(logic.all((when, same))), logic.named(other), (Scope.BEFORE,))
    for name in dict.fromkeys((*old.reporting, *new.reporting)):
        before, after = (logic.named(each.reporting.get(name, logic.false)) for each in (old, new))
        yield Kind.REPORTED, _change(logic, before, logic.negated(after), (Scope.BEFORE,))
        yield Kind.REPORTED, _change(logic, logic.negated(before), after, (Scope.AFTER,))


def _change(logic: Logic, before: Term, after: Term, told: tuple[Scope, ...] = (Scope.AFTER, Scope.BEFORE)) -> Change:
    sides = {Scope.AFTER: after, Scope.BEFORE: before}
    return Change(logic.named(logic.all((before, after))), {scope: sides[scope] for scope in told})
