"""Asks the Authority without a task per session where the client can, and with one where it cannot.

``Asker`` is what the guard and the leases need; ``TaskAsker`` puts it on top of any ``kernel.authority.Authority``.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from kernel.authority import Attempt, Authority, NotVerified, Subject, SubjectKey, Verified

A = TypeVar("A")


class Asker(Protocol):
    """The two questions of the data plane. ``then`` is called exactly once, with the answer or the exception."""

    def verify(self, attempt: Attempt, then: Callable[[Verified | NotVerified | Exception], None]) -> None:
        """Ask whether a credential is good."""
        ...

    def facts(self, key: SubjectKey, then: Callable[[Subject | Exception | None], None]) -> None:
        """Ask for the present facts of a subject."""
        ...


class Timer(Protocol):
    """A call that can still be called off."""

    def cancel(self) -> None: ...


class Timers(Protocol):
    """What the guard needs of an event loop; a test has its own."""

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> Timer:
        """Call back after ``delay`` seconds."""
        ...

    def call_soon(self, callback: Callable[..., object], *args: Any) -> object:
        """Call back when the loop comes round."""
        ...


class TaskAsker:
    """An Asker over the plain async Authority: one short task per question, none per session."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._tasks: set[asyncio.Task[None]] = set()

    def verify(self, attempt: Attempt, then: Callable[[Verified | NotVerified | Exception], None]) -> None:
        self._start(self._authority.verify(attempt), then)

    def facts(self, key: SubjectKey, then: Callable[[Subject | Exception | None], None]) -> None:
        self._start(self._authority.facts(key), then)

    def _start(self, question: Coroutine[Any, Any, A], then: Callable[[A | Exception], None]) -> None:
        task = asyncio.get_running_loop().create_task(_answer(question, then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _answer(question: Coroutine[Any, Any, A], then: Callable[[A | Exception], None]) -> None:
    answer: A | Exception
    try:
        answer = await question
    except Exception as trouble:  # whatever it is, the one who asked must hear of it and fail closed
        answer = trouble
    then(answer)
