"""How failed attempts slow down further ones. Pure: counts and a clock reading in, waiting times out.

After ``free`` failures every further one closes the door for a time that doubles, up to ``longest``; from ``stop``
failures on, for ``closed`` seconds each time (NIST SP 800-63B section 5.2.2 asks for a limit; ours is far below it).

Three counters stand apart. An account's (``user:``) and a factor's (``factor:``) are kept once for all strangers
together and once for each browser or device that is known to the user, so that no stranger can shut a user out of
their own device. An address prefix's (``address:``) counts for strangers only.
"""

from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from kernel.records.credentials import FailureCount


@dataclass(frozen=True, slots=True)
class Rule:
    """Seconds everywhere; ``forget``: a counter without a failure for this long starts anew."""

    free: int
    first: float
    longest: float
    forget: float
    stop: int = 0
    closed: float = 0.0

    def delay(self, count: int) -> float:
        """Return how long the door stays closed after the ``count``-th failure in a row."""
        if self.stop and count >= self.stop:
            return self.closed
        if count < self.free:
            return 0.0
        return min(self.first * 2.0 ** min(count - self.free, 30), self.longest)

    @property
    def most(self) -> float:
        """The longest that any one failure can close the door."""
        return max(self.longest, self.closed)


ACCOUNT: Final = Rule(free=5, first=4.0, longest=900.0, forget=86400.0)
FACTOR: Final = Rule(free=5, first=30.0, longest=900.0, forget=7 * 86400.0, stop=10, closed=86400.0)
ADDRESS: Final = Rule(free=30, first=4.0, longest=900.0, forget=3600.0)
LONGEST_MEMORY: Final = max(ACCOUNT.forget, FACTOR.forget, ADDRESS.forget)


@dataclass(frozen=True, slots=True)
class Counter:
    """A key to count failures by, and the rule that applies to it."""

    key: str
    rule: Rule


def account(name: str, channel: str = "") -> Counter:
    """Return the password counter: ``name`` is a user id or, when there is no such user, a digest of what was typed."""
    return Counter(_on("user", name, channel), ACCOUNT)


def factor(kind: str, user_id: str, channel: str = "") -> Counter:
    """Return the counter of one second factor of one user."""
    return Counter(_on(f"factor:{kind}", user_id, channel), FACTOR)


def address(text: str) -> Counter:
    """Return the counter of the network that an address is in."""
    return Counter(f"address:{prefix(text)}", ADDRESS)


def prefix(text: str) -> str:
    """Return the /24 (IPv4, also when mapped into IPv6) or /56 (IPv6) around an address, or ``unknown``."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(IPv6Network((int(parsed), 56), strict=False))
        parsed = parsed.ipv4_mapped
    return str(IPv4Network((int(parsed), 24), strict=False))


def wait(rule: Rule, count: FailureCount | None, now: float) -> float:
    """Return for how many seconds more the door is closed; 0.0 when it is open.

    Bounded by the rule, so that a clock which went back cannot close a door for longer than a failure would.
    """
    if count is None or count.until <= now:
        return 0.0
    return min(count.until - now, rule.most)


def failed(counter: Counter, count: FailureCount | None, now: float) -> FailureCount:
    """Return the counter after one more failure."""
    before = 0 if count is None or now - count.last_at > counter.rule.forget else count.count
    return FailureCount(counter.key, before + 1, now, now + counter.rule.delay(before + 1))


def taken_back(rule: Rule, count: FailureCount) -> FailureCount | None:
    """Return the counter without its last failure, which was none; None when nothing is left."""
    if count.count <= 1:
        return None
    left = count.count - 1
    return replace(count, count=left, until=min(count.until, count.last_at + rule.delay(left)))


def _on(kind: str, name: str, channel: str) -> str:
    return f"{kind}:{name}@{channel}" if channel else f"{kind}:{name}"
