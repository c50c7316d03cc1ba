"""How facts grow old, and when a local time of day comes round: pure arithmetic over a moment given from outside."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from policies.facts import Facts
from policies.model import Truth
from policies.vocabulary import DAYS

SKEW = 300.0
"""Seconds by which another machine's clock may run ahead of ours before what it stamped is not believed."""

DAY_MINUTES = 24 * 60


def age(at: float, limit: float, now: float) -> tuple[Truth, float]:
    """Return whether something stamped ``at`` is younger than ``limit`` seconds, and when that turns by itself.

    A stamp from the future is unknown until it is near enough to be a matter of clocks.
    """
    if at - SKEW > now:
        return Truth.UNKNOWN, at - SKEW
    if now < at + limit:
        return Truth.HELD, at + limit
    return Truth.NOT_HELD, math.inf


@dataclass(frozen=True, slots=True)
class SigninAge:
    """``signin.age``: the sign-in behind the session is younger than ``seconds``."""

    seconds: float

    def judge(self, facts: Facts) -> tuple[Truth, float]:
        if facts.signin_at is None:
            return Truth.UNKNOWN, math.inf
        return age(facts.signin_at, self.seconds, facts.now)

    def seen(self, facts: Facts) -> str:
        return "unknown" if facts.signin_at is None else f"signed in {facts.now - facts.signin_at:.0f} s ago"

    def wants(self) -> str:
        return f"at most {self.seconds:.0f} s old"


@dataclass(frozen=True, slots=True)
class Days:
    """``when.days``: the local day of the week is one of these (0 is Monday)."""

    days: frozenset[int]
    zone: tzinfo

    def judge(self, facts: Facts) -> tuple[Truth, float]:
        local = datetime.fromtimestamp(facts.now, self.zone)
        held = local.weekday() in self.days
        for ahead in range(1, 8):
            if ((local.weekday() + ahead) % 7 in self.days) is not held:
                return _truth(held), _moment(local, ahead, 0, facts.now)
        return _truth(held), math.inf

    def seen(self, facts: Facts) -> str:
        return _spoken(facts.now, self.zone)

    def wants(self) -> str:
        return f"{', '.join(DAYS[day] for day in sorted(self.days))} in {self.zone}"


@dataclass(frozen=True, slots=True)
class Between:
    """``when.between``: the local time of day lies in [start, end), in minutes; the span may pass midnight."""

    start: int
    end: int
    zone: tzinfo

    def judge(self, facts: Facts) -> tuple[Truth, float]:
        local = datetime.fromtimestamp(facts.now, self.zone)
        minute = local.hour * 60 + local.minute
        inside = self.start <= minute < self.end
        if self.start > self.end:
            inside = minute >= self.start or minute < self.end
        edge = self.end if inside else self.start
        if (self.start, self.end) == (0, DAY_MINUTES):
            return Truth.HELD, math.inf
        return _truth(inside), _moment(local, 0 if edge > minute else 1, edge, facts.now)

    def seen(self, facts: Facts) -> str:
        return _spoken(facts.now, self.zone)

    def wants(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)} in {self.zone}"


def _truth(held: bool) -> Truth:
    return Truth.HELD if held else Truth.NOT_HELD


def _moment(local: datetime, days: int, minute: int, now: float) -> float:
    """Return the first moment at which the local clock may show ``minute`` of the day ``days`` ahead.

    Where the clock is put forward or back before then, the moment of that change comes first: it is asked again there.
    """
    naive = datetime(local.year, local.month, local.day) + timedelta(days=days, minutes=minute)  # noqa: DTZ001
    zone = local.tzinfo or UTC
    both = (naive.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    return shift(now, min((moment for moment in both if moment > now), default=now + 3600), zone)


def shift(now: float, moment: float, zone: tzinfo) -> float:
    """Return the first change of the zone's offset in (now, moment], to the second, or ``moment`` when there is
    none."""
    before = datetime.fromtimestamp(now, zone).utcoffset()
    if datetime.fromtimestamp(moment, zone).utcoffset() == before:
        return moment
    low, high = math.floor(now), math.ceil(moment)
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return float(high)


def _spoken(now: float, zone: tzinfo) -> str:
    local = datetime.fromtimestamp(now, zone)
    return f"{DAYS[local.weekday()]} {local:%H:%M} in {zone}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
