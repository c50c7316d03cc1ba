"""Replays of recorded decisions as jobs: one at a time, in a thread that gives way to everybody else all the while.

A job walks the decisions from the latest back to ``since``, page by page. It changes nothing; what it found is kept in
memory, for the last few jobs alone.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from idp.admin.actor import Actor
from idp.admin.decisions import decisions
from idp.admin.refusals import AdminRefused, missing, spoken
from idp.admin.revisions import numbered
from kernel.audit import Entry
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.ports import Reader, Store
from kernel.problems import Conflict, Invalid, Missing, Unavailable
from kernel.records.policy import PolicyRevision
from policies.language import load
from policies.model import Policy
from policies.replay import Asked, Replay, Replayed

SLICE = 0.002
REST = 0.001
"""Seconds of work in a row, and of rest after it: the event loop waits no longer than that for its turn."""
MOST = 1_000_000
MOST_EXAMPLES = 200
KEPT = 8
COMPILED = 16
"""Jobs whose results are kept, and revisions that are kept compiled while a job needs them."""
LONGEST_COMPILING = 60.0

LOG = logging.getLogger("gatepost.replay")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to replay: by ``text`` (a draft), else by revision number ``revision``, else each by its own (0).

    ``against``: compare with what that revision would have decided, in place of what was decided (0). ``since``: the
    moment from which on; ``limit``: how many decisions at most, the latest; ``examples``: how many of each kind.
    """

    text: str | None = field(default=None, repr=False)
    revision: int = 0
    against: int = 0
    since: float = 0.0
    limit: int = MOST
    examples: int = 20


class State(StrEnum):
    """How far a job is."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(slots=True)
class Job:
    """One replay: ``done`` of ``total`` decisions so far. Times are seconds since 1970.

    ``found`` is what was found in them; while it runs, as of when somebody last asked for the job (``asked``), so that
    nothing grows under who reads it.
    """

    id: str
    actor: str
    wish: Wish
    began_at: float
    found: Replayed
    total: int = 0
    done: int = 0
    ended_at: float = 0.0
    state: State = State.RUNNING
    asked: bool = True
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)


class Busy(AdminRefused, Conflict):
    """A replay runs already."""


class Replaying:
    """The acts on replays. ``pause`` blocks its thread for so many seconds."""

    def __init__(self, store: Store, clock: Clock, chance: Chance, pause: Callable[[float], None] = time.sleep) -> None:
        self._store, self._clock, self._chance, self._pause = store, clock, chance, pause
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    async def start(self, actor: Actor, wish: Wish) -> Job:
        """Begin a replay and return its job, which goes on by itself.

        Raises:
            Invalid: the draft has faults.
            Missing: there is no such revision.
            Busy: another replay runs.
        """
        wish = replace(wish, limit=max(1, min(wish.limit, MOST)), examples=max(0, min(wish.examples, MOST_EXAMPLES)))
        asked, against = await self._asked(wish), await self._against(wish)
        total = await self._store.read(lambda tx: tx.count_decided(wish.since))
        running = next((job for job in self._jobs.values() if job.state is State.RUNNING), None)
        if running is not None:
            raise Busy(spoken("replay-runs", {"actor": running.actor, "id": running.id}))
        replay = Replay(asked, against, examples=wish.examples)
        job = Job(identifier(self._chance, "replay"), actor.name, wish, self._clock.now(), Replayed())
        job.total = min(total, wish.limit)
        self._jobs[job.id] = job
        while len(self._jobs) > KEPT:
            self._jobs.popitem(last=False)
        job.task = asyncio.get_running_loop().create_task(self._run(job, replay))
        return job

    def job(self, name: str) -> Job:
        """Return a job; Missing when there is none of this id (any more)."""
        found = self._jobs.get(name)
        if found is None:
            raise missing("no-replay", name)
        found.asked = True
        return found

    async def wait(self, name: str, seconds: float) -> Job:
        """Return a job once it is over, and at the latest after so many seconds."""
        job = self.job(name)
        if job.task is not None and seconds > 0:
            await asyncio.wait({job.task}, timeout=seconds)
        return job

    def cancel(self, name: str) -> Job:
        """Give a job up; what it found so far stays."""
        job = self.job(name)
        if job.task is not None and job.state is State.RUNNING:
            job.task.cancel()
            self._over(job, State.CANCELLED)
        return job

    async def _run(self, job: Job, replay: Replay) -> None:
        try:
            await self._walk(job, replay)
        except asyncio.CancelledError:
            self._over(job, State.CANCELLED)
            raise
        except Unavailable as trouble:
            LOG.warning("replay %s was given up: %s", job.id, trouble)
            self._over(job, State.FAILED)
        except Exception:
            LOG.exception("replay %s failed", job.id)
            self._over(job, State.FAILED)
        else:
            job.found = replay.result
            self._over(job, State.DONE)

    def _over(self, job: Job, state: State) -> None:
        if job.state is State.RUNNING:
            job.state, job.ended_at = state, self._clock.now()

    async def _walk(self, job: Job, replay: Replay) -> None:
        async for page in decisions(self._store, job.wish.since, job.wish.limit):
            await asyncio.to_thread(self._take, replay, page)
            job.done += len(page)
            job.total = max(job.total, job.done)
            if job.asked:
                job.found, job.asked = replay.result.copy(), False

    def _take(self, replay: Replay, page: Sequence[Entry]) -> None:
        """Replay a page, with a rest after each slice of work; runs in a thread."""
        began = self._clock.monotonic()
        for entry in page:
            replay.take(entry.number, entry.body)
            if self._clock.monotonic() - began >= SLICE:
                self._pause(REST)
                began = self._clock.monotonic()

    async def _asked(self, wish: Wish) -> Asked:
        if wish.text is not None:
            draft = await asyncio.to_thread(load, wish.text)
            return lambda revision: draft
        if wish.revision:
            one = await self._compiled(wish.revision)
            return lambda revision: one
        return Own(self._compiled).policy

    async def _against(self, wish: Wish) -> Policy | None:
        return await self._compiled(wish.against) if wish.against else None

    async def _compiled(self, number: int) -> Policy:
        def stored(tx: Reader) -> PolicyRevision:
            return numbered(tx, number)

        found = await self._store.read(stored)
        return await asyncio.to_thread(load, found.text, found.number)


class Own:
    """Each record's own revision, compiled when the first record of it comes. Made in the loop, asked in a thread."""

    def __init__(self, compiled: Callable[[int], Coroutine[Any, Any, Policy]]) -> None:
        self._compiled, self._loop = compiled, asyncio.get_running_loop()
        self._known: OrderedDict[int, Policy | str] = OrderedDict()

    def policy(self, revision: int) -> Policy | str:
        """Return a revision's policy, or why there is none."""
        known = self._known.get(revision)
        if known is None:
            known = self._known[revision] = self._found(revision)
            if len(self._known) > COMPILED:
                self._known.popitem(last=False)
        return known

    def _found(self, revision: int) -> Policy | str:
        answer = asyncio.run_coroutine_threadsafe(self._compiled(revision), self._loop)
        try:
            return answer.result(LONGEST_COMPILING)
        except Missing:
            return f"revision {revision} is gone"
        except Invalid:
            return f"revision {revision} does not compile any more"
