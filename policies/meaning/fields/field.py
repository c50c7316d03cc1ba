"""What every field of the facts can do: it learns what the policies ask, opens its dimensions, and then answers."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from policies.meaning.cases import UNKNOWN, Case, Sort
from policies.meaning.draft import Choice, Draft
from policies.meaning.truths import Truths
from policies.model import Condition, Policy

P = TypeVar("P")


class Unmodelled(Exception):
    """A condition that the prover cannot read: an answer that left it out would be a false one."""


class Field(Protocol):
    """One part of the facts. ``learn`` for every condition, then ``open`` once, then ``truths`` and ``tell``."""

    def learn(self, condition: Condition, policy: Policy) -> None:
        """Note what the condition tells apart."""
        ...

    def open(self) -> None:
        """Make the dimensions."""
        ...

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        """Return when the condition, without its ``not_``, is held and when not."""
        ...

    def tell(self, choice: Choice, into: Draft) -> None:
        """Write the chosen cases into concrete facts."""
        ...


def asked(condition: Condition, kind: type[P]) -> P:
    """Return the computed part of a condition, which is of this kind. Raises Unmodelled when it is of another."""
    if not isinstance(condition.probe, kind):
        raise Unmodelled(f"`{condition.key}` asks in a way that the prover does not know")
    return condition.probe


def named(values: Iterable[object]) -> list[Case]:
    """Return the cases of the values that policies name, in a settled order."""
    return [Case(value) for value in sorted(values, key=str)]


def other(candidates: Iterable[object], taken: Iterable[object]) -> list[Case]:
    """Return the case of every value that no policy names: the first candidate left, or none when all are taken."""
    names = set(taken)
    first = next((candidate for candidate in candidates if candidate not in names), None)
    return [] if first is None else [Case(first, Sort.OTHER)]


def maybe(values: Iterable[object]) -> list[Case]:
    """Return the cases of a fact that may be unknown."""
    return [UNKNOWN, *named(values)]
