"""One policy as formulas: which rule is the first to match, and what that comes to. The exact twin of
``policies.program``: an allow matches where all its conditions are held, a deny where none is refuted."""

from collections.abc import Mapping

from policies.meaning.effects import DENY, Effect, effect
from policies.meaning.fields.table import Fields
from policies.meaning.logic import Logic, Term
from policies.meaning.truths import Truths, every
from policies.model import Condition, Outcome, Policy, Probe, Rule, Value

_Asked = tuple[str, bool, frozenset[Value], Probe | None]


class Reading:
    """``effects`` holds, for every effect that the policy may come to, when it does; ``deciding`` and ``reporting``
    the same for its rules by name (``""``: none matched). ``matching`` and ``reaching`` are, rule by rule, when it
    matches, and when no rule before it decided."""

    def __init__(self, logic: Logic, fields: Fields, policy: Policy) -> None:
        self._logic, self._fields, self._policy = logic, fields, policy
        self._truths: dict[_Asked, Truths] = {}
        self._parts: dict[Effect, list[Term]] = {DENY: []}
        self.deciding: dict[str, Term] = {}
        self.reporting: dict[str, Term] = {}
        self.matching: list[Term] = []
        self.reaching: list[Term] = []
        self._read()
        self.effects: Mapping[Effect, Term] = {
            each: logic.named(logic.any(terms)) for each, terms in self._parts.items()
        }

    def outcome(self, *wanted: Outcome) -> Term:
        """Return when the policy comes to one of these outcomes."""
        return self._logic.any(term for each, term in self.effects.items() if each.outcome in wanted)

    def meets(self, conditions: tuple[Condition, ...]) -> Truths:
        """Return when all conditions are held, and when one is refuted."""
        return every(self._logic, (self._condition(each) for each in conditions))

    def _read(self) -> None:
        logic = self._logic
        before = logic.true
        for rule in self._policy.rules:
            logic.deadline.left()
            matches = logic.named(self._matches(rule))
            self.matching.append(matches)
            self.reaching.append(before)
            first = logic.named(logic.all((before, matches)))
            if rule.report:
                self.reporting[rule.name] = first
                continue
            self.deciding[rule.name] = first
            self._decided(rule, first)
            before = logic.named(logic.all((before, logic.negated(matches))))
        self.deciding[""] = logic.named(before)
        self._parts[DENY].append(before)

    def _matches(self, rule: Rule) -> Term:
        found = self.meets(rule.conditions)
        return found.held if rule.outcome is Outcome.ALLOW else self._logic.negated(found.refuted)

    def _decided(self, rule: Rule, first: Term) -> None:
        logic = self._logic
        if rule.require is None or rule.outcome is Outcome.DENY:
            self._part(rule, rule.outcome, first)
            return
        met = self._fields.met(rule.require)
        self._part(rule, rule.outcome, logic.all((first, met)))
        self._part(rule, Outcome.STEP_UP, logic.all((first, logic.negated(met))))

    def _part(self, rule: Rule, outcome: Outcome, term: Term) -> None:
        self._parts.setdefault(effect(outcome, rule.limits, rule.require), []).append(term)

    def _condition(self, condition: Condition) -> Truths:
        """Return the truths of a condition, held once for all rules that ask the same."""
        asked = (condition.key, condition.negated, condition.wanted, condition.probe)
        if asked not in self._truths:
            found = self._fields.truths(condition, self._policy)
            self._truths[asked] = Truths(self._logic.named(found.held), self._logic.named(found.refuted))
        return self._truths[asked]
