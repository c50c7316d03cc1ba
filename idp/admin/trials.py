"""Trials of a policy: start one beside the policy in force, see where it differs, stop it. Nothing of it is enforced.

One at a time. A start and a stop are one unit of work with their change row and their audit entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from idp.admin.actor import Actor
from idp.admin.counting import Counting
from idp.admin.drafts import LONGEST_COMMENT
from idp.admin.ports import SessionBoard
from idp.admin.publishing import Publishing
from idp.admin.refusals import AdminRefused, refused, spoken
from idp.admin.tally import TrialTally
from kernel.audit import Entry, PolicyChanged, TrialDiffered
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.problems import Conflict, Invalid
from kernel.records.changes import POLICY
from kernel.records.trials import PolicyTrial

MOST_ROWS = 500


class TrialRuns(AdminRefused, Conflict):
    """Another trial is running."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A trial with what was counted of it, and the entries that tell where it differed, latest first. ``live``: the
    sessions among these that live now."""

    trial: PolicyTrial
    tally: TrialTally
    rows: Sequence[Entry]
    live: frozenset[str]


class Trials:
    """The acts on trials."""

    def __init__(
        self, store: Store, clock: Clock, publishing: Publishing, counting: Counting, board: SessionBoard
    ) -> None:
        self._store, self._clock, self._publishing = store, clock, publishing
        self._counting, self._board = counting, board

    async def latest(self) -> PolicyTrial | None:
        """Return the trial that was started last, running or not."""
        return await self._store.read(_latest)

    async def start(self, actor: Actor, text: str, comment: str = "") -> PolicyTrial:
        """Ask this document beside the policy in force from now on.

        Raises:
            Invalid: it has faults, each with its place.
            TrialRuns: one at a time.
            Refused: there is no policy in force yet.
        """
        report = await self._publishing.check(text)
        if report.problems:
            raise Invalid(report.problems)
        if await self._publishing.current() is None:
            raise refused("no-policy")
        return await self._store.write(lambda tx: self._begin(tx, actor, text, comment))

    async def stop(self, actor: Actor) -> PolicyTrial:
        """End the trial that is running.

        Raises:
            Refused: none is.
        """
        return await self._store.write(lambda tx: self._end(tx, actor))

    async def show(self, since: int = 0, limit: int = 20) -> Shown | None:
        """Return the latest trial with its latest rows, those whose entries have a number above ``since``; None when
        there never was one."""
        found = await self._store.read(lambda tx: _rows(tx, since, max(0, min(limit, MOST_ROWS))))
        if found is None:
            return None
        trial, rows = found
        live = frozenset(session.id for session in self._board.all())
        counted = await self._counting.tried(trial.number)
        return Shown(trial, counted, rows, live & {entry.fields["session"] for entry in rows})

    def _begin(self, tx: Writer, actor: Actor, text: str, comment: str) -> PolicyTrial:
        before = _latest(tx)
        if before is not None and before.running:
            raise TrialRuns(spoken("trial-runs", {"author": before.author, "number": before.number}))
        number = before.number + 1 if before else 1
        kept = comment.strip()[:LONGEST_COMMENT]
        made = PolicyTrial(str(number), number, text, actor.name, self._clock.now(), kept)
        tx.insert(made)
        self._tell(tx, actor, "trial-started", made)
        return made

    def _end(self, tx: Writer, actor: Actor) -> PolicyTrial:
        trial = _latest(tx)
        if trial is None or not trial.running:
            raise refused("no-trial")
        ended = replace(trial, ended_at=self._clock.now(), ended_by=actor.name)
        tx.put(ended)
        self._tell(tx, actor, "trial-stopped", ended)
        return ended

    def _tell(self, tx: Writer, actor: Actor, act: str, trial: PolicyTrial) -> None:
        tx.note(POLICY)
        now, comment = self._clock.now(), trial.comment
        tx.log(PolicyChanged(at=now, actor=actor.name, act=act, revision=0, comment=comment, trial=trial.number))


def _latest(tx: Reader) -> PolicyTrial | None:
    return tx.get(PolicyTrial, str(tx.count(PolicyTrial)))


def _rows(tx: Reader, since: int, limit: int) -> tuple[PolicyTrial, Sequence[Entry]] | None:
    trial = _latest(tx)
    if trial is None:
        return None
    found = tx.audit_search(kind=TrialDiffered.kind, limit=limit)
    return trial, [entry for entry in found if entry.number > since and entry.fields["trial"] == trial.number]
