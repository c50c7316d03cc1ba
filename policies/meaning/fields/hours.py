"""When: the combinations of days and hours that come up from a moment on (``policies.meaning.calendar``)."""

from collections.abc import Mapping

from policies.meaning.calendar import Hours, Together, moments
from policies.meaning.cases import NO, YES
from policies.meaning.draft import Choice, Draft
from policies.meaning.fields.field import asked
from policies.meaning.space import Dimension, Space
from policies.meaning.truths import Truths, known
from policies.model import Condition, Policy
from policies.moments import Between, Days


class Clock:
    """``when.days`` and ``when.between``. ``since`` is the first moment that counts."""

    def __init__(self, space: Space, since: float) -> None:
        self._space, self._since = space, since
        self._asked: dict[Hours, str] = {}
        self._dimensions: dict[Hours, Dimension] = {}
        self._moments: Mapping[Together, float] = {}

    def learn(self, condition: Condition, policy: Policy) -> None:
        self._asked.setdefault(_hours(condition), condition.key)

    def open(self) -> None:
        if not self._asked:
            return
        space, logic = self._space, self._space.logic
        self._moments = moments(tuple(self._asked), self._since, logic.deadline.left)
        spots = [(truths, logic.variable()) for truths in self._moments]
        logic.require(logic.any(test for _, test in spots))
        logic.require(logic.at_most(1, [test for _, test in spots]))
        for place, (hours, key) in enumerate(self._asked.items()):
            held = logic.named(logic.any(test for truths, test in spots if truths[place]))
            self._dimensions[hours] = space.tied(key, hours.wants(), (YES, NO), (held, logic.negated(held)))

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        return known(logic, self._dimensions[_hours(condition)].tests[0], logic.true)

    def tell(self, choice: Choice, into: Draft) -> None:
        if self._asked:
            into.now = self._moments[tuple(choice[self._dimensions[each]] == YES for each in self._asked)]


def _hours(condition: Condition) -> Hours:
    return asked(condition, Days) if condition.key == "when.days" else asked(condition, Between)
