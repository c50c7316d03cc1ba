"""How much one person may be asked, and what may be asked again. Pure: the questions there were, and a moment.

Whoever has stolen an app password can make it ring; a person who is asked long enough says yes at last (push fatigue).
So few questions stand open at once, few are asked within the hour, and whoever was denied is not asked for again soon.
"""

from collections.abc import Iterable
from typing import Final

from kernel.records.approvals import Answer, Approval

OPEN: Final = 3
PER_HOUR: Final = 10
HOUR: Final = 3600.0
QUIET: Final = 900.0
"""Questions open at once and asked within an hour, of one person; seconds for which a no speaks for itself."""


def same(one: Approval, other: Approval) -> bool:
    """Say whether two questions are about the same credential, coming from the same network."""
    return (one.credential_id, one.grant_id, one.zone) == (other.credential_id, other.grant_id, other.zone)


def open_now(asked: Iterable[Approval], now: float) -> list[Approval]:
    """Return the questions that wait for an answer."""
    return [each for each in asked if each.answer is Answer.PENDING and each.until > now]


def too_much(asked: Iterable[Approval], wanted: Approval, now: float) -> str:
    """Return why ``wanted`` may not be asked on top of what was ``asked`` of the same person; empty: it may."""
    asked = tuple(asked)
    denied = (each for each in asked if each.answer is Answer.DENIED and same(each, wanted))
    if any(now - each.answered_at < QUIET for each in denied):
        return "denied a moment ago"
    if len(open_now(asked, now)) >= OPEN:
        return "too many questions are open"
    if sum(now - each.asked_at < HOUR for each in asked) >= PER_HOUR:
        return "too many questions within an hour"
    return ""
