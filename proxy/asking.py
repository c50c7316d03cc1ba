"""What the guard and the leases need of the world around them: two questions answered by callback, and a loop's timers.

No task is made for a question; ``proxy.authority.DirectAsker`` asks them of the identity side.
"""

from collections.abc import Callable
from typing import Any, Protocol

from kernel.authority import Attempt, NotVerified, Subject, SubjectKey, Verified


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
