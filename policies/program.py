"""A policy compiled once: a decision then costs about the same over ten rules or a thousand.

A set of rules is an integer, one bit for each rule, the first rule lowest. For every key of the language a table
gives, for each value that may be seen, the rules that this value leaves standing. Deciding is a few look-ups, joined
by ``and``; the lowest bit left is the first rule that matches. Keys that must be computed (postures, times,
attributes) are asked only when the lowest rule left needs them, once for all rules that share them.

    rules of this service & of this user & of this device & of this network  ->  1 0 1 1 0 0   lowest bit: first match
                                                                                     ^ posture asked here, if it needs
                                                                                     one

An unknown fact leaves a deny standing and takes an allow away, in either polarity.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from policies.addresses import RangeIndex
from policies.facts import Facts
from policies.model import Condition, Decision, Network, Outcome, Probe, Rule, Truth, Value
from policies.moments import Between, Days
from policies.observe import SEVERAL, SINGLE, Many, One, names_of_service
from policies.requirement import met
from policies.vocabulary import ANY_CLIENT, CLIENT

Bits = int

REMEMBERED = 10_000
"""Sets of values (a person's groups) of which a column remembers what they leave standing."""


class Column:
    """What the rules want of one key, as sets of rules by wanted value."""

    def __init__(self, rules: Sequence[Rule], key: str) -> None:
        everything = (1 << len(rules)) - 1
        self.wanting: dict[Value, Bits] = {}
        self.refusing: dict[Value, Bits] = {}
        asking = positive = 0
        for bit, rule in enumerate(rules):
            for condition in (one for one in rule.conditions if one.key == key):
                asking |= 1 << bit
                positive |= 0 if condition.negated else 1 << bit
                into = self.refusing if condition.negated else self.wanting
                for value in condition.wanted:
                    into[value] = into.get(value, 0) | 1 << bit
        self.free: Bits = everything & ~positive
        self.used = asking != 0
        self.unknown: Bits = everything & ~asking | _denying(rules)
        self._named = frozenset(self.values())
        self._stood: dict[frozenset[Value], Bits] = {}

    def left(self, seen: Collection[Value]) -> Bits:
        """Return what ``standing`` does; of sets, which many people have in common, it is remembered."""
        if self._named.isdisjoint(seen):
            return self.free
        if not isinstance(seen, frozenset):
            return self.standing(seen)
        found = self._stood.get(seen)
        if found is None:
            if len(self._stood) >= REMEMBERED:
                self._stood.clear()
            found = self._stood[seen] = self.standing(seen)
        return found

    def standing(self, seen: Collection[Value]) -> Bits:
        """Return the rules that seeing exactly these values leaves standing."""
        left, wanting, refusing = self.free, self.wanting, self.refusing
        if wanting:
            for value in seen:
                if value in wanting:
                    left |= wanting[value]
        if refusing:
            for value in seen:
                if value in refusing:
                    left &= ~refusing[value]
        return left

    def values(self) -> set[Value]:
        """Return every value that some rule names."""
        return {*self.wanting, *self.refusing}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A computed condition, and the rules that each answer leaves standing."""

    probe: Probe
    standing: Mapping[Truth, Bits]


class Remembered:
    """A condition on time alone, answered from memory until the moment at which its answer may turn."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._answer: tuple[float, Truth, float] = (math.inf, Truth.UNKNOWN, -math.inf)

    def judge(self, facts: Facts) -> tuple[Truth, float]:
        since, truth, until = self._answer
        if not since <= facts.now < until:
            truth, until = self._probe.judge(facts)
            self._answer = (facts.now, truth, until)
        return truth, until

    def seen(self, facts: Facts) -> str:
        return self._probe.seen(facts)

    def wants(self) -> str:
        return self._probe.wants()


class Masks:
    """The compiled rules. ``run`` is pure: what it remembers cannot be seen in its answers."""

    def __init__(self, rules: Sequence[Rule], networks: Mapping[str, Network], revision: int) -> None:
        self._rules = tuple(rules)
        self._revision = revision
        self._services, self._other_service, self._any_client = _services(rules)
        self._singles = _singles(rules)
        self._severals = _severals(rules)
        self._ranges, self._by_range, self._no_address = _ranges(rules, networks)
        self._asked, self._asks = _probes(rules)
        self._reporting = sum(1 << bit for bit, rule in enumerate(rules) if rule.report)
        self._final = tuple(self._decision(rule, rule.outcome) for rule in rules)
        self._nothing = Decision(Outcome.DENY, revision=revision)

    def run(self, facts: Facts) -> Decision:
        """Return the decision of the first rule left standing, or a deny when there is none."""
        left = self._left(facts)
        until = math.inf
        reports: tuple[str, ...] = ()
        asked = 0
        while left:
            lowest = left & -left
            place = lowest.bit_length() - 1
            to_ask = self._asks[place] & ~asked
            while to_ask and left & lowest:
                first = to_ask & -to_ask
                question = self._asked[first.bit_length() - 1]
                truth, turns = question.probe.judge(facts)
                until = min(until, turns)
                left &= question.standing[truth]
                asked |= first
                to_ask ^= first
            if left & lowest:
                if not self._reporting & lowest:
                    return self._answer(place, facts, until, reports)
                reports = (*reports, self._rules[place].name)
                left ^= lowest
        if until == math.inf and not reports:
            return self._nothing
        return Decision(Outcome.DENY, revision=self._revision, valid_until=until, reports=reports)

    def _left(self, facts: Facts) -> Bits:
        """Return the rules that the facts leave standing before anything is computed."""
        left = self._services.get(facts.service)
        if left is None:
            left = self._any_client if facts.service.startswith(CLIENT) else self._other_service
        for read_many, column in self._severals:
            seen = read_many(facts)
            left &= column.unknown if seen is None else column.left(seen)
        if not left:
            return left
        for read, table, other in self._singles:
            left &= table.get(read(facts), other)
        if left and self._ranges is not None:
            bits = self._ranges.find(facts.address)
            left &= self._no_address if bits is None else self._by_range[bits]
        return left

    def _answer(self, place: int, facts: Facts, until: float, reports: tuple[str, ...]) -> Decision:
        rule = self._rules[place]
        if rule.require is not None:
            fulfilled, turns = met(rule.require, facts)
            until = min(until, turns)
            if not fulfilled:
                return self._decision(rule, Outcome.STEP_UP, until, reports)
        if until == math.inf and not reports:
            return self._final[place]
        return self._decision(rule, rule.outcome, until, reports)

    def _decision(
        self, rule: Rule, outcome: Outcome, until: float = math.inf, reports: tuple[str, ...] = ()
    ) -> Decision:
        require = rule.require if outcome is Outcome.STEP_UP else None
        return Decision(outcome, rule.name, self._revision, rule.limits, require, rule.say, until, reports)


def _denying(rules: Sequence[Rule]) -> Bits:
    return sum(1 << bit for bit, rule in enumerate(rules) if rule.outcome is Outcome.DENY)


def _services(rules: Sequence[Rule]) -> tuple[dict[str, Bits], Bits, Bits]:
    """Return the rules of each service that is named, of one that is not, and of a relying party that is not."""
    column = Column(rules, "service")
    named = {str(value): column.standing(names_of_service(str(value))) for value in column.values()}
    return named, column.standing(()), column.standing((ANY_CLIENT,))


def _singles(rules: Sequence[Rule]) -> tuple[tuple[One, dict[Value | None, Bits], Bits], ...]:
    found = []
    for key, read in SINGLE.items():
        column = Column(rules, key)
        if column.used:
            table: dict[Value | None, Bits] = {value: column.standing((value,)) for value in column.values()}
            table[None] = column.unknown
            found.append((read, table, column.standing(())))
    return tuple(found)


def _severals(rules: Sequence[Rule]) -> tuple[tuple[Many, Column], ...]:
    columns = ((read, Column(rules, key)) for key, read in SEVERAL.items())
    return tuple((read, column) for read, column in columns if column.used)


def _ranges(rules: Sequence[Rule], networks: Mapping[str, Network]) -> tuple[RangeIndex | None, dict[int, Bits], Bits]:
    column = Column(rules, "network.in")
    if not column.used:
        return None, {}, 0
    index = RangeIndex({name: network.ranges for name, network in networks.items() if name in column.values()})
    return index, {bits: column.standing(index.spelt(bits)) for bits in index.sets()}, column.unknown


def _probes(rules: Sequence[Rule]) -> tuple[tuple[_Asked, ...], tuple[Bits, ...]]:
    """Return the computed conditions, equal ones once, and for each rule which of them it asks."""
    numbers: dict[Probe, int] = {}
    users: list[list[tuple[int, Condition]]] = []
    asks = [0] * len(rules)
    for bit, rule in enumerate(rules):
        for condition in rule.conditions:
            if condition.probe is not None:
                number = numbers.setdefault(condition.probe, len(numbers))
                if number == len(users):
                    users.append([])
                users[number].append((bit, condition))
                asks[bit] |= 1 << number
    return tuple(_question(probe, users[number], rules) for probe, number in numbers.items()), tuple(asks)


def _question(probe: Probe, users: Sequence[tuple[int, Condition]], rules: Sequence[Rule]) -> _Asked:
    standing = {}
    for truth in Truth:
        gone = 0
        for bit, condition in users:
            verdict = truth.negated() if condition.negated else truth
            stays = verdict is Truth.HELD or (verdict is Truth.UNKNOWN and rules[bit].outcome is Outcome.DENY)
            gone |= 0 if stays else 1 << bit
        standing[truth] = ((1 << len(rules)) - 1) & ~gone
    return _Asked(Remembered(probe) if isinstance(probe, (Days, Between)) else probe, standing)
