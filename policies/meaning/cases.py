"""What facts can be, told apart no finer than the policies do: a dimension has cases, and one of them is always so.

Nouns alone. A ``Cube`` is a set of facts in the words of an admin: for some dimensions, the cases that it admits.
"""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a case is: a value that a policy names, all those that none names, or that the fact is not known."""

    NAMED = "named"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a dimension. ``value`` stands for all of it where facts must be concrete."""

    value: object = None
    sort: Sort = Sort.NAMED


UNKNOWN = Case(None, Sort.UNKNOWN)
YES, NO = Case(True), Case(False)


@dataclass(frozen=True, slots=True)
class Ages:
    """Something that is at least ``low`` and less than ``high`` seconds old; both negative: stamped in the future."""

    low: float
    high: float

    def example(self) -> float:
        """Return an age within."""
        if self.high <= 0:
            return 2 * self.high
        return self.low + min(60.0, (self.high - self.low) / 2)


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions from ``low`` up to, not including, ``high`` (None: without end)."""

    low: tuple[int, ...]
    high: tuple[int, ...] | None

    def example(self) -> str:
        """Return a version within."""
        return ".".join(str(number) for number in self.low) or "0"


@dataclass(frozen=True, slots=True)
class Reported:
    """A signal that is believed: its value (a range, for versions), and how old the report is."""

    value: object
    ages: Ages


@dataclass(frozen=True, slots=True)
class Clause:
    """One dimension of a cube: the ``cases`` it admits, and the ``others`` that it leaves out. ``key`` is the
    language's (``who.groups``), ``names`` what of it: a group, or several any of which will do."""

    key: str
    names: tuple[str, ...]
    cases: tuple[Case, ...]
    others: tuple[Case, ...]


Cube = tuple[Clause, ...]
"""Clauses that hold together; none at all means all facts."""
