"""Finds rules that an earlier rule wholly shadows, by comparing them key by key; which facts are possible is not asked.

Candidates are found by sets of rules held as integers, as in ``policies.program``, so that thousands of rules stay
quick.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence

from policies.model import Condition, Outcome, Probe, Rule, Value
from policies.moments import SigninAge
from policies.observe import ALWAYS_KNOWN, SINGLE, names_of_service
from policies.vocabulary import ANY_CLIENT, CLIENT

ONE_VALUE = frozenset({"service", *SINGLE})
"""Keys of which exactly one value is seen, so that wanting others excludes it."""

LOOKED_AT = 64
"""How many candidates are compared with one rule at most."""


def shadowed(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Yield each rule that is never reached, and the earlier rule that matches whatever it matches."""
    columns: dict[str, _Column] = {}
    reported = 0
    for bit, rule in enumerate(rules):
        left = (1 << bit) - 1 & ~reported
        for key in columns:
            left &= columns[key].candidates([one for one in rule.conditions if one.key == key])
        cover = next((rules[place] for place in _places(left) if covers(rules[place], rule)), None)
        if cover is not None:
            yield rule, cover
        if cover is not None or rule.report:
            reported |= 1 << bit
        for condition in rule.conditions:
            columns.setdefault(condition.key, _Column()).add(bit, condition)


def _places(bits: int) -> Iterator[int]:
    for _ in range(LOOKED_AT):
        if not bits:
            return
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class _Column:
    """Which rules want what of one key."""

    def __init__(self) -> None:
        self._wanting: dict[Hashable, int] = {}
        self._positive = 0
        self._negative = 0

    def add(self, bit: int, condition: Condition) -> None:
        if condition.negated:
            self._negative |= 1 << bit
            return
        self._positive |= 1 << bit
        for value in _wanted(condition):
            self._wanting[value] = self._wanting.get(value, 0) | 1 << bit

    def candidates(self, conditions: Iterable[Condition]) -> int:
        """Return the rules whose conditions on this key these may imply; -1 minus those that they cannot."""
        positive = negative = 0
        for condition in conditions:
            if condition.negated:
                negative = self._negative
                continue
            if condition.key in ONE_VALUE:
                negative = self._negative
            positive = self._positive
            for value in _wanted(condition):
                names = names_of_service(str(value)) if condition.key == "service" else (value,)
                positive &= _union(self._wanting.get(name, 0) for name in names)
            if isinstance(condition.probe, SigninAge):
                positive = self._positive
        return ~(self._positive & ~positive) & ~(self._negative & ~negative)


def _wanted(condition: Condition) -> list[Hashable]:
    return [*condition.wanted] if condition.probe is None else [condition.probe]


def _union(several: Iterable[int]) -> int:
    union = 0
    for one in several:
        union |= one
    return union


def covers(earlier: Rule, later: Rule) -> bool:
    """Return whether ``earlier`` matches whenever ``later`` does, unknown facts included."""
    # A deny matches on the unknown, an allow does not: only what is always known can cover it.
    open_ended = earlier.outcome is Outcome.ALLOW and later.outcome is Outcome.DENY
    if open_ended and any(condition.key not in ALWAYS_KNOWN for condition in earlier.conditions):
        return False
    return all(any(_implies(mine, theirs) for mine in later.conditions) for theirs in earlier.conditions)


def _implies(narrow: Condition, wide: Condition) -> bool:
    """Return whether ``wide`` holds whenever ``narrow`` does."""
    if narrow.key != wide.key:
        return False
    if narrow.probe is not None and wide.probe is not None:
        return narrow.negated == wide.negated and _probe_implies(narrow.probe, wide.probe, narrow.negated)
    if not narrow.negated and not wide.negated:
        return all(covers_value(wide.wanted, value, narrow.key) for value in narrow.wanted)
    if narrow.negated and wide.negated:
        return all(covers_value(narrow.wanted, value, narrow.key) for value in wide.wanted)
    if narrow.key not in ONE_VALUE or narrow.negated:
        return False
    return not any(_overlap(value, other) for value in narrow.wanted for other in wide.wanted)


def _probe_implies(narrow: Probe, wide: Probe, negated: bool) -> bool:
    if isinstance(narrow, SigninAge) and isinstance(wide, SigninAge):
        return narrow.seconds >= wide.seconds if negated else narrow.seconds <= wide.seconds
    return narrow == wide


def covers_value(wanted: frozenset[Value], value: Value, key: str) -> bool:
    if key == "service":
        return any(name in wanted for name in names_of_service(str(value)))
    return value in wanted


def _overlap(value: Value, other: Value) -> bool:
    if value == other:
        return True
    pair = (str(value), str(other))
    return ANY_CLIENT in pair and all(name.startswith(CLIENT) for name in pair)
