"""The nouns of a table of expected decisions, and of what became of it."""

from dataclasses import dataclass

from kernel.problems import Place
from policies.facts import Facts
from policies.model import Decision, Limits, Outcome, Requirement


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a decision; None: anything. ``rule`` ``""``: that none matched."""

    outcome: Outcome
    rule: str | None = None
    limits: Limits | None = None
    require: Requirement | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One row with one choice out of each of its lists (``about`` says which), as facts."""

    name: str
    place: Place
    about: str
    facts: Facts
    expected: Expectation


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that came out otherwise: ``what`` (outcome, rule, limits, require, fault), in words."""

    what: str
    wanted: str
    got: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that came out otherwise, with the decision and its trace."""

    case: Case
    misses: tuple[Miss, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Result:
    """What became of ``cases`` cases. ``idle`` are the rules that decided none of them, in the order of the policy;
    ``failed`` counts failures, of which ``failures`` are the first."""

    cases: int
    failed: int
    failures: tuple[Failure, ...]
    idle: tuple[str, ...]
