"""How much people download: a budget of octets for a time, one for each person and limit, across their sessions here.

Four fifths of a budget come as fast as they can, the last quarter of those slower; then only what flows in again, the
last fifth evenly over the time. So in no time of that length does more come than the budget, and one piece that was
read already. ``spent`` says that nothing new should begin; it stays so until a twentieth has flowed in again.
"""

from kernel.clock import Clock

BURST = 0.8
SLOWED = 0.25
"""Which part of a burst comes slower: over a twentieth of the time at least."""
AGAIN = 0.05
TWENTIETH = 20
MOST = 10_000
"""The most budgets that are kept; those that are whole again are dropped first."""


class Allowance:
    """``size`` octets in ``per`` seconds."""

    __slots__ = ("_at", "_burst", "_clock", "_left", "_rate", "_slow", "_spent")

    def __init__(self, clock: Clock, size: int, per: float) -> None:
        self._clock = clock
        self._burst = max(1.0, size * BURST)
        self._rate = max(1e-9, size * (1 - BURST) / per)
        self._slow = self._burst * SLOWED / (per / TWENTIETH)
        self._left = self._burst
        self._at = clock.monotonic()
        self._spent = False

    @property
    def spent(self) -> bool:
        """Tell whether nothing new should begin."""
        self._flow()
        if self._spent and self._left >= self._burst * AGAIN:
            self._spent = False
        return self._spent

    @property
    def whole(self) -> bool:
        """Tell whether nothing is missing."""
        self._flow()
        return self._left >= self._burst

    def take(self, octets: int) -> float:
        """Count ``octets`` that were sent; return after how many seconds more may be read."""
        self._flow()
        self._left -= octets
        if self._left <= 0:
            self._spent = True
            return -self._left / self._rate
        return octets / self._slow if self._left < self._burst * SLOWED else 0.0

    def _flow(self) -> None:
        now = self._clock.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now


class Meters:
    """Every budget of one proxy."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int, float], Allowance] = {}

    def allowance(self, user_id: str, limit: tuple[int, float], clock: Clock) -> Allowance:
        """Return the budget of a person under a limit (octets, per seconds); all of their sessions draw on it."""
        name = (user_id, *limit)
        kept = self._kept.get(name)
        if kept is None:
            if len(self._kept) >= MOST:
                self._kept = {key: each for key, each in self._kept.items() if not each.whole}
            kept = self._kept[name] = Allowance(clock, *limit)
        return kept
