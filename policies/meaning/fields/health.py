"""Postures: what a device reported, and how long ago, as far as postures tell it apart.

A signal is a value that is believed, or unknown: never reported, too old, stamped in the future and of the wrong type
are all the same to every posture. How old the newest report is counts where a posture asks for nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from policies.meaning.cases import NO, UNKNOWN, YES, Ages, Case, Reported, Versions
from policies.meaning.draft import Choice, Draft
from policies.meaning.fields.field import asked
from policies.meaning.fields.machines import Platforms
from policies.meaning.fields.signins import AHEAD, aged, believe
from policies.meaning.logic import Term
from policies.meaning.space import EMPTY, Dimension, Space
from policies.meaning.truths import Truths, either, every
from policies.model import Condition, Policy
from policies.posture import AnyPosture, Posture
from policies.vocabulary import OS_VERSION, SIGNALS

Meaning = tuple[object, ...]


class Health:
    """``device.posture``."""

    def __init__(self, space: Space, platforms: Platforms) -> None:
        self._space, self._platforms = space, platforms
        self._postures: dict[Meaning, Posture] = {}
        self._truths: dict[Meaning, Truths] = {}
        self._signals: dict[str, Dimension] = {}
        self._newest = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        for posture in _postures(condition):
            self._postures.setdefault(_meaning(posture), posture)
            self._platforms.names.update(name for name, _ in posture.os)

    def open(self) -> None:
        """Make a dimension for each signal, and for each posture whose name means one thing only."""
        several = list(self._postures.values())
        limits: dict[str, set[float]] = {}
        for posture in several:
            for name in posture.needs():
                limits.setdefault(name, set()).add(posture.freshness(name))
        for name in sorted(limits):
            cases = (UNKNOWN, *(Case(Reported(*both)) for both in _reports(name, several, limits[name])))
            self._signals[name] = self._space.one_of("device.signals", name, cases)
        self._open_newest(several, limits)
        names = [posture.name for posture in several]
        for meaning, posture in self._postures.items():
            self._truths[meaning] = self._named(posture, names.count(posture.name) == 1)

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        return either(self._space.logic, (self._truths[_meaning(posture)] for posture in _postures(condition)))

    def tell(self, choice: Choice, into: Draft) -> None:
        reports = {name: choice[dimension].value for name, dimension in self._signals.items()}
        into.signals = {
            name: (_example(report.value), report.ages)
            for name, report in reports.items()
            if isinstance(report, Reported)
        }
        newest = choice[self._newest].value if self._newest is not EMPTY else None
        spare = next((name for name in SIGNALS if name not in self._signals), "another")
        into.newest = (spare, newest) if isinstance(newest, Ages) else None

    def _open_newest(self, several: Sequence[Posture], limits: dict[str, set[float]]) -> None:
        """Make the dimension of the newest report: no known signal is younger than it."""
        asked = {posture.within for posture in several if not posture.needs() and posture.within is not None}
        if not asked:
            return
        logic = self._space.logic
        edges = asked.union(*limits.values())
        newest = self._newest = self._space.one_of("device.signals", "", (UNKNOWN, *aged(edges)))
        believe(self._space, newest)
        for dimension in self._signals.values():
            for case, test in dimension.pairs():
                if isinstance(case.value, Reported):
                    logic.require(logic.any((logic.negated(test), *_by(newest, case.value.ages.high, future=True))))

    def _named(self, posture: Posture, single: bool) -> Truths:
        """Return when a posture is met, and make it a dimension of its own if ``single``."""
        logic = self._space.logic
        found = self._met(posture)
        machine = self._space.machine
        held, refuted = logic.named(logic.all((machine, found.held))), logic.named(logic.all((machine, found.refuted)))
        if single:
            unknown = logic.named(logic.negated(logic.any((held, refuted))))
            self._space.tied("device.posture", posture.name, (YES, NO, UNKNOWN), (held, refuted, unknown))
        return Truths(held, refuted)

    def _met(self, posture: Posture) -> Truths:
        logic = self._space.logic
        if not posture.needs():
            return Truths(logic.any(_by(self._newest, posture.within or 0.0)), logic.false)
        parts = [self._signal(name, posture.freshness(name), wanted) for name, wanted in posture.signals]
        return every(logic, [*parts, self._os(posture)] if posture.os else parts)

    def _signal(self, name: str, within: float, wanted: bool) -> Truths:
        logic = self._space.logic
        values = {value: logic.any(self._reporting(name, within, value)) for value in (True, False)}
        return Truths(values[wanted], values[not wanted])

    def _os(self, posture: Posture) -> Truths:
        """A platform that is not named does not meet it, one that is not known leaves it unknown."""
        logic, platform = self._space.logic, self._platforms.dimension
        within = posture.freshness(OS_VERSION)
        held: list[Term] = []
        refuted: list[Term] = []
        for name, lowest in posture.os:
            here = platform.where(name)[0]
            for version, test in self._versions(within):
                (held if version.low >= lowest else refuted).append(logic.all((here, test)))
        strange = logic.negated(logic.any((*platform.where(*(name for name, _ in posture.os)), *platform.unknown())))
        return Truths(logic.any(held), logic.any((strange, *refuted)))

    def _versions(self, within: float) -> Iterator[tuple[Versions, Term]]:
        """Yield the versions that are believed ``within`` so many seconds."""
        for case, test in self._signals[OS_VERSION].pairs():
            report = case.value
            if isinstance(report, Reported) and report.ages.high <= within and isinstance(report.value, Versions):
                yield report.value, test

    def _reporting(self, name: str, within: float, value: object) -> list[Term]:
        return [
            test
            for case, test in self._signals[name].pairs()
            if isinstance(case.value, Reported) and case.value.value is value and case.value.ages.high <= within
        ]


def _postures(condition: Condition) -> tuple[Posture, ...]:
    return asked(condition, AnyPosture).postures


def _meaning(posture: Posture) -> Meaning:
    return posture.within, frozenset(posture.signals), frozenset(posture.os)


def _reports(name: str, postures: Sequence[Posture], limits: Iterable[float]) -> list[tuple[object, Ages]]:
    edges = [0.0, *sorted(limits)]
    ages = [Ages(low, high) for low, high in pairwise(edges)]
    values: Sequence[object] = (True, False) if name != OS_VERSION else _versions(postures)
    return [(value, each) for each in ages for value in values]


def _versions(postures: Sequence[Posture]) -> list[Versions]:
    edges: list[tuple[int, ...]] = sorted({(), *(lowest for posture in postures for _, lowest in posture.os)})
    return [*(Versions(low, high) for low, high in pairwise(edges)), Versions(edges[-1], None)]


def _by(newest: Dimension, limit: float, future: bool = False) -> list[Term]:
    """Return the tests of a newest report that is younger than ``limit``; with ``future``, one not believed yet too."""
    return [
        test
        for case, test in newest.pairs()
        if isinstance(case.value, Ages) and (future if case.value == AHEAD else case.value.high <= limit)
    ]


def _example(value: object) -> object:
    return value.example() if isinstance(value, Versions) else value
