"""Who is in, and throwing them out: one session, a user, or a device (these two with their sign-ins)."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from idp import ending
from idp.admin.actor import Actor
from idp.admin.finding import device, user
from idp.admin.ports import SessionBoard
from idp.admin.refusals import missing
from kernel.clock import Clock
from kernel.ports import Store
from kernel.problems import Missing
from kernel.reasons import Reason
from kernel.records.sessions import LiveSession


@dataclass(frozen=True, slots=True)
class Ended:
    """What an end took with it."""

    sessions: int
    signins: int


class Sessions:
    """The acts on live sessions."""

    def __init__(self, store: Store, board: SessionBoard, clock: Clock) -> None:
        self._store, self._board, self._clock = store, board, clock

    def all(self, *, user: str = "", device: str = "", service: str = "") -> Sequence[LiveSession]:
        """Return live sessions that match everything given (name or id), newest first."""
        return sorted(
            (
                each
                for each in self._board.all()
                if (not user or user in (each.user, each.user_id))
                and (not device or device in (each.device, each.device_id))
                and (not service or service == each.service)
            ),
            key=lambda each: -each.since,
        )

    def per_service(self) -> Mapping[str, int]:
        """Return how many sessions each service carries, the busiest first."""
        return dict(Counter(each.service for each in self._board.all()).most_common())

    async def end(self, actor: Actor, session_id: str) -> LiveSession:
        """End one session; Missing when no proxy carries it (any more)."""
        found = next((each for each in self._board.all() if each.id == session_id), None)
        if found is None:
            raise missing("no-session", session_id)
        await self._board.end(session_id, actor.name)
        return found

    async def end_user(self, actor: Actor, name: str) -> Ended:
        """End every session and sign-in of a user; they may sign in again."""
        person = await self._store.read(lambda tx: user(tx, name))
        signins = await self._store.write(lambda tx: ending.end_user(tx, person.id, *self._by(actor)))
        return Ended(await self._end_live(actor, lambda each: each.user_id == person.id), signins)

    async def end_device(self, actor: Actor, name: str) -> Ended:
        """End every session and sign-in on a device."""
        one = await self._store.read(lambda tx: device(tx, name))
        signins = await self._store.write(lambda tx: ending.end_device(tx, one.id, *self._by(actor)))
        return Ended(await self._end_live(actor, lambda each: each.device_id == one.id), signins)

    def _by(self, actor: Actor) -> tuple[str, Reason, float]:
        return actor.name, Reason.ENDED_BY_ADMIN, self._clock.now()

    async def _end_live(self, actor: Actor, concerns: Callable[[LiveSession], bool]) -> int:
        live = [each for each in self._board.all() if concerns(each)]
        ends = [self._board.end(session.id, actor.name) for session in live]
        for outcome in await asyncio.gather(*ends, return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, Missing):
                raise outcome
        return len(live)
