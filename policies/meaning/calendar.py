"""Which conditions on the clock can hold at the same moment, from a moment on, and when they first do.

The conditions themselves are asked, at every moment at which one of them may turn: for a week after every change of a
zone's offset (a week knows all there is to know about one set of offsets), and through every shorter stretch between
two changes. Ten years are looked at.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise

from policies.facts import Facts
from policies.model import Truth
from policies.moments import Between, Days, shift

Hours = Days | Between
Together = tuple[bool, ...]

WEEK = 7 * 86400.0
SPAN = 522 * WEEK
MOST_TURNS = 200_000


def moments(conditions: Sequence[Hours], since: float, go_on: Callable[[], object]) -> Mapping[Together, float]:
    """Return every combination of truths that ``conditions`` come to from ``since`` on, and the first such moment.

    ``go_on`` is asked at every turn; it raises to end the search.
    """
    zones = list(dict.fromkeys(each.zone for each in conditions))
    found: dict[Together, float] = {}
    known: set[tuple[object, ...]] = set()
    for start, end in pairwise(_edges(zones, since)):
        offsets = tuple(datetime.fromtimestamp(start, zone).utcoffset() for zone in zones)
        if offsets in known:
            continue
        if end - start >= WEEK:
            known.add(offsets)
        for moment, truths in _walk(conditions, start, min(end, start + WEEK)):
            go_on()
            found.setdefault(truths, moment)
    return found


def _edges(zones: Sequence[tzinfo], since: float) -> list[float]:
    """Return ``since``, every moment at which a zone's offset changes, and the end."""
    until = since + SPAN
    edges = {since, until}
    for zone in zones:
        at = since
        while at < until:
            after = shift(at, at + WEEK, zone)
            if after < at + WEEK:
                edges.add(after)
            at = after
    return sorted(edge for edge in edges if edge <= until)


def _walk(conditions: Sequence[Hours], start: float, end: float) -> Iterator[tuple[float, Together]]:
    """Yield the truths at ``start``, and at every moment before ``end`` at which one may have turned."""
    truths = [False] * len(conditions)
    turns = [-math.inf] * len(conditions)
    at = start
    for _ in range(MOST_TURNS):
        facts = Facts("", at)
        for place, condition in enumerate(conditions):
            if turns[place] <= at:
                truth, turns[place] = condition.judge(facts)
                truths[place] = truth is Truth.HELD
        yield at, tuple(truths)
        at = min(turns)
        if at >= end:
            return
    raise OverflowError("more turns of the clock than are looked at")
