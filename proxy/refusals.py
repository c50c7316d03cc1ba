"""Keeps a client that is refused again and again from filling the log: the first is on record, the rest are counted.

A good credential that is refused for the same reason from the same place within a minute is told the same reference;
the next record says how many there were in between. Bounded; what is pushed out is recorded anew.
"""

from collections import OrderedDict
from dataclasses import dataclass

QUIET = 60.0
"""Seconds for which the like of a refusal is only counted."""

MOST = 10_000

Like = tuple[object, ...]


@dataclass(slots=True)
class _Refused:
    reference: str
    until: float
    more: int = 0


class Refusals:
    """What was refused lately."""

    def __init__(self) -> None:
        self._lately: OrderedDict[Like, _Refused] = OrderedDict()

    def again(self, like: Like, now: float) -> str:
        """Count one, and return the reference under which its like is on record; empty: it is to be recorded."""
        known = self._lately.get(like)
        if known is None or now >= known.until:
            return ""
        known.more += 1
        return known.reference

    def recorded(self, like: Like, reference: str, now: float) -> int:
        """Note that one is on record now, and return how many before it were only counted."""
        before = self._lately.pop(like, None)
        self._lately[like] = _Refused(reference, now + QUIET)
        if len(self._lately) > MOST:
            self._lately.popitem(last=False)
        return before.more if before is not None else 0
