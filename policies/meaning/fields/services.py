"""The service asked for: those that policies name, any other relying party, and any other service."""

from itertools import chain, count

from policies.meaning.cases import Case, Sort
from policies.meaning.draft import Choice, Draft
from policies.meaning.fields.field import other
from policies.meaning.space import EMPTY, Space
from policies.meaning.truths import Truths, known
from policies.model import Condition, Policy
from policies.observe import names_of_service
from policies.vocabulary import ANY_CLIENT, CLIENT, SERVICES

OTHER_CLIENT = "other client"


class Services:
    """``service``."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._names: set[str] = set()
        self._dimension = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        self._names.update(str(value) for value in condition.wanted if value != ANY_CLIENT)

    def open(self) -> None:
        order = {name: place for place, name in enumerate(SERVICES)}
        names = sorted(self._names, key=lambda name: (order.get(name, len(order)), name))
        rest = other(chain(SERVICES, (f"another-{number}" for number in count(1))), names)
        client = next(name for number in count(1) if (name := f"{CLIENT}another-{number}") not in self._names)
        cases = (*(Case(name) for name in names), Case(client, Sort.OTHER), *rest)
        self._dimension = self._space.one_of("service", "", cases)

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic, dimension = self._space.logic, self._dimension
        held = [
            test
            for case, test in dimension.pairs()
            if not condition.wanted.isdisjoint(names_of_service(str(case.value)))
        ]
        return known(logic, logic.any(held), logic.true)

    def tell(self, choice: Choice, into: Draft) -> None:
        into.rest["service"] = choice[self._dimension].value
