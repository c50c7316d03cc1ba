"""Replay: recorded decisions are made again, by the same rules or by others, and counted by what becomes of them. Pure.

Refuses to guess: what a record does not keep whole, and what no policy decided (a fallen sign-in, a limit on time, our
own trouble), is counted apart and never replayed. Everything counted is bounded.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec

from kernel.reasons import Reason
from policies.decide import decide
from policies.facts import Facts
from policies.model import Decision, Outcome, Policy
from policies.snapshot import Unreadable, restore
from policies.turning import Turn, turned_from

MOST_KEYS = 10_000
MOST_SERVICES_OF_ONE = 20
MOST_EXAMPLES_OF_ONE = 3
OTHERS = "(others)"

BY_POLICY = frozenset({"", Reason.POLICY.value, Reason.STEP_UP.value, Reason.FAULT.value})
"""Reasons of a record whose outcome is the policy's own."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded decision: the fields of ``kernel.audit.Decided`` that replay looks at."""

    at: float
    session: str
    service: str
    outcome: Outcome
    rule: str
    revision: int
    user: str = ""
    user_id: str = ""
    device_id: str = ""
    address: str = ""
    reference: str = ""
    reason: str = ""
    again: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """One decision that would have come out otherwise. ``number`` names its record."""

    number: int
    recorded: Recorded
    device: str
    was: Outcome
    was_rule: str
    would: Outcome
    would_rule: str


@dataclass(slots=True)
class Person:
    """How often one user is concerned, at which services, and when last."""

    decisions: int = 0
    last_at: float = 0.0
    services: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Group:
    """Decisions that came out otherwise in the same way. ``rules`` counts pairs: decided by, would be decided by."""

    decisions: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    services: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def copy(self) -> "Group":
        """Return what is counted by now, apart from what will be."""
        people = {name: Person(one.decisions, one.last_at, set(one.services)) for name, one in self.people.items()}
        return Group(self.decisions, people, Counter(self.services), Counter(self.rules), list(self.examples))


@dataclass(slots=True)
class Replayed:
    """What came of it.

    ``same``: outcome and rule as before. ``moved``: the same outcome by another rule. ``turned``: what turned, by how.
    ``unreadable``: could not be replayed, by why. ``others``: not decided by a policy, by reason. ``reports`` counts
    what ``mode: report`` rules would have decided: (rule, its outcome, what was decided). ``revisions`` counts records
    by the revision that they were decided under.
    """

    seen: int = 0
    same: int = 0
    faults: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    moved: Group = field(default_factory=Group)
    turned: dict[Turn, Group] = field(default_factory=lambda: {turn: Group() for turn in Turn})
    unreadable: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    reports: Counter[tuple[str, Outcome, Outcome]] = field(default_factory=Counter)
    revisions: Counter[int] = field(default_factory=Counter)

    @property
    def replayed(self) -> int:
        """How many decisions were made again."""
        return self.same + self.moved.decisions + sum(group.decisions for group in self.turned.values())

    def copy(self) -> "Replayed":
        """Return what is counted by now, apart from what will be."""
        return replace(
            self,
            moved=self.moved.copy(),
            turned={turn: group.copy() for turn, group in self.turned.items()},
            unreadable=Counter(self.unreadable),
            others=Counter(self.others),
            reports=Counter(self.reports),
            revisions=Counter(self.revisions),
        )


Asked = Callable[[int], Policy | str]
"""Returns the policy to ask about a record that was decided under this revision; a text says why there is none."""


class Replay:
    """Takes records one by one, newest first; ``result`` grows meanwhile.

    ``asked`` answers afresh; with ``against``, its answer counts as what was decided, in place of the record's own.
    """

    def __init__(self, asked: Asked, against: Policy | None = None, *, examples: int = 20) -> None:
        self.result = Replayed()
        self._asked, self._against, self._examples = asked, against, examples
        self._reporting: dict[int, Mapping[str, Outcome]] = {}

    def take(self, number: int, body: str) -> None:
        """Take a record: its number and its JSON text. Never raises."""
        result = self.result
        result.seen += 1
        try:
            recorded = _RECORDED.decode(body)
        except msgspec.MsgspecError:
            result.unreadable["a damaged record"] += 1
            return
        result.last_at = max(result.last_at, recorded.at)
        result.first_at = min(result.first_at or recorded.at, recorded.at)
        if recorded.reason not in BY_POLICY or not recorded.revision:
            count(result.others, recorded.reason)
            return
        try:
            self._again(number, recorded, restore(recorded.facts))
        except Unreadable as fault:
            count(result.unreadable, str(fault).partition(":")[0])

    def _again(self, number: int, recorded: Recorded, facts: Facts) -> None:
        policy = self._asked(recorded.revision)
        if isinstance(policy, str):
            raise Unreadable(policy)
        would = decide(policy, facts)
        if self._against is not None:
            was = decide(self._against, facts)
        else:  # a record does not tell its limits
            was = Decision(recorded.outcome, recorded.rule, recorded.revision, limits=would.limits)
        result = self.result
        result.revisions[recorded.revision] += 1
        result.faults += bool(would.fault)
        for name in would.reports:
            count(result.reports, (name, self._outcome_of(policy, name), would.outcome))
        turn = turned_from(was, would)
        if turn is None and was.rule == would.rule:
            result.same += 1
            return
        device = facts.device.name if facts.device is not None else ""
        one = Example(number, recorded, device, was.outcome, was.rule, would.outcome, would.rule)
        self._add(result.moved if turn is None else result.turned[turn], one)

    def _add(self, group: Group, one: Example) -> None:
        recorded = one.recorded
        group.decisions += 1
        count(group.services, recorded.service)
        count(group.rules, (one.was_rule, one.would_rule))
        name = recorded.user if recorded.user in group.people or len(group.people) < MOST_KEYS else OTHERS
        person = group.people.setdefault(name, Person())
        person.decisions += 1
        person.last_at = max(person.last_at, recorded.at)
        if len(person.services) < MOST_SERVICES_OF_ONE:
            person.services.add(recorded.service)
        if len(group.examples) < self._examples and person.decisions <= MOST_EXAMPLES_OF_ONE:
            group.examples.append(one)

    def _outcome_of(self, policy: Policy, rule: str) -> Outcome:
        known = self._reporting.get(policy.revision)
        if known is None:
            known = {each.name: each.outcome for each in policy.rules if each.report}
            self._reporting[policy.revision] = known
        return known[rule]


def count(counter: Counter[K], key: K) -> None:
    """Count, unless that would be one key too many."""
    if key in counter or len(counter) < MOST_KEYS:
        counter[key] += 1


_RECORDED = msgspec.json.Decoder(Recorded)
