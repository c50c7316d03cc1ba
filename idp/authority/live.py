"""The live sessions of all proxies, as they announce them: for the console, the portal, and for ending one.

In memory: it is a picture, not the truth. Ending works by the change log, so it reaches a session in any proxy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kernel.audit import SessionOrdered
from kernel.clock import Clock
from kernel.ports import Store, Writer
from kernel.problems import Missing
from kernel.records.changes import session_handle
from kernel.records.sessions import LiveSession

MOST_PER_NODE = 50_000
LONGEST_TEXT = 300


class LiveSessions:
    """Who is in, by node."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._nodes: dict[str, dict[str, LiveSession]] = {}

    def take(self, node: str, opened: Sequence[LiveSession], closed: Iterable[str], whole: bool) -> None:
        """Believe what a proxy says of its own sessions; beyond 50,000 of one node the newest are left out."""
        known = {} if whole else self._nodes.get(node, {})
        for session in opened:
            if len(known) < MOST_PER_NODE:
                known[session.id] = replace(session, node=node, client=session.client[:LONGEST_TEXT])
        for session_id in closed:
            known.pop(session_id, None)
        self._nodes[node] = known

    def lost(self, node: str) -> None:
        """A proxy is gone, and its sessions with it."""
        self._nodes.pop(node, None)

    def all(self) -> Sequence[LiveSession]:
        """Return every session, oldest first."""
        return sorted((each for known in self._nodes.values() for each in known.values()), key=lambda each: each.since)

    def by_user(self, user_id: str) -> Sequence[LiveSession]:
        """Return a user's sessions, oldest first."""
        return [each for each in self.all() if each.user_id == user_id]

    def get(self, session_id: str) -> LiveSession | None:
        """Return one session, if a proxy carries it now."""
        return next((known[session_id] for known in self._nodes.values() if session_id in known), None)

    async def end(self, session_id: str, actor: str) -> None:
        """Order a session to end: durable once this returns, done within moments.

        Raises:
            Missing: no proxy carries it.
        """
        session = self.get(session_id)
        if session is None:
            raise Missing("there is no such live session (any more)")

        def work(tx: Writer) -> None:
            tx.note(session_handle(session.id))
            tx.log(
                SessionOrdered(
                    at=self._clock.now(),
                    actor=actor,
                    user=session.user,
                    user_id=session.user_id,
                    device_id=session.device_id,
                    address=session.address,
                    session=session.id,
                    service=session.service,
                )
            )

        await self._store.write(work)
