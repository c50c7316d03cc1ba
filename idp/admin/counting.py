"""Live counters: how often each rule decided, what rules in ``mode: report`` would have, and where a trial differs.

Kept in memory by following the audit log from a day back on, so that what is recorded pays nothing for it, and what
other processes record counts too. Bounded: rules, quarters of an hour, rows.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import msgspec

from idp.admin.decisions import decisions, moment
from idp.admin.ports import SessionBoard
from idp.admin.tally import DAY, QUARTER, READ, Recent, RuleCount, RuleRow, Seen, TrialTally, Watched
from kernel.audit import Decided, Entry, TrialDiffered
from kernel.clock import Clock
from kernel.ports import Reader, Store
from kernel.problems import Unavailable
from kernel.records.trials import PolicyTrial
from policies.model import Policy, Rule
from policies.replay import BY_POLICY

EVERY = 30.0
"""Seconds between two looks at the log while nobody asks."""
PAGE = 1000
MOST_SEEDED = 200_000
"""Entries read at once, and those of each kind that are counted from before the start, at most."""
MOST_RULES = 5000
ROWS = 200
"""Decisions of report rules that are kept to be shown, the latest."""


class Counting:
    """``policy`` tells which rules are in force, ``board`` which sessions live.

    ``since`` is the moment from which decisions are counted.
    """

    def __init__(self, store: Store, clock: Clock, board: SessionBoard, policy: Callable[[], Policy | None]) -> None:
        self._watched: deque[Watched] = deque(maxlen=ROWS)
        self._trials = TrialTally(0)
        self.since = 0.0
        self._store, self._clock, self._board, self._policy = store, clock, board, policy
        self._rules: dict[str, RuleCount] = {}
        self._number = -1
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Follow the log until cancelled."""
        while True:
            with suppress(Unavailable):
                await self.catch_up()
            await asyncio.sleep(EVERY)

    async def catch_up(self) -> None:
        """Count everything that is on record by now.

        Raises:
            Unavailable: the log cannot be read.
        """
        async with self._turn:
            await self._catch_up()

    async def tried(self, number: int) -> TrialTally:
        """Return what is counted of a trial by now."""
        async with self._turn:
            await self._catch_up()
            return self._trials.copy() if self._trials.number == number else TrialTally(number)

    async def watched(self) -> Sequence[Watched]:
        """Return the latest decisions that rules in ``mode: report`` would have made, latest first."""
        async with self._turn:
            await self._catch_up()
            return tuple(reversed(self._watched))

    async def rules(self, today: float | None = None) -> Sequence[RuleRow]:
        """Return a row for every rule in force, in its order, then for what else decided in the last day.

        ``today`` is when today began (default: midnight in UTC).
        """
        async with self._turn:
            await self._catch_up()
            return self._rows(today)

    def _rows(self, today: float | None) -> Sequence[RuleRow]:
        now = self._clock.now()
        midnight = now - now % DAY if today is None else today
        policy = self._policy()
        known = {rule.name: rule for rule in policy.rules} if policy else {}
        others = [name for name, count in self._rules.items() if name not in known and not count.idle]
        live = Counter(session.rule for session in self._board.all())
        return [self._row(name, known.get(name), midnight, now - DAY, live[name]) for name in (*known, *others)]

    def _row(self, name: str, rule: Rule | None, midnight: float, day: float, live: int) -> RuleRow:
        counted = self._rules.get(name) or RuleCount()
        would = {outcome: recent.since(day) for outcome, recent in counted.would.items()}
        return RuleRow(
            rule=name,
            outcome=rule.outcome.value if rule else "",
            report=rule.report if rule else False,
            today=counted.decided.since(midnight),
            day=counted.decided.since(day),
            live=live,
            last_at=counted.last_at,
            would=would,
        )

    async def _catch_up(self) -> None:
        if self._number < 0:
            self._number = await self._seed()
        while await self._follow():
            pass
        self._forget()

    async def _seed(self) -> int:
        """Count the decisions of the last day, or since the running trial began, and where it differed; return the
        number of the entry up to which that is done."""
        number, trial, differed = await self._store.read(_on_record)
        self._take(differed)
        since = self._clock.now() - DAY - QUARTER
        since = min(since, trial.at) if trial and trial.running else since
        left = MOST_SEEDED
        async for page in decisions(self._store, since, MOST_SEEDED, PAGE):
            await asyncio.to_thread(self._take, [entry for entry in page if entry.number <= number], True)
            left -= len(page)
            self.since = moment(page[-1])
        self.since = since if left else self.since
        return number

    async def _follow(self) -> bool:
        since = self._number
        page = await self._store.read(lambda tx: tx.audit(since, PAGE))
        if not page:
            return False
        await asyncio.to_thread(self._take, page)
        self._number = page[-1].number
        return True

    def _take(self, entries: Sequence[Entry], backwards: bool = False) -> None:
        for entry in entries:
            seen = _seen(entry)
            if seen is not None and entry.kind == Decided.kind:
                self._decided(entry.number, seen, backwards)
            elif seen is not None and seen.trial == self._trial(seen.trial).number:
                self._trials.differed(seen)

    def _decided(self, number: int, seen: Seen, backwards: bool) -> None:
        if seen.trial and seen.trial == self._trial(seen.trial).number:
            self._trials.judged += 1
        if not seen.revision or seen.reason not in BY_POLICY:
            return
        for rule in self._counted(seen.rule):
            rule.decided.add(seen.at)
        for name in seen.reports:
            for rule in self._counted(name):
                rule.would.setdefault(seen.outcome, Recent()).add(seen.at)
            if not backwards:
                self._watched.append(Watched(number, name, seen))
            elif len(self._watched) < ROWS:
                self._watched.appendleft(Watched(number, name, seen))

    def _counted(self, name: str) -> Iterator[RuleCount]:
        """Yield what is counted of a rule; nothing when too many are counted."""
        if name not in self._rules and len(self._rules) < MOST_RULES:
            self._rules[name] = RuleCount()
        if name in self._rules:
            yield self._rules[name]

    def _trial(self, number: int) -> TrialTally:
        """Return what is counted of the latest trial, which may be this one from now on."""
        if number > self._trials.number:
            self._trials = TrialTally(number)
        return self._trials

    def _forget(self) -> None:
        before = self._clock.now() - DAY - QUARTER
        for rule in self._rules.values():
            rule.forget(before)
        if len(self._rules) >= MOST_RULES:
            self._rules = {name: rule for name, rule in self._rules.items() if not rule.idle}


def _seen(entry: Entry) -> Seen | None:
    if entry.kind not in (Decided.kind, TrialDiffered.kind):
        return None
    try:
        return READ.decode(entry.body)
    except msgspec.MsgspecError:
        return None


def _on_record(tx: Reader) -> tuple[int, PolicyTrial | None, Sequence[Entry]]:
    """Return where the log ends, the latest trial, and the entries that tell where it differed, oldest first."""
    trial = tx.get(PolicyTrial, str(tx.count(PolicyTrial)))
    found: list[Entry] = []
    while trial is not None and len(found) < MOST_SEEDED:
        before = found[-1].number if found else 0
        page = tx.audit_search(kind=TrialDiffered.kind, before=before, limit=PAGE)
        mine = [entry for entry in page if entry.fields["trial"] == trial.number]
        found += mine
        if len(mine) < PAGE:
            break
    return tx.audit_head()[0], trial, found[::-1]
