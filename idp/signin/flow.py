"""Which step of signing in comes next: a pure function of what is stored and what is asked. Decides; does nothing.

nothing ----------------> IDENTIFY
password | invitation --> NEW_PASSWORD   (none yet, or must be changed; proven by all the factors there are)
                      --> CODE           (has a second factor, has not shown it)
                      --> NEW_CODE       (came by invitation, has no second factor yet)
                      --> SHOW_RECOVERY  (came by invitation, has no recovery codes yet)
                      --> IDENTIFY, CODE (shown, but too long ago for what is demanded)
                      --> LACKING        (a factor is demanded that this person does not have)
                      --> DONE
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kernel.records.sessions import Factor

HALF_LIFE: Final = 900.0
"""Seconds within which a begun sign-in must be completed; afterwards it starts afresh."""

RECENT: Final = 600.0
"""How old a full sign-in may be, in seconds, for a new factor, device or secret to be made by it."""

FIRST: Final = frozenset({Factor.PASSWORD, Factor.INVITATION})
SECOND: Final = frozenset({Factor.TOTP, Factor.RECOVERY})


class Step(StrEnum):
    """What the person is asked for next."""

    IDENTIFY = "identify"
    CODE = "code"
    NEW_PASSWORD = "new-password"
    NEW_CODE = "new-code"
    SHOW_RECOVERY = "show-recovery"
    LACKING = "lacking"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked beyond being signed in. ``factors``: any one of them, shown within ``within`` seconds (None: ever).
    ``full``: all that this person has, shown within ``within``. ``again``: the password at any rate (shown after
    ``since``). ``device``: proof of a device, which comes after the factors."""

    factors: tuple[Factor, ...] = ()
    within: float | None = None
    full: bool = False
    since: float = 0.0
    device: bool = False


NOTHING_MORE: Final = Demand()
FULL_AND_RECENT: Final = Demand(full=True, within=RECENT)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is stored about a browser that is signing in, or has. ``factors`` is empty before the first one."""

    factors: Mapping[Factor, float] = field(default_factory=dict)
    begun_at: float = 0.0
    has_password: bool = False
    must_change: bool = False
    has_code: bool = False
    has_recovery: bool = False


def complete(standing: Standing, now: float) -> bool:
    """Say whether this browser counts as signed in: every factor that the person has was shown."""
    return next_step(standing, Demand(), now) is Step.DONE


def next_step(standing: Standing, demand: Demand, now: float) -> Step:
    """Return the next step."""
    return _entry(standing, now) or _further(standing, demand, now)


def _entry(standing: Standing, now: float) -> Step | None:
    """Return the step that signing in itself still wants, or None when that is done. What was begun too long ago, and
    not completed, begins afresh: an old invitation, or half a sign-in, enrols nobody."""
    wanted = _wanted_of_newcomer(standing)
    late = now - standing.begun_at > HALF_LIFE
    return Step.IDENTIFY if wanted and late else wanted


def _wanted_of_newcomer(standing: Standing) -> Step | None:
    shown = set(standing.factors)
    if not FIRST & shown:
        return Step.IDENTIFY
    if standing.has_code and not SECOND & shown:
        return Step.CODE
    if standing.must_change or not standing.has_password:
        return Step.NEW_PASSWORD
    if Factor.INVITATION in shown and not standing.has_code:
        return Step.NEW_CODE
    if Factor.INVITATION in shown and not standing.has_recovery:
        return Step.SHOW_RECOVERY
    return None


def _further(standing: Standing, demand: Demand, now: float) -> Step:
    """Return the step that the demand wants of somebody who is signed in."""
    if demand.since and standing.factors.get(Factor.PASSWORD, 0.0) < demand.since:
        return Step.IDENTIFY
    if demand.full:
        if _oldest_allowed(demand, now) > max(standing.factors.get(factor, 0.0) for factor in FIRST):
            return Step.IDENTIFY
        if standing.has_code and not _fresh(standing, tuple(SECOND), demand, now):
            return Step.CODE
    if demand.factors and not _fresh(standing, demand.factors, demand, now):
        return _obtainable(standing, demand)
    return Step.DONE


def _fresh(standing: Standing, factors: tuple[Factor, ...], demand: Demand, now: float) -> bool:
    oldest = _oldest_allowed(demand, now)
    return any(standing.factors.get(factor, -1.0) >= oldest for factor in factors)


def _oldest_allowed(demand: Demand, now: float) -> float:
    return 0.0 if demand.within is None else now - demand.within


def _obtainable(standing: Standing, demand: Demand) -> Step:
    """Return the step that shows one of the demanded factors, or LACKING."""
    wanted = set(demand.factors)
    if standing.has_code and Factor.TOTP in wanted:
        return Step.CODE
    if standing.has_recovery and Factor.RECOVERY in wanted:
        return Step.CODE
    if standing.has_password and Factor.PASSWORD in wanted:
        return Step.IDENTIFY
    return Step.LACKING
