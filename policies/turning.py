"""How two answers to the same facts differ in what they mean for the person: the words of replay and trial."""

from enum import StrEnum

from policies.model import Decision, Outcome


class Turn(StrEnum):
    """What becomes of a decision: not let in any more, let in now, asked for more proof first, or let in as before but
    under other limits."""

    DENIED = "denied"
    ALLOWED = "allowed"
    STEPPED_UP = "stepped_up"
    LIMITED = "limited"


_INTO = {Outcome.DENY: Turn.DENIED, Outcome.ALLOW: Turn.ALLOWED, Outcome.STEP_UP: Turn.STEPPED_UP}


def turned(was: Outcome, would: Outcome) -> Turn | None:
    """Return what an outcome turns into, None when it stays what it was."""
    return None if was is would else _INTO[would]


def turned_from(was: Decision, would: Decision) -> Turn | None:
    """Return what a decision turns into; limits count where both let in."""
    if was.outcome is Outcome.ALLOW is would.outcome and was.limits != would.limits:
        return Turn.LIMITED
    return turned(was.outcome, would.outcome)
