"""Who a route cookie is: one lease per browser, route and address, found again without asking anybody.

A request passes by a look into memory and a few comparisons. What ends the lease ends its exchanges in progress too.
Where the policy limits idleness, the identity side hears of what a person does, so that every worker counts alike.
"""

import hmac
import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from kernel.chance import Chance
from kernel.reasons import Reason
from policies.model import Limits
from proxy.lease import Lease
from proxy.leases import Leases
from proxy.relays.deadlines import Deadline, Deadlines
from proxy.web.routes import Place

CAPACITY = 50_000
QUIET_SECONDS = 1800.0
"""A browser that asked for nothing so long is no longer listed as live; its cookie finds the way back by itself."""

TOLD, LONGEST_UNTOLD = 5.0, 60.0
"""A person's doings are told that many times within the limit on idleness, and after so many seconds at the latest."""


class Exchange(Protocol):
    """A request in progress that must end with its session."""

    def cut(self, reason: Reason, words: str) -> None:
        """End at once."""
        ...


class WebSession:
    """A browser on a route, from one address. The holder of its lease."""

    __slots__ = (
        "_deadline",
        "_sessions",
        "exchanges",
        "identity",
        "identity_for",
        "identity_until",
        "lease",
        "live",
        "mail_token",
        "name",
        "octets_in",
        "octets_out",
        "place",
        "proved_at",
        "stamp",
        "tell_at",
        "usable_until",
        "waiting",
    )

    def __init__(self, sessions: "Sessions", name: bytes, place: Place) -> None:
        self._sessions = sessions
        self._deadline: Deadline | None = None
        self.name = name
        self.place = place
        self.live = True
        self.lease: Lease
        self.exchanges: set[Exchange] = set()
        self.identity = b""
        self.identity_for: object = None
        self.identity_until = 0.0
        self.mail_token = b""
        self.proved_at = 0.0
        self.stamp = object()
        self.tell_at = math.inf
        self.usable_until = float("-inf")
        self.waiting: list[Callable[[bool], None]] = []
        self.octets_in = 0
        self.octets_out = 0

    @property
    def fresh(self) -> bool:
        """Whether what the application is told of this person is still so."""
        return self.identity_for is self.lease.subject

    def begin(self, lease: Lease, deadline: Deadline) -> None:
        """Become the holder of a lease that was just admitted."""
        self.lease = lease
        self.proved_at = lease.subject.proved_at
        self._deadline = deadline
        self.limit(lease.decision.limits)

    def touch(self, now: float) -> None:
        """A request came, at ``now`` (monotonic)."""
        self.lease.active_at = now
        if self._deadline is not None:
            self._deadline.extend(QUIET_SECONDS)
        if now >= self.tell_at:
            self.limit(self.lease.decision.limits)
            self._sessions.leases.active(self.lease)

    def end(self, reason: Reason, words: str) -> None:
        """See ``proxy.lease.Holder``: every exchange in progress is cut."""
        self._over(reason)
        for exchange in tuple(self.exchanges):
            exchange.cut(reason, words)

    def limit(self, limits: Limits) -> None:
        """See ``proxy.lease.Holder``. The lease itself keeps the limits; here is told what they count by."""
        idle = limits.idle
        self.tell_at = math.inf if idle is None else self.lease.active_at + min(idle / TOLD, LONGEST_UNTOLD)

    def leave(self) -> None:
        """The browser signed out here, or went quiet."""
        self._over(None)

    def quiet(self) -> None:
        """Be no longer listed, unless something is still in progress."""
        if self.exchanges:
            self._deadline = self._sessions.watch(self)
            return
        self._over(None)

    def _over(self, reason: Reason | None) -> None:
        if not self.live:
            return
        self.live = False
        if self._deadline is not None:
            self._deadline.cancel()
        self._sessions.forget(self)
        self._sessions.leases.release(self.lease.session, reason, self.octets_in, self.octets_out)


class Sessions:
    """Every browser session of this process, by the keyed hash of its cookie."""

    def __init__(self, leases: Leases, chance: Chance, deadlines: Deadlines, capacity: int = CAPACITY) -> None:
        self.leases = leases
        self._key = chance.octets(32)
        self._deadlines = deadlines
        self._capacity = capacity
        self._sessions: OrderedDict[bytes, WebSession] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def cookie(self, route: str, cookie: str) -> bytes:
        """Return the keyed hash of a cookie; the cookie itself is not kept."""
        return hmac.digest(self._key, f"{route}\n{cookie}".encode(), "sha256")

    def name(self, cookie: bytes, address: str, certificate: bytes) -> bytes:
        """Return under which name a browser is known: its hashed cookie, where it is, and what it showed in TLS."""
        return hmac.digest(self._key, b"%b%b\n%b" % (cookie, address.encode(), certificate), "sha256")

    def find(self, name: bytes) -> WebSession | None:
        """Return the live session of this name."""
        return self._sessions.get(name)

    def open(self, name: bytes, place: Place, make: Callable[[WebSession], Lease]) -> WebSession:
        """Begin a session; ``make`` returns its lease. It may be over before this returns (see ``live``)."""
        session = WebSession(self, name, place)
        session.begin(make(session), self.watch(session))
        self._sessions[name] = session
        self.leases.hold(session.lease)
        while len(self._sessions) > self._capacity:
            next(iter(self._sessions.values())).leave()
        return session

    def watch(self, session: WebSession) -> Deadline:
        """Set the clock for going quiet."""
        return self._deadlines.after(QUIET_SECONDS, session.quiet)

    def forget(self, session: WebSession) -> None:
        """Drop a session that is over."""
        if self._sessions.get(session.name) is session:
            del self._sessions[session.name]
