"""A fact that is one value or unknown, such as a country: the values that policies name, any other, none."""

from collections.abc import Callable, Iterable

from policies.meaning.cases import UNKNOWN
from policies.meaning.draft import Choice, Draft
from policies.meaning.fields.field import named, other
from policies.meaning.space import EMPTY, Space
from policies.meaning.truths import Truths, known
from policies.model import Condition, Policy, Value


class Plain:
    """``key`` is the language's, ``fact`` the name in ``Facts``. ``closed`` are all values that there are, or
    ``others`` candidates for a value that no policy names."""

    def __init__(
        self,
        space: Space,
        key: str,
        fact: str,
        *,
        closed: Iterable[Value] = (),
        others: Callable[[], Iterable[Value]] = tuple,
    ) -> None:
        self._space, self._key, self._fact, self._others = space, key, fact, others
        self._closed = tuple(closed)
        self._named: set[Value] = set()
        self._dimension = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        self._named |= condition.wanted

    def open(self) -> None:
        if self._named:
            values = self._closed or self._named
            cases = (UNKNOWN, *named(values), *other(self._others(), values))
            self._dimension = self._space.one_of(self._key, "", cases)

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic, dimension = self._space.logic, self._dimension
        there = logic.negated(logic.any(dimension.unknown()))
        return known(logic, logic.any(dimension.where(*condition.wanted)), there)

    def tell(self, choice: Choice, into: Draft) -> None:
        if self._named:
            into.rest[self._fact] = choice[self._dimension].value
