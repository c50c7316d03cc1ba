"""Who is in right now and would no longer be under a draft: each live session judged again, before it is published.

What a session was let in with (proof, factors, where it is) is taken from the record of its last decision, who they are
and what their device is from what is stored now. A session without such a record is counted apart; nobody guesses.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from idp.admin.decisions import decisions
from idp.admin.ports import SessionBoard
from kernel.audit import Entry
from kernel.clock import Clock
from kernel.ports import Reader, Store
from kernel.records.devices import Device
from kernel.records.people import User
from kernel.records.sessions import LiveSession
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Decision, Outcome, Policy
from policies.snapshot import Unreadable, restore

MOST_READ = 100_000
"""Recorded decisions that are looked through for those of live sessions."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A live session that a draft would not let in as it is: denied, or asked for another factor first."""

    session: LiveSession
    decision: Decision


@dataclass(frozen=True, slots=True)
class Rejudged:
    """``judged`` sessions of ``total``, those that ``turned``, newest first; the others have no record to go by."""

    total: int
    judged: int
    turned: Sequence[Turned]

    @property
    def ending(self) -> Sequence[Turned]:
        """The sessions that would end."""
        return [each for each in self.turned if each.decision.outcome is Outcome.DENY]

    @property
    def people(self) -> Sequence[str]:
        """Whose sessions would end, by name."""
        return sorted({each.session.user for each in self.ending})


class Rejudging:
    """The act. ``board`` tells which sessions live."""

    def __init__(self, store: Store, clock: Clock, board: SessionBoard) -> None:
        self._store, self._clock, self._board = store, clock, board

    async def under(self, text: str) -> Rejudged:
        """Return what would become of every live session under this document.

        Raises:
            Invalid: it has faults.
        """
        policy = await asyncio.to_thread(load, text)
        live = {each.id: each for each in self._board.all()}
        recorded = await self._recorded(live)
        facts = await self._store.read(lambda tx: _as_of_now(tx, recorded, self._clock.now()))
        turned = await asyncio.to_thread(_turned, policy, facts, live)
        return Rejudged(len(live), len(facts), sorted(turned, key=lambda each: -each.session.since))

    async def _recorded(self, live: Mapping[str, LiveSession]) -> dict[str, Facts]:
        """Return what each session was last judged by."""
        since = min((each.since for each in live.values()), default=self._clock.now())
        found: dict[str, Facts] = {}
        async for page in decisions(self._store, since - 60.0, MOST_READ):
            await asyncio.to_thread(_take, page, live, found)
            if len(found) == len(live):
                break
        return found


class _Record(msgspec.Struct):
    """What is read of a recorded decision."""

    session: str
    facts: dict[str, object] = {}


_RECORD = msgspec.json.Decoder(_Record)


def _take(page: Sequence[Entry], live: Mapping[str, LiveSession], found: dict[str, Facts]) -> None:
    for entry in page:
        record = _RECORD.decode(entry.body)
        if record.session in live and record.session not in found:
            try:
                found[record.session] = restore(record.facts)
            except Unreadable:
                continue


def _as_of_now(tx: Reader, recorded: Mapping[str, Facts], now: float) -> dict[str, Facts]:
    return {session: _today(tx, facts, now) for session, facts in recorded.items()}


def _today(tx: Reader, facts: Facts, now: float) -> Facts:
    user = tx.get(User, facts.user.id) if facts.user else None
    device = tx.get(Device, facts.device.id) if facts.device else None
    return replace(facts, user=user, device=device, now=now)


def _turned(policy: Policy, facts: Mapping[str, Facts], live: Mapping[str, LiveSession]) -> list[Turned]:
    decided = ((live[session], decide(policy, each)) for session, each in facts.items())
    return [Turned(session, decision) for session, decision in decided if decision.outcome is not Outcome.ALLOW]
