"""What counters are kept in: how often something happened in the last day, by quarters of an hour, and when last.

Pure, and bounded by whoever holds them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from policies.replay import count

QUARTER = 900
DAY = 86400.0


@dataclass(slots=True)
class Recent:
    """Counts of the last day, by quarter of an hour: every midnight of every time zone is the beginning of one."""

    quarters: dict[int, int] = field(default_factory=dict)
    last_at: float = 0.0

    def add(self, at: float) -> None:
        """Count one that happened at a moment (seconds since 1970)."""
        quarter = int(at // QUARTER)
        self.quarters[quarter] = self.quarters.get(quarter, 0) + 1
        self.last_at = max(self.last_at, at)

    def since(self, at: float) -> int:
        """Return how many happened from the quarter of ``at`` on."""
        first = int(at // QUARTER)
        return sum(count for quarter, count in self.quarters.items() if quarter >= first)

    def forget(self, before: float) -> None:
        """Let go of the quarters that ended before a moment."""
        first = int(before // QUARTER)
        if len(self.quarters) > 0 and min(self.quarters) < first:
            self.quarters = {quarter: count for quarter, count in self.quarters.items() if quarter >= first}


@dataclass(frozen=True, slots=True)
class Seen:
    """What counters look at in a record of a decision, or of a trial that differed."""

    at: float
    service: str
    session: str
    outcome: str
    rule: str
    revision: int
    user: str = ""
    reference: str = ""
    reason: str = ""
    again: bool = False
    reports: tuple[str, ...] = ()
    trial: int = 0
    would: str = ""
    would_rule: str = ""
    turn: str = ""
    fault: str = ""


@dataclass(slots=True)
class RuleCount:
    """What one rule decided; of a rule in ``mode: report``, what was decided where it ``would`` have, by outcome."""

    decided: Recent = field(default_factory=Recent)
    would: dict[str, Recent] = field(default_factory=dict)

    @property
    def last_at(self) -> float:
        """When it last decided, or would have."""
        return max(recent.last_at for recent in (self.decided, *self.would.values()))

    @property
    def idle(self) -> bool:
        """Whether nothing of the last day is counted."""
        return not any(recent.quarters for recent in (self.decided, *self.would.values()))

    def forget(self, before: float) -> None:
        """Let go of what happened before a moment."""
        for recent in (self.decided, *self.would.values()):
            recent.forget(before)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as counters show it, in the last 24 hours but for ``today``. ``outcome`` ``""``: it is not in force.

    ``live``: sessions that it lets in now. Of a report rule, ``would`` tells what was decided where it would have.
    """

    rule: str
    outcome: str
    report: bool
    today: int
    day: int
    live: int
    last_at: float
    would: Mapping[str, int]


@dataclass(slots=True)
class TrialTally:
    """What was counted of one trial: decisions ``judged`` beside it, those that ``turned`` by how, by rules (decided
    by, would be decided by, how), by user and by service; and where it failed."""

    number: int
    judged: int = 0
    faults: int = 0
    last_at: float = 0.0
    turned: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    users: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)

    def differed(self, seen: Seen) -> None:
        """Count one decision that it would have turned, or failed to make."""
        self.last_at = max(self.last_at, seen.at)
        if seen.fault:
            self.faults += 1
            return
        self.turned[seen.turn] += 1
        count(self.users, seen.user)
        count(self.services, seen.service)
        count(self.rules, (seen.rule, seen.would_rule, seen.turn))

    def copy(self) -> "TrialTally":
        """Return what is counted by now, apart from what will be."""
        same = replace(self)
        same.turned, same.rules = Counter(self.turned), Counter(self.rules)
        same.users, same.services = Counter(self.users), Counter(self.services)
        return same


@dataclass(frozen=True, slots=True)
class Watched:
    """A decision that a ``mode: report`` rule would have made. ``number`` names its record."""

    number: int
    rule: str
    seen: Seen


READ = msgspec.json.Decoder(Seen)
