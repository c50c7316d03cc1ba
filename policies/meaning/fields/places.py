"""Where from: which of the named networks hold the address. Only combinations that some address has are possible."""

from policies.addresses import RangeIndex
from policies.meaning.cases import NO, YES
from policies.meaning.draft import Choice, Draft
from policies.meaning.space import EMPTY, Dimension, Space
from policies.meaning.truths import Truths, known
from policies.model import Condition, Policy, Range

SHOWN = 3
USUAL = ("203.0.113.9", "198.18.0.1", "2001:db8::9")
"""Addresses that an example takes where they will do."""

Ranges = frozenset[Range]


class Places:
    """``network.in``. A name means what its own policy says: two meanings of one name are two networks here."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._names: dict[Ranges, str] = {}
        self._dimensions: dict[Ranges, Dimension] = {}
        self._addresses: dict[frozenset[str], str] = {}
        self._anywhere = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        for name in sorted(condition.wanted, key=str):
            self._names.setdefault(_ranges(str(name), policy), str(name))

    def open(self) -> None:
        if not self._names:
            return
        space, logic = self._space, self._space.logic
        self._anywhere = space.yes_no("network")
        space.expect(self._anywhere.tests[0])
        labels = self._labels()
        index = RangeIndex({labels[each]: each for each in labels})
        self._addresses = {index.spelt(bits): address for bits, address in index.examples(USUAL).items()}
        spots = [(names, logic.variable()) for names in self._addresses]
        logic.require(logic.any(test for _, test in spots))
        logic.require(logic.at_most(1, [test for _, test in spots]))
        for ranges, label in labels.items():
            inside = logic.named(logic.any(test for names, test in spots if label in names))
            tests = (logic.negated(inside), inside)
            self._dimensions[ranges] = space.tied("network.in", label, (NO, YES), tests)

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        ranges = [_ranges(str(name), policy) for name in sorted(condition.wanted, key=str)]
        held = logic.any(self._dimensions[each].where(True)[0] for each in ranges)
        return known(logic, held, self._anywhere.tests[0])

    def tell(self, choice: Choice, into: Draft) -> None:
        if self._dimensions:
            inside = frozenset(one.name for one in self._dimensions.values() if choice[one] == YES)
            into.rest["address"] = self._addresses[inside] if choice[self._anywhere] == YES else ""

    def _labels(self) -> dict[Ranges, str]:
        """Return a name for each network: its own, with its ranges where policies mean several by it."""
        names = list(self._names.values())
        labels: dict[Ranges, str] = {}
        for ranges, name in self._names.items():
            label = name if names.count(name) == 1 else f"{name} ({_listed(ranges)})"
            labels[ranges] = label if label not in labels.values() else f"{label} [{len(labels) + 1}]"
        return labels


def _ranges(name: str, policy: Policy) -> Ranges:
    return frozenset(policy.networks[name].ranges)


def _listed(ranges: Ranges) -> str:
    words = sorted(str(each) for each in ranges)
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more
