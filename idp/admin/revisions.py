"""Revisions of the policy as they are stored: the one in force, and any other."""

from collections.abc import Sequence

from idp.admin.refusals import missing, refused
from kernel.ports import Reader
from kernel.records.policy import PolicyRevision


def newest(tx: Reader) -> PolicyRevision | None:
    """Return the revision in force: numbers have no gaps, so their count names it."""
    count = tx.count(PolicyRevision)
    return tx.get(PolicyRevision, str(count)) if count else None


def numbered(tx: Reader, number: int) -> PolicyRevision:
    """Return one revision; Missing when there is none."""
    found = tx.get(PolicyRevision, str(number))
    if found is None:
        raise missing("no-revision", str(number))
    return found


def asked_for(tx: Reader, number: int) -> PolicyRevision:
    """Return one revision, the one in force for 0; Missing or Refused when there is none."""
    found = numbered(tx, number) if number else newest(tx)
    if found is None:
        raise refused("no-policy")
    return found


def latest(tx: Reader, before: int = 0, limit: int = 50) -> Sequence[PolicyRevision]:
    """Return revisions, newest first, those numbered below ``before`` (0: all)."""
    count = tx.count(PolicyRevision)
    top = min(before - 1, count) if before > 0 else count
    return [numbered(tx, number) for number in range(top, max(top - limit, 0), -1)]


def ended_at(tx: Reader, number: int) -> float | None:
    """Return when a revision ceased to be in force, None while it is."""
    following = tx.get(PolicyRevision, str(number + 1))
    return following.at if following else None
