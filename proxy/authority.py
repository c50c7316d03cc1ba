"""The proxy's end of the seam: asks the identity side over one unix-socket connection that mends itself.

::

    away --connect--> connected --lost--> away (after 20 ms, then longer, at most 0.2 s)

Whatever is asked while away, or not answered in time, is Unavailable: the caller fails closed. Nothing is asked twice.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from kernel import wire
from kernel.audit import Event
from kernel.authority import Attempt, MintOrder, NotVerified, Policy, Subject, SubjectKey, UpstreamLogin, Verified
from kernel.clock import Clock
from kernel.problems import Refused, Unavailable
from kernel.records.changes import Change
from kernel.records.sessions import LiveSession
from kernel.wire import Broken, Frames, Method, Status

A = TypeVar("A")
Then = Callable[[Any], None]

DEADLINE = 5.0
SWEEP = 0.25
"""Seconds that an answer may take, and between two looks for answers that are overdue."""

BACKOFF = (0.02, 0.05, 0.1, 0.2)
MOST_PENDING = 20_000
MOST_BATCHES = 1000
MOST_UNSENT = 64 * 1024 * 1024
LOG = logging.getLogger("gatepost.authority")


@dataclass(frozen=True, slots=True)
class _Pending:
    method: Method[Any]
    then: Then
    due: float


class AuthorityClient:
    """Implements ``kernel.authority.Authority``; ``start`` it in a running event loop. ``deadline`` in seconds."""

    def __init__(self, socket_path: Path, clock: Clock, *, deadline: float = DEADLINE) -> None:
        self.connected = asyncio.Event()
        self._path, self._clock, self._deadline = socket_path, clock, deadline
        self._line: _Line | None = None
        self._lost = asyncio.Event()
        self._number = 0
        self._pending: dict[int, _Pending] = {}
        self._followed: dict[int, asyncio.Queue[list[Change] | Exception]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._keeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect, and go on for as long as this lives; ``connected`` tells when."""
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Let go; whoever still waits hears Unavailable."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        if self._line is not None:
            self._line.abort()
            self.lost()

    def ask(self, method: Method[A], arguments: object, then: Callable[[A | Exception], None]) -> None:
        """Ask, and call ``then`` exactly once, with the answer or with Refused or Unavailable; at once when away."""
        number = self._send(method, arguments)
        if isinstance(number, Unavailable):
            then(number)
            return
        self._pending[number] = _Pending(method, then, self._clock.monotonic() + self._deadline)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SWEEP, self._sweep)

    async def verify(self, attempt: Attempt) -> Verified | NotVerified:
        asked: wire.VerifyAnswer = await self._asked(wire.VERIFY, attempt)
        answer = _either(asked)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def facts(self, key: SubjectKey) -> Subject | None:
        return await self._asked(wire.FACTS, wire.Facts(key))

    async def policy(self) -> Policy:
        return await self._asked(wire.POLICY, wire.Nothing())

    async def changes(self, since: int) -> AsyncIterator[Sequence[Change]]:
        """As the Authority says; ends with Unavailable when the connection is lost or the reader is too slow."""
        number = self._send(wire.CHANGES, wire.Since(since))
        if isinstance(number, Unavailable):
            raise number
        batches = self._followed[number] = asyncio.Queue(MOST_BATCHES + 1)
        try:
            while True:
                batch = await batches.get()
                if isinstance(batch, Exception):
                    raise batch
                yield batch
        finally:
            if self._followed.pop(number, None) is not None:
                self._send(wire.FORGET, wire.Since(number))

    async def record(self, node: str, events: Sequence[Event]) -> None:
        await self._asked(wire.RECORD, wire.pack_events(node, events))

    async def sessions(self, node: str, opened: Sequence[LiveSession], closed: Sequence[str], whole: bool) -> None:
        await self._asked(wire.SESSIONS, wire.Sessions(node, list(opened), list(closed), whole))

    async def mint(self, order: MintOrder) -> UpstreamLogin:
        return await self._asked(wire.MINT, order)

    async def assertion(self, key: SubjectKey, session: str, audience: str) -> tuple[str, float]:
        return await self._asked(wire.ASSERTION, wire.Assertion(key, session, audience))

    async def keys(self) -> str:
        return await self._asked(wire.KEYS, wire.Nothing())

    def heard(self, body: bytes) -> None:
        """An answer has come. Raises Broken when it is not one."""
        answer = wire.read_answer(body)
        batches = self._followed.get(answer.number)
        if batches is not None:
            self._heard_changes(answer, batches)
            return
        pending = self._pending.pop(answer.number, None)
        if pending is not None:  # else it is overdue, and was given up
            _tell(pending, _outcome(pending.method, answer))

    def lost(self) -> None:
        """The connection is gone: tell everybody who waits."""
        self._line = None
        self.connected.clear()
        self._lost.set()
        trouble = Unavailable("the identity side is out of reach")
        pending, self._pending = self._pending, {}
        followed, self._followed = self._followed, {}
        for batches in followed.values():
            _put(batches, trouble)
        for each in pending.values():
            _tell(each, trouble)

    def _heard_changes(self, answer: wire.Answer, batches: "asyncio.Queue[list[Change] | Exception]") -> None:
        if answer.status is Status.MORE and batches.qsize() < MOST_BATCHES:
            batches.put_nowait(wire.CHANGES.answer(answer.body))
            return
        _put(batches, _outcome(wire.CHANGES, answer, "the changes come faster than they are read"))

    def _send(self, method: Method[Any], arguments: object) -> int | Unavailable:
        line = self._line
        if line is None or len(self._pending) >= MOST_PENDING or line.unsent() > MOST_UNSENT:
            return Unavailable("the identity side is out of reach")
        self._number += 1
        try:
            line.write(wire.question(self._number, method, arguments))
        except Broken as broken:
            return Unavailable(str(broken))
        return self._number

    async def _asked(self, method: Method[A], arguments: object) -> A:
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()

        def then(answer: A | Exception) -> None:
            if future.done():
                return
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self.ask(method, arguments, then)
        return await future

    def _sweep(self) -> None:
        """Give up what is overdue; questions wait equally long, so the oldest are first."""
        self._timer = None
        now = self._clock.monotonic()
        while self._pending:
            number, oldest = next(iter(self._pending.items()))
            if oldest.due > now:
                self._timer = asyncio.get_running_loop().call_later(SWEEP, self._sweep)
                return
            del self._pending[number]
            _tell(oldest, Unavailable("the identity side did not answer in time"))

    async def _keep(self) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while True:
            self._lost.clear()
            try:
                _, line = await loop.create_unix_connection(lambda: _Line(self), str(self._path))
            except OSError:
                await asyncio.sleep(BACKOFF[min(failures, len(BACKOFF) - 1)])
                failures += 1
                continue
            failures = 0
            if not self._lost.is_set():  # else it was lost before we came to use it
                self._line = line
                self.connected.set()
                await self._lost.wait()
            await asyncio.sleep(BACKOFF[0])


class _Line(asyncio.Protocol):
    """The connection: cuts frames and hands them up."""

    def __init__(self, client: AuthorityClient) -> None:
        self._client, self._frames = client, Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._frames.feed(data):
                self._client.heard(body)
        except Broken as broken:
            LOG.error("the identity side was not understood: %s", broken)
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self._client.lost()

    def write(self, octets: bytes) -> None:
        if self._transport is not None:
            self._transport.write(octets)

    def unsent(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class DirectAsker:
    """The data plane's two questions without a task each (see ``proxy.asking.Asker``)."""

    def __init__(self, client: AuthorityClient) -> None:
        self._client = client

    def verify(self, attempt: Attempt, then: Callable[[Verified | NotVerified | Exception], None]) -> None:
        self._client.ask(wire.VERIFY, attempt, lambda answer: then(_either(answer)))

    def facts(self, key: SubjectKey, then: Callable[[Subject | Exception | None], None]) -> None:
        self._client.ask(wire.FACTS, wire.Facts(key), then)


def _outcome(method: Method[Any], answer: wire.Answer, more: str = "an answer that nobody asked for") -> Any:
    if answer.status is Status.OK:
        return method.answer(answer.body)
    if answer.status is Status.MORE:
        return Unavailable(more)
    words = wire.words_of(answer.body)
    return Refused(words) if answer.status is Status.REFUSED else Unavailable(words)


def _either(answer: wire.VerifyAnswer | Exception) -> Verified | NotVerified | Exception:
    if isinstance(answer, Exception):
        return answer
    return answer.verified or answer.refused or Unavailable("the identity side gave no answer")


def _tell(pending: _Pending, answer: object) -> None:
    """Hand the answer over; a fault in whoever takes it must not cost the others theirs."""
    try:
        pending.then(answer)
    except Exception:
        LOG.exception("an answer could not be taken")


def _put(batches: "asyncio.Queue[list[Change] | Exception]", trouble: Any) -> None:
    trouble = trouble if isinstance(trouble, Exception) else Unavailable("the change log has ended")
    with suppress(asyncio.QueueFull):  # it holds a trouble already, after which nothing is read
        batches.put_nowait(trouble)
