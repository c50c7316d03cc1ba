"""The Authority itself, on the store: each question in one short method, the work behind it in a file of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from idp.authority.credentials import Credentials, No
from idp.authority.live import LiveSessions
from idp.authority.minting import Minting
from idp.authority.refusing import Refusing
from idp.authority.subjects import Subjects
from idp.authority.tickets import Tickets
from idp.authority.usage import Usage
from idp.judge import newest, running
from idp.signins.seeing import see
from kernel.audit import CredentialRefused, Decided, Event, Fault, LetterPassed, SessionEnded, TrialDiffered
from kernel.authority import Attempt, MintOrder, NotVerified, Policy, Subject, SubjectKey, UpstreamLogin, Verified
from kernel.clock import Clock
from kernel.ports import Store, Writer
from kernel.problems import Refused
from kernel.reasons import Reason
from kernel.records.changes import Change
from kernel.records.sessions import LiveSession

LIFE = 2.0
"""Seconds between two signs of life of a followed change log."""

BATCH = 1000
RECENT = 10_000
"""Changes per batch, and how many of the past ones a proxy gets that knows nothing yet."""

MOST_EVENTS = 10_000

BELIEVED: tuple[type[Event], ...] = (Decided, TrialDiffered, SessionEnded, LetterPassed, CredentialRefused, Fault)
"""What a proxy can have seen itself; it is not let write anything else into the chain."""


class Answers:
    """Implements ``kernel.authority.Authority``."""

    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        tickets: Tickets,
        refusing: Refusing,
        subjects: Subjects,
        minting: Minting,
        live: LiveSessions,
        usage: Usage,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._store, self._credentials, self._tickets, self._refusing = store, credentials, tickets, refusing
        self._subjects, self._minting, self._usage = subjects, minting, usage
        self.live = live

    async def verify(self, attempt: Attempt) -> Verified | NotVerified:
        if attempt.ticket:
            return await self._store.write(lambda tx: self._redeem(tx, attempt))
        answer = await self._store.read(lambda tx: self._credentials.check(tx, attempt), small=True)
        if isinstance(answer, Verified):
            self._usage.seen(answer.subject, attempt.address)
            return answer
        if answer.reason is Reason.SIGNIN_NEEDED:
            return NotVerified(answer.reason)  # a browser whose cookie is over: that is daily life, no event
        no = answer
        return await self._store.write(lambda tx: self._refusing.refuse(tx, attempt, no))

    async def facts(self, key: SubjectKey) -> Subject | None:
        return await self._store.read(lambda tx: self._subjects(tx, key), small=True)

    async def policy(self) -> Policy:
        found, trial = await self._store.read(lambda tx: (newest(tx), running(tx)))
        if found is None:
            return Policy(0, "")
        return Policy(found.number, found.text, trial.number, trial.text) if trial else Policy(found.number, found.text)

    async def changes(self, since: int) -> AsyncIterator[Sequence[Change]]:
        """As the Authority says. Who begins gets the recent past. Who knows more than we do, because our store was put
        back from a backup, gets everything: nothing may be missed."""
        wake = asyncio.Event()
        unwatch = self._store.watch(lambda number: wake.set())
        try:
            last = await self._store.read(lambda tx: tx.last_change(), small=True)
            since = max(0, last - RECENT) if since == 0 else since if since <= last else 0
            while True:
                wake.clear()
                batch = await self._store.read(lambda tx, number=since: tx.changes(number, BATCH))  # type: ignore[misc]
                yield batch
                if batch:
                    since = batch[-1].number
                else:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LIFE):
                            await wake.wait()
        finally:
            unwatch()

    async def record(self, node: str, events: Sequence[Event]) -> None:
        """As the Authority says.

        Raises:
            Refused: an event that a proxy cannot have seen, or more than 10,000 at once; none was recorded.
        """
        if len(events) > MOST_EVENTS or not all(isinstance(event, BELIEVED) for event in events):
            raise Refused(f"proxy {node[:80]} may not record this")

        def work(tx: Writer) -> None:
            for event in events:
                tx.log(event)

        await self._store.write(work)

    async def sessions(self, node: str, opened: Sequence[LiveSession], closed: Sequence[str], whole: bool) -> None:
        self.live.take(node, opened, closed, whole)
        used = [session for session in opened if session.signin_id]
        if used:
            await self._store.write(lambda tx: self._used(tx, used))

    async def mint(self, order: MintOrder) -> UpstreamLogin:
        return self._minting.login(order, await self._standing(order.key))

    async def assertion(self, key: SubjectKey, session: str, audience: str) -> tuple[str, float]:
        """As the Authority says. Refused: the subject is gone, disabled or has fallen."""
        return self._minting.assertion(await self._standing(key), session, audience)

    async def keys(self) -> str:
        return self._minting.jwks()

    async def run(self) -> None:
        """Do the background work until cancelled."""
        await self._usage.run()

    def _used(self, tx: Writer, used: Sequence[LiveSession]) -> None:
        now = self._clock.now()
        for session in used:
            see(tx, session.signin_id, session.service, min(session.active_at, now))

    def _redeem(self, tx: Writer, attempt: Attempt) -> Verified | NotVerified:
        answer = self._tickets.redeem(tx, attempt)
        if isinstance(answer, No):
            return self._refusing.refuse(tx, attempt, answer)
        return answer

    async def _standing(self, key: SubjectKey) -> Subject:
        subject = await self.facts(key)
        if subject is None or subject.user.disabled or subject.fallen is not None:
            raise Refused("this session has lost what it stood on")
        return subject
