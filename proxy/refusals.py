"""Keeps a client that is refused again and again from filling the log: the first is on record, the rest are counted.

A good credential that is refused for the same reason from the same place within a minute is told the same reference;
the next record says how many there were in between. Bounded; what is pushed out is recorded anew.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from proxy.journal import Judged

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

    def told(self, judged: Judged, fresh: Callable[[], str], now: float) -> tuple[str, Judged | None]:
        """Return the reference that a refused person is told, and what is to be recorded under it (None: nothing is).
        ``fresh`` makes a new one."""
        verdict, subject = judged.verdict, judged.subject
        rule = (verdict.decision.rule, verdict.decision.revision) if verdict.decision else None
        key = subject.key if subject else None
        like = (key, judged.service, judged.address, judged.client, verdict.reason, verdict.words, rule)
        code = self.again(like, now)
        if code:
            return code, None
        code = fresh()
        return code, replace(judged, reference=code, repeated=self.recorded(like, code, now))

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
