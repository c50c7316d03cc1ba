"""All possible facts as dimensions of cases, with the axioms that tie them together. Owns their order.

The order is that in which an admin reads, and it decides what an answer is made of: examples take the first case that
is possible, dimension after dimension, and what can be left out of an answer is left out from the end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policies.meaning.cases import NO, YES, Case, Sort
from policies.meaning.logic import Logic, Term

ORDER = (
    "service",
    "who.groups",
    "who.users",
    "who.attributes",
    "who",
    "device.trust",
    "device.posture",
    "network.in",
    "network.countries",
    "network.asn",
    "network.anonymous",
    "device.platform",
    "device.owner",
    "device.proof",
    "when.days",
    "when.between",
    "signin.factors",
    "signin.age",
    "signin",
    "device",
    "network",
    "device.signals",
)
"""Keys of the language, and three more: ``who``, ``device`` and ``network`` say whether there is anything to know. A
key that is not listed goes before ``device``."""

PAIRWISE = 12


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    """What can be one of several ``cases``, the preferred one first; ``tests`` are true where it is that case."""

    key: str
    name: str
    cases: tuple[Case, ...]
    tests: tuple[Term, ...]

    def pairs(self) -> list[tuple[Case, Term]]:
        """Return each case with its test."""
        return list(zip(self.cases, self.tests, strict=True))

    def where(self, *values: object) -> list[Term]:
        """Return the tests of the named cases with these values."""
        return [test for case, test in self.pairs() if case.sort is Sort.NAMED and case.value in values]

    def unknown(self) -> list[Term]:
        """Return the tests of the cases in which the fact is not known."""
        return [test for case, test in self.pairs() if case.sort is Sort.UNKNOWN]


EMPTY = Dimension("", "", (), ())
"""Of a fact that no policy asks for."""


class Space:
    """Everything that facts can be. ``someone`` and ``machine`` say whether user and device are known; ``likely`` are
    what facts of our own doors always meet, so that examples look like life where life has one."""

    def __init__(self, logic: Logic) -> None:
        self.logic = logic
        self.likely: list[Term] = []
        self._dimensions: list[Dimension] = []
        self._who, self._device = self.yes_no("who"), self.yes_no("device")
        self.someone, self.machine = self._who.tests[0], self._device.tests[0]

    def dimensions(self) -> Sequence[Dimension]:
        """Return every dimension, in order."""
        place = {key: number for number, key in enumerate(ORDER)}
        return sorted(self._dimensions, key=lambda one: (place.get(one.key, place["signin"]), one.name))

    def chosen(self, choice: Mapping[Dimension, Case]) -> tuple[bool, bool]:
        """Return whether there is a user, and whether there is a device."""
        return choice[self._who] == YES, choice[self._device] == YES

    def one_of(self, key: str, name: str, cases: Iterable[Case]) -> Dimension:
        """Add a dimension that is free to be any of its cases."""
        several = tuple(cases)
        if len(several) == 2:
            test = self.logic.variable()
            return self.tied(key, name, several, (test, self.logic.negated(test)))
        tests = tuple(self.logic.variable() for _ in several)
        self.logic.require(self.logic.any(tests))
        self._exclude(tests)
        return self.tied(key, name, several, tests)

    def yes_no(self, key: str, name: str = "", likely: bool = True) -> Dimension:
        """Add a dimension that is free to be so or not."""
        return self.one_of(key, name, (YES, NO) if likely else (NO, YES))

    def tied(self, key: str, name: str, cases: tuple[Case, ...], tests: tuple[Term, ...]) -> Dimension:
        """Add a dimension whose tests follow from other ones; exactly one of them holds at all facts."""
        made = Dimension(key, name, cases, tests)
        self._dimensions.append(made)
        return made

    def expect(self, term: Term) -> None:
        """Say what is so whenever our own doors bring facts; other facts stay possible."""
        self.likely.append(self.logic.named(term))

    def _exclude(self, tests: Sequence[Term]) -> None:
        logic = self.logic
        if len(tests) > PAIRWISE:
            logic.require(logic.at_most(1, tests))
            return
        for place, one in enumerate(tests):
            for other in tests[:place]:
                logic.require(logic.any((logic.negated(one), logic.negated(other))))
