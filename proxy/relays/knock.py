"""One credential at the doorway, from the gate's ``Ask`` to the verdict; a person may have to be asked in between."""

from kernel.authority import Attempt
from proxy.admission import Admission
from proxy.relays.channel import Channel
from proxy.relays.deadlines import Deadline
from proxy.relays.gate import Ask
from proxy.relays.house import House
from proxy.waiting import Remind, Then, Waiter


def attempt_of(ask: Ask, service: str, channel: Channel, certificate: bytes, *, shapes: bool) -> Attempt:
    """Return what the guard is asked. A certificate goes along with any credential; alone it is EXTERNAL's. ``shapes``:
    the client's TLS is looked at."""
    return Attempt(
        service,
        channel.peer,
        ask.name,
        ask.password,
        ask.token,
        certificate=certificate,
        client=ask.client,
        shape=channel.tls_shape if shapes else "",
        proof=ask.proof,
        said=ask.said,
    )


class Knock:
    """``begin`` it once. ``settled`` is called with the verdict, once, unless it is cancelled; ``remind`` when the
    client may be told that it waits."""

    __slots__ = ("_attempt", "_cancelled", "_deadline", "_house", "_remind", "_settled", "_waiter")

    def __init__(self, house: House, attempt: Attempt, deadline: Deadline, remind: Remind, settled: Then) -> None:
        self._house, self._attempt, self._deadline = house, attempt, deadline
        self._remind, self._settled = remind, settled
        self._waiter: Waiter | None = None
        self._cancelled = False

    def begin(self) -> None:
        """Have the guard judge it."""
        self._house.guard.admit(self._attempt, self._judged)

    def cancel(self) -> None:
        """The client is gone."""
        self._cancelled = True
        if self._waiter is not None:
            self._waiter.cancel()

    def _judged(self, admission: Admission) -> None:
        """Where a factor is asked for that no client could show, its person is asked, and that may take a while."""
        if self._cancelled:
            return
        waiting = self._house.waiting if admission.step_up else None
        if waiting is None:
            self._settled(admission)
            return
        waiter = waiting.begin(self._attempt, admission, self._remind, self._answered)
        if waiter is None:
            self._settled(admission)
        elif not waiter.over:
            self._waiter = waiter
            self._deadline.extend(waiting.seconds + self._house.bounds.preauth_seconds)

    def _answered(self, admission: Admission) -> None:
        if self._cancelled:
            return
        if self._waiter is not None:
            self._waiter = None
            self._deadline.extend(self._house.bounds.preauth_seconds)
        self._settled(admission)
