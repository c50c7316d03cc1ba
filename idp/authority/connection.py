"""One proxy's connection: questions in, answers out, in whatever order they are ready. Bounded in every direction.

What is not a proper question ends the connection; a fault of ours is answered as Unavailable and logged by its kind.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, Protocol, cast

from kernel import wire
from kernel.authority import Authority, Verified
from kernel.problems import Refused, Unavailable
from kernel.wire import Broken, Frames, Status

MOST_QUESTIONS = 4096
MOST_FOLLOWED = 16
MOST_UNREAD = 64 * 1024 * 1024
"""Questions in work, change logs followed, and octets of answers that the other side may leave unread."""

LOG = logging.getLogger("gatepost.authority")


class Owner(Protocol):
    """Who keeps the connections."""

    def opened(self, connection: "Connection") -> None: ...
    def announced(self, connection: "Connection", node: str) -> None: ...
    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """Reads questions, asks the Authority, writes answers."""

    def __init__(self, answers: Authority, owner: Owner) -> None:
        self._answers, self._owner = answers, owner
        self._frames = Frames()
        self._tasks: set[asyncio.Task[None]] = set()
        self._followed: dict[int, asyncio.Task[None]] = {}
        self._writable = asyncio.Event()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._writable.set()
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._frames.feed(data):
                self._question(wire.read_question(body))
        except Broken as broken:
            LOG.warning("a proxy's connection was ended: %s", broken)
            self.drop()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        for task in (*self._tasks, *self._followed.values()):
            task.cancel()
        self._owner.closed(self)

    def drop(self) -> None:
        """End the connection now."""
        if self._transport is not None:
            self._transport.abort()

    def _question(self, question: wire.Question) -> None:
        method = wire.METHODS.get(question.method)
        if method is None:
            raise Broken(f"there is no question {question.method[:40]!r}")
        arguments = method.arguments(question.arguments)
        if method is wire.FORGET:
            self._forget(arguments.since)
        elif method is wire.CHANGES:
            self._follow(question.number, arguments.since)
        elif len(self._tasks) >= MOST_QUESTIONS:
            self._answer(question.number, Status.UNAVAILABLE, "too many questions at once")
        else:
            work = _WORK[method.name]
            self._start(self._settle(question.number, work(self, arguments)))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, number: int, work: Awaitable[object]) -> None:
        try:
            self._answer(number, Status.OK, await work)
        except Refused as refused:
            self._answer(number, Status.REFUSED, str(refused))
        except Unavailable as trouble:
            self._answer(number, Status.UNAVAILABLE, str(trouble))
        except Broken:
            self.drop()
        except Exception as fault:
            LOG.exception("a question could not be answered")
            self._answer(number, Status.UNAVAILABLE, f"a fault of ours: {type(fault).__name__}")

    def _follow(self, number: int, since: int) -> None:
        if len(self._followed) >= MOST_FOLLOWED or number in self._followed:
            raise Broken("too many change logs are followed")
        task = asyncio.get_running_loop().create_task(self._settle(number, self._changes(number, since)))
        self._followed[number] = task
        task.add_done_callback(lambda done: self._followed.pop(number, None))

    def _forget(self, number: int) -> None:
        task = self._followed.get(number)
        if task is not None:
            task.cancel()

    async def _changes(self, number: int, since: int) -> list[object]:
        async with aclosing(cast(Any, self._answers.changes(since))) as batches:
            async for batch in batches:
                self._answer(number, Status.MORE, batch)
                await self._writable.wait()
        return []

    def _answer(self, number: int, status: Status, body: object) -> None:
        transport = self._transport
        if transport is None:
            return
        transport.write(wire.answer(number, status, body))
        if transport.get_write_buffer_size() > MOST_UNREAD:
            LOG.warning("a proxy does not read its answers; its connection was ended")
            self.drop()

    async def _verify(self, attempt: Any) -> wire.VerifyAnswer:
        answer = await self._answers.verify(attempt)
        return wire.VerifyAnswer(answer, None) if isinstance(answer, Verified) else wire.VerifyAnswer(None, answer)

    async def _record(self, record: wire.Record) -> wire.Nothing:
        await self._answers.record(record.node, wire.unpack_events(record))
        return wire.Nothing()

    async def _sessions(self, told: wire.Sessions) -> wire.Nothing:
        await self._answers.sessions(told.node, told.opened, told.closed, told.whole)
        self._owner.announced(self, told.node)
        return wire.Nothing()

    async def _facts(self, asked: wire.Facts) -> object:
        return await self._answers.facts(asked.key)

    async def _policy(self, nothing: wire.Nothing) -> object:
        return await self._answers.policy()

    async def _mint(self, order: Any) -> object:
        return await self._answers.mint(order)

    async def _assertion(self, asked: wire.Assertion) -> object:
        return await self._answers.assertion(asked.key, asked.session, asked.audience)

    async def _keys(self, nothing: wire.Nothing) -> object:
        return await self._answers.keys()


_WORK: dict[str, Callable[[Connection, Any], Awaitable[object]]] = {
    wire.VERIFY.name: Connection._verify,
    wire.FACTS.name: Connection._facts,
    wire.POLICY.name: Connection._policy,
    wire.RECORD.name: Connection._record,
    wire.SESSIONS.name: Connection._sessions,
    wire.MINT.name: Connection._mint,
    wire.ASSERTION.name: Connection._assertion,
    wire.KEYS.name: Connection._keys,
}
"""Which method of the connection answers which question."""
