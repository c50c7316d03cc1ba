"""Logins that wait while their person is asked elsewhere: bounded in number and time, without a task for any.

::

    asking --refused, no answer--> settled (as it was judged)
       '--asked--> waiting --the answer is there--> judged again, once --> settled
                     |  '--time is up--> settled (as it was judged)
                     '--the client is gone--> withdrawn
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from kernel.authority import ApprovalOrder, Asked, Attempt
from kernel.clock import Clock
from kernel.records.changes import approval_handle
from proxy.admission import Admission
from proxy.asking import Timer, Timers
from proxy.changes import ChangeFollower

MOST = 1000
MOST_OF_ONE = 8
"""Logins that wait at one proxy, of all people and of one; whoever comes on top is refused at once."""

TICK = 1.0
REMIND = 10.0
"""Seconds between two signs of life to a client that can be given them: mbsync gives up after 20 s of silence."""

SHOWING = ("thunderbird", "mutt")
"""Clients, by what they call themselves, that show their person an ALERT the moment it comes (RFC 3501, section 7.1):
they can be given a number to compare."""

Then = Callable[[Admission], None]
Remind = Callable[[str, bool], None]


class Asking(Protocol):
    """What is asked of the identity side; ``then`` is called exactly once."""

    def ask_person(self, order: ApprovalOrder, then: Callable[[Asked | Exception], None]) -> None: ...
    def withdraw(self, approval_id: str, session: str) -> None: ...


class Waiter:
    """One login that waits."""

    __slots__ = ("_book", "admission", "approval", "attempt", "due", "number", "over", "remind", "remind_at", "then")

    def __init__(self, book: "Waiting", attempt: Attempt, admission: Admission, remind: Remind, then: Then) -> None:
        self._book, self.attempt, self.admission, self.remind, self.then = book, attempt, admission, remind, then
        self.approval = self.number = ""
        self.due = self.remind_at = 0.0
        self.over = False

    @property
    def person(self) -> str:
        """The id of the user who is asked."""
        return self.admission.subject.key.user_id if self.admission.subject else ""

    def cancel(self) -> None:
        """The client is gone: nobody needs to answer any more."""
        self._book.forget(self, withdraw=True)


class Waiting:
    """Every login that waits at one proxy."""

    def __init__(
        self,
        asking: Asking,
        admit: Callable[[Attempt, Then], None],
        follower: ChangeFollower,
        clock: Clock,
        timers: Timers,
        *,
        seconds: float,
    ) -> None:
        """``admit`` judges a login (``Guard.admit``). ``seconds``: how long each may wait; 0: none does."""
        self._asking, self._admit, self._follower = asking, admit, follower
        self._clock, self._timers = clock, timers
        self.seconds = seconds
        self._waiters: dict[Waiter, None] = {}
        self._of: dict[str, int] = {}
        self._by_handle: dict[str, dict[Waiter, None]] = {}
        self._timer: Timer | None = None
        follower.on_changes(self._changed)

    def __len__(self) -> int:
        return len(self._waiters)

    def begin(self, attempt: Attempt, admission: Admission, remind: Remind, then: Then) -> Waiter | None:
        """Have the person asked about a login that was judged to need a step up; None: it cannot wait.

        ``then`` is called exactly once, unless the waiter is cancelled, and perhaps within this call (``Waiter.over``
        tells). ``remind(number, first)`` is called when the client may be told that it waits.
        """
        require = admission.decision.require if admission.decision is not None else None
        subject = admission.subject
        if require is None or subject is None or self.seconds <= 0:
            return None
        waiter = Waiter(self, attempt, admission, remind, then)
        if len(self._waiters) >= MOST or self._of.get(waiter.person, 0) >= MOST_OF_ONE:
            return None
        waiter.due = self._clock.monotonic() + self.seconds
        waiter.remind_at = waiter.due
        self._waiters[waiter] = None
        self._of[waiter.person] = self._of.get(waiter.person, 0) + 1
        order = ApprovalOrder(
            key=subject.key,
            session=admission.session,
            service=admission.service,
            address=admission.address,
            factors=tuple(require.factors),
            within=require.within,
            wait=self.seconds,
            client=attempt.client,
            shows=any(name in attempt.client.lower() for name in SHOWING),
        )
        self._asking.ask_person(order, lambda answer: self._asked(waiter, answer))
        if self._timer is None and self._waiters:
            self._timer = self._timers.call_later(TICK, self._tick)
        return waiter

    def forget(self, waiter: Waiter, *, withdraw: bool) -> None:
        """Take a waiter off the book; ``withdraw``: and tell the identity side that it waits no more."""
        if waiter.over:
            return
        waiter.over = True
        del self._waiters[waiter]
        left = self._of.pop(waiter.person) - 1
        if left:
            self._of[waiter.person] = left
        handle = approval_handle(waiter.approval)
        near = self._by_handle.get(handle)
        if near is not None:
            near.pop(waiter, None)
            if not near:
                del self._by_handle[handle]
        if withdraw and waiter.approval:
            self._asking.withdraw(waiter.approval, waiter.admission.session)

    def _asked(self, waiter: Waiter, answer: Asked | Exception) -> None:
        if isinstance(answer, Exception):
            self._settle(waiter, waiter.admission)
            return
        if waiter.over:  # the client left while the question was on its way
            self._asking.withdraw(answer.id, waiter.admission.session)
            return
        waiter.approval, waiter.number = answer.id, answer.number
        handle = approval_handle(answer.id)
        self._by_handle.setdefault(handle, {})[waiter] = None
        number = waiter.admission.subject.number if waiter.admission.subject is not None else 0
        if answer.answered or self._follower.touched((handle,), number):
            self._look_again(waiter)
            return
        waiter.remind_at = self._clock.monotonic() + REMIND
        waiter.remind(waiter.number, True)

    def _changed(self, handles: Sequence[str]) -> None:
        for handle in handles if self._by_handle else ():
            for waiter in tuple(self._by_handle.get(handle, ())):
                self._look_again(waiter)

    def _look_again(self, waiter: Waiter) -> None:
        """Judge it afresh: whatever the person said is among the facts by now. It does not wait a second time."""
        self.forget(waiter, withdraw=False)
        self._admit(waiter.attempt, waiter.then)

    def _settle(self, waiter: Waiter, admission: Admission) -> None:
        if not waiter.over:
            self.forget(waiter, withdraw=True)
            waiter.then(admission)

    def _tick(self) -> None:
        self._timer, now = None, self._clock.monotonic()
        for waiter in tuple(self._waiters):
            if waiter.over:
                continue
            if now >= waiter.due:
                self._settle(waiter, waiter.admission)
            elif now >= waiter.remind_at:
                waiter.remind_at = now + REMIND
                waiter.remind(waiter.number, False)
        if self._waiters:
            self._timer = self._timers.call_later(TICK, self._tick)
