"""Whether the house is well, in rows for a person: what was looked at, what was seen, what to do."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from idp.admin.publishing import Publishing
from idp.admin.sessions import Sessions
from kernel.ports import Reader, Store
from kernel.problems import Invalid, Unavailable
from kernel.records.devices import Device, Trust
from kernel.records.people import User
from policies.language import load

PATIENCE = 5.0


class State(StrEnum):
    """How a thing stands."""

    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at. ``name`` is a fixed word (the console translates it), ``about`` which one of its
    kind, ``seen`` what was found."""

    name: str
    state: State
    seen: str
    advice: str = ""
    about: str = ""


Probe = Callable[[], Awaitable[Row]]
"""A look at something outside this room (an upstream, a certificate's end); given by the wiring."""


@dataclass(frozen=True, slots=True)
class _Counts:
    users: int
    devices: int
    pending: int
    change: int
    audit: int


class Health:
    """Looks at everything there is to look at."""

    def __init__(self, store: Store, publishing: Publishing, sessions: Sessions, probes: Sequence[Probe] = ()) -> None:
        self._store, self._publishing, self._sessions, self._probes = store, publishing, sessions, probes

    async def rows(self) -> Sequence[Row]:
        """Return every row, the house's own first. A look that fails or takes too long is a bad row, never an error."""
        try:
            counts = await self._store.read(_count)
        except Unavailable as fault:
            return [Row("store", State.BAD, str(fault), "look at the disk and at the server's log")]
        own = [
            Row("store", State.GOOD, str(counts.change)),
            Row("audit", State.GOOD, str(counts.audit)),
            await self._policy(),
            self._nodes(),
            _people(counts),
            _machines(counts),
        ]
        return [*own, *await asyncio.gather(*(self._look(probe) for probe in self._probes))]

    async def _policy(self) -> Row:
        current = await self._publishing.current()
        if current is None:
            return Row("policy", State.BAD, "none", "publish one; until then nobody gets in")
        try:
            policy = await asyncio.to_thread(load, current.text, current.number)
        except Invalid as fault:
            return Row(
                "policy", State.BAD, f"r{current.number}: {fault}".splitlines()[0], "publish a corrected revision"
            )
        left = await self._publishing.ways_in(policy)
        if len(left) < self._publishing.enough:
            who = f"only {left[0].user}" if left else "nobody"
            return Row("policy", State.ATTENTION, f"r{current.number}", f"{who} can open the console under it")
        return Row("policy", State.GOOD, f"r{current.number}")

    def _nodes(self) -> Row:
        per_node = Counter(each.node for each in self._sessions.all())
        seen = ", ".join(f"{node}: {count}" for node, count in sorted(per_node.items()))
        return Row("sessions", State.GOOD, seen or "0")

    async def _look(self, probe: Probe) -> Row:
        try:
            async with asyncio.timeout(PATIENCE):
                return await probe()
        except Exception as fault:
            name = getattr(probe, "__name__", "probe").strip("_")
            return Row(name, State.BAD, f"{type(fault).__name__}: {fault}"[:200])


def worst(rows: Sequence[Row]) -> State:
    """Return the state of the whole: that of its worst row."""
    order = (State.BAD, State.ATTENTION)
    return next((state for state in order if any(row.state is state for row in rows)), State.GOOD)


def _count(tx: Reader) -> _Counts:
    pending = tx.count(Device, trust=Trust.PENDING)
    return _Counts(tx.count(User), tx.count(Device), pending, tx.last_change(), tx.audit_head()[0])


def _people(counts: _Counts) -> Row:
    if counts.users == 0:
        return Row("users", State.ATTENTION, "0", "add the first one: gatepost user add NAME --email ADDRESS")
    return Row("users", State.GOOD, str(counts.users))


def _machines(counts: _Counts) -> Row:
    if counts.pending:
        advice = "approve or revoke them: gatepost device list --trust pending"
        return Row("devices", State.ATTENTION, f"{counts.devices} ({counts.pending})", advice)
    return Row("devices", State.GOOD, str(counts.devices))
