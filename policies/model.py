"""The nouns of a policy: what a document means once it is read, and what a decision says. No behaviour beyond their
own.

A rule is a list of conditions that must all hold. A condition either compares what is seen with a set of wanted values
(``wanted``), or runs a ``Probe`` whose answer may change as time passes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from kernel.problems import Place, Problem
from kernel.reasons import Reason, words
from kernel.records.sessions import Factor
from policies.facts import Facts

Value = str | int | bool
Range = IPv4Network | IPv6Network


class Outcome(StrEnum):
    """What a decision says. ``STEP_UP``: allowed as soon as one of the required factors is shown."""

    ALLOW = "allow"
    DENY = "deny"
    STEP_UP = "step_up"


class Truth(StrEnum):
    """What became of a condition. ``UNKNOWN`` counts against access: an allow does not match, a deny does."""

    HELD = "held"
    NOT_HELD = "not held"
    UNKNOWN = "unknown"

    def negated(self) -> "Truth":
        """Return the truth of the ``not_`` twin; unknown stays unknown."""
        if self is Truth.UNKNOWN:
            return self
        return Truth.NOT_HELD if self is Truth.HELD else Truth.HELD


class Probe(Protocol):
    """A condition that must be computed. Implementations are frozen and hashable, so that equal ones run once."""

    def __hash__(self) -> int: ...

    def judge(self, facts: Facts) -> tuple[Truth, float]:
        """Return the truth now, and the earliest moment at which it could change by itself (``math.inf``: never)."""
        ...

    def seen(self, facts: Facts) -> str:
        """Return what was seen, for the trace."""
        ...

    def wants(self) -> str:
        """Return what is wanted, for the trace."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What an allowed session may do. ``download`` is (bytes, per seconds); ``session`` and ``idle`` are seconds."""

    read_only: bool = False
    attachments_block: bool = False
    download: tuple[int, float] | None = None
    folders: tuple[str, ...] = ()
    recipients_internal: bool = False
    session: float | None = None
    idle: float | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """Any one of ``factors``, shown within the last ``within`` seconds (None: ever in this sign-in)."""

    factors: tuple[Factor, ...]
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a rule, such as ``who.groups``. Exactly one of ``wanted`` and ``probe`` is set; ``negated``: the
    ``not_`` twin; ``implied``: not written there, see ``policies.barred``; ``places``: where each of several names
    stands (None: at ``place``)."""

    key: str
    place: Place
    negated: bool = False
    wanted: frozenset[Value] = frozenset()
    probe: Probe | None = None
    implied: bool = False
    places: Mapping[Value, Place] | None = field(default=None, compare=False, repr=False)

    def place_of(self, value: Value) -> Place:
        """Return where a wanted value stands."""
        return self.places.get(value, self.place) if self.places else self.place

    @property
    def spelling(self) -> str:
        """The key as it is written, with its ``not_``."""
        section, _, leaf = self.key.rpartition(".")
        return f"{section}{'.' if section else ''}{'not_' if self.negated else ''}{leaf}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, in the order of the document. ``outcome`` is allow or deny; a ``report`` rule decides nothing."""

    name: str
    place: Place
    conditions: tuple[Condition, ...]
    outcome: Outcome
    report: bool = False
    require: Requirement | None = None
    limits: Limits = field(default_factory=Limits)
    say: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Never:
    """An invariant: no facts that meet ``conditions`` may come to ``outcome``."""

    name: str
    place: Place
    conditions: tuple[Condition, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Network:
    """A name for address ranges."""

    name: str
    place: Place
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class ConditionTrace:
    """One condition as it was judged. ``hint`` says what would make an unknown fact known, or why a condition that was
    not written stands there."""

    key: str
    wanted: str
    seen: str
    truth: Truth
    hint: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule as it was judged: its conditions, whether it matched, and whether it decided."""

    rule: str
    outcome: Outcome
    report: bool
    matched: bool
    decided: bool
    conditions: tuple[ConditionTrace, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. ``rule`` is ``""`` when nothing matched. ``valid_until`` is the earliest moment at which the answer
    could turn without another fact changing (``math.inf``: never). ``reports`` are the ``mode: report`` rules that
    would have decided. ``fault`` is set when the judge itself failed; the outcome then is deny."""

    outcome: Outcome
    rule: str = ""
    revision: int = 0
    limits: Limits = field(default_factory=Limits)
    require: Requirement | None = None
    say: Mapping[str, str] = field(default_factory=dict)
    valid_until: float = math.inf
    reports: tuple[str, ...] = ()
    trace: tuple[RuleTrace, ...] = ()
    fault: str = ""

    def words(self, language: str) -> str:
        """Return what to tell the person: the rule's own words, or where it has none the standing ones.

        In their language, else in English, else in the one that there is.
        """
        if self.say:
            return self.say.get(language) or self.say.get("en") or next(iter(self.say.values()))
        if self.fault:
            return words(Reason.FAULT, language)
        return words(Reason.STEP_UP if self.outcome is Outcome.STEP_UP else Reason.POLICY, language)


class Program(Protocol):
    """The compiled form of a policy."""

    def run(self, facts: Facts) -> Decision:
        """Decide; may raise, ``policies.decide`` turns that into a deny."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """One revision, read and compiled."""

    revision: int
    rules: tuple[Rule, ...]
    nevers: tuple[Never, ...]
    networks: Mapping[str, Network]
    program: Program = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What exists outside the document, so that ``check`` can tell names that lead nowhere. ``groups`` maps to member
    counts, ``services`` are the web routes, listeners and ``client:`` identifiers of this installation. ``places`` is
    what a ``kernel.geography.Geography`` tells here (None: not known, and not judged)."""

    users: frozenset[str] = frozenset()
    groups: Mapping[str, int] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    places: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What ``check`` found: ``problems`` stop a publish, ``warnings`` do not. Both in the order of the text."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
