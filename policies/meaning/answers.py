"""What diff and prove answer: plain values, without a formula in them. Every example was confirmed by ``decide``."""

from dataclasses import dataclass
from enum import StrEnum

from kernel.problems import Place
from policies.facts import Facts
from policies.meaning.cases import Cube
from policies.model import Decision


class Kind(StrEnum):
    """What becomes of the facts of a row. Opened and closed speak of being let in at all, be it after another factor;
    the middle four of people who are let in before and after."""

    OPENED = "newly allowed"
    CLOSED = "newly denied"
    ASKED = "newly asked for a factor"
    SPARED = "no longer asked for a factor"
    ASKED_OTHERWISE = "asked for another factor"
    LIMITED = "limits changed"
    DECIDED_BY = "decided by another rule"
    REPORTED = "reported by other rules"


ACCESS = (Kind.OPENED, Kind.CLOSED, Kind.ASKED, Kind.SPARED, Kind.ASKED_OTHERWISE, Kind.LIMITED)
AUTHORSHIP = (Kind.DECIDED_BY, Kind.REPORTED)
"""What concerns somebody's access, and what concerns only whose decision it is."""


class Scope(StrEnum):
    """How a row's cube lies to its change. A change seldom comes in few exact pieces: whoever is newly let in may have
    been let in before by other ways. So where the exact cube would take many words, a wider one is told instead."""

    ALL = "all of it changes so"
    AFTER = "all of it is so now, some of it was before"
    BEFORE = "all of it was so before, some of it still is"


@dataclass(frozen=True, slots=True)
class Row:
    """One change, and the ``cube`` in which it happens. ``facts`` are an example, with both decisions about it; not
    ``likely`` where none of our own doors could bring such facts."""

    kind: Kind
    cube: Cube
    scope: Scope
    likely: bool
    facts: Facts
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes between two policies. ``more``: kinds with more rows than are shown. ``undecided``: kinds that were
    not searched to the end, because of the limit or because an example was not confirmed (``faults`` says which)."""

    rows: tuple[Row, ...]
    more: tuple[Kind, ...] = ()
    undecided: tuple[Kind, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether it is certain that nothing changes."""
        return not self.rows and not self.more and not self.undecided


class Verdict(StrEnum):
    """What became of an invariant."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNDECIDED = "not decided"


@dataclass(frozen=True, slots=True)
class Proof:
    """One invariant. A broken one comes with the facts that break it, an example, and the decision about it."""

    name: str
    place: Place
    verdict: Verdict
    cube: Cube = ()
    likely: bool = True
    facts: Facts | None = None
    decision: Decision | None = None
    fault: str = ""


class Dead(StrEnum):
    """Why a rule decides nothing."""

    NEVER_MATCHES = "never matches"
    NEVER_REACHED = "never reached"


@dataclass(frozen=True, slots=True)
class DeadRule:
    """A rule that decides nothing, whatever the facts."""

    name: str
    place: Place
    why: Dead
