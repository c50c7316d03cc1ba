"""Who asks: names, groups and attributes of a user. Without a user all of it is unknown."""

from policies.meaning.cases import UNKNOWN, YES
from policies.meaning.draft import Choice, Draft
from policies.meaning.fields.field import asked, named, other
from policies.meaning.space import Dimension, Space
from policies.meaning.truths import Truths, every, known
from policies.model import Condition, Policy
from policies.observe import Attributes

ALREADY = 2
"""A user has a name and an address, and so is at most two of those that policies name."""


class Users:
    """``who.users``."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._names: set[str] = set()
        self._dimensions: dict[str, Dimension] = {}

    def learn(self, condition: Condition, policy: Policy) -> None:
        self._names.update(str(value) for value in condition.wanted)

    def open(self) -> None:
        logic = self._space.logic
        for name in sorted(self._names):
            self._dimensions[name] = self._space.yes_no("who.users", name, likely=False)
        by_name = [self._dimensions[name].where(True)[0] for name in self._dimensions if "@" not in name]
        by_address = [self._dimensions[name].where(True)[0] for name in self._dimensions if "@" in name]
        logic.require(logic.at_most(ALREADY, [*by_name, *by_address]))
        for several in (by_name, by_address):
            if len(several) > 1:
                self._space.expect(logic.at_most(1, several))

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        tests = [self._dimensions[str(name)].where(True)[0] for name in sorted(condition.wanted, key=str)]
        return known(logic, logic.any(tests), self._space.someone)

    def tell(self, choice: Choice, into: Draft) -> None:
        are = [name for name, dimension in self._dimensions.items() if choice[dimension] == YES]
        address = next((name for name in reversed(are) if "@" in name), are[1] if len(are) > 1 else None)
        for name in are:
            into.user["email" if name == address else "name"] = name


class Groups:
    """``who.groups``."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._names: set[str] = set()
        self._dimensions: dict[str, Dimension] = {}

    def learn(self, condition: Condition, policy: Policy) -> None:
        self._names.update(str(value) for value in condition.wanted)

    def open(self) -> None:
        for name in sorted(self._names):
            self._dimensions[name] = self._space.yes_no("who.groups", name, likely=False)

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        tests = [self._dimensions[str(name)].where(True)[0] for name in sorted(condition.wanted, key=str)]
        return known(logic, logic.any(tests), self._space.someone)

    def tell(self, choice: Choice, into: Draft) -> None:
        into.user["groups"] = frozenset(name for name, one in self._dimensions.items() if choice[one] == YES)


class UserAttributes:
    """``who.attributes``."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._values: dict[str, set[str]] = {}
        self._dimensions: dict[str, Dimension] = {}

    def learn(self, condition: Condition, policy: Policy) -> None:
        for name, values in _wanted(condition):
            self._values.setdefault(name, set()).update(values)

    def open(self) -> None:
        for name, values in sorted(self._values.items()):
            candidates = ("other", *(f"other {number}" for number in range(len(values))))
            cases = (UNKNOWN, *named(values), *other(candidates, values))
            self._dimensions[name] = self._space.one_of("who.attributes", name, cases)

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        parts = []
        for name, values in _wanted(condition):
            dimension = self._dimensions[name]
            there = logic.all((self._space.someone, logic.negated(logic.any(dimension.unknown()))))
            parts.append(known(logic, logic.any(dimension.where(*values)), there))
        return every(logic, parts)

    def tell(self, choice: Choice, into: Draft) -> None:
        found = {name: choice[dimension] for name, dimension in self._dimensions.items()}
        into.user["attributes"] = {name: case.value for name, case in found.items() if case != UNKNOWN}


def _wanted(condition: Condition) -> tuple[tuple[str, frozenset[str]], ...]:
    return asked(condition, Attributes).wanted
