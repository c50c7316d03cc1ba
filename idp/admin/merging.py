"""Two changes of one text, side by side and put together: what they changed, what you changed, where both touched it.

Pure. Compares whole lines. Large parts that have little in common count as one change: comparing
them line by line would take minutes.
"""

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

LARGEST = 4_000_000
"""Lines of one side times lines of the other, in a part without a landmark, that are still compared one by one."""

Lines = Sequence[str]
Span = tuple[int, int, int, int]
"""A change: lines ``[0]`` to ``[1]`` of one text became lines ``[2]`` to ``[3]`` of the other."""


class Whose(StrEnum):
    """Who changed a place. ``BOTH`` made the same change; ``CONFLICT``: each made their own."""

    THEIRS = "theirs"
    YOURS = "yours"
    BOTH = "both"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Region:
    """One changed place: ``line`` counts from 1 in the base; what stands there in each of the three texts."""

    whose: Whose
    line: int
    base: Lines
    theirs: Lines
    yours: Lines


@dataclass(frozen=True, slots=True)
class Merge:
    """Both changes. ``text`` has them put together; where they collide it carries marks, and is no policy (``clean``
    is False)."""

    regions: Sequence[Region]
    text: str
    clean: bool


def merge(base: str, theirs: str, yours: str, their_name: str = "theirs", your_name: str = "yours") -> Merge:
    """Put two changes of ``base`` together; the names stand in the marks of what collides."""
    old, left, right = (text.splitlines(keepends=True) for text in (base, theirs, yours))
    regions, out, at = [], [], 0
    for start, end, mine, other in _regions(changes(old, left), changes(old, right)):
        region = _region(old[start:end], left[slice(*mine)], right[slice(*other)], start + 1)
        regions.append(region)
        out += [*old[at:start], *_put_together(region, their_name, your_name)]
        at = end
    text = "".join([*out, *old[at:]])
    return Merge(regions, text, all(region.whose is not Whose.CONFLICT for region in regions))


def difference(before: str, after: str, from_name: str, to_name: str, context: int = 3) -> str:
    """Return a unified text diff, ``""`` when nothing changed."""
    old, new = before.splitlines(), after.splitlines()
    spans = changes(old, new)
    if not spans:
        return ""
    head = [f"--- {from_name}", f"+++ {to_name}"]
    return "\n".join(chain(head, *(_hunk(old, new, group, context) for group in _grouped(spans, context))))


def changes(old: Lines, new: Lines) -> list[Span]:
    """Return what differs, in order."""
    found: list[Span] = []
    a = c = 0
    for b, d in [*_anchors(old, new), (len(old), len(new))]:
        found += _between(old, new, (a, b, c, d))
        a, c = b, d
    return found


def _between(old: Lines, new: Lines, span: Span) -> Iterator[Span]:
    """Yield what differs in a part of the texts, found line by line unless it is large."""
    a, b, c, d = span
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    if a == b or c == d or (b - a) * (d - c) > LARGEST:
        if (a, c) != (b, d):
            yield a, b, c, d
        return
    matcher = difflib.SequenceMatcher(None, old[a:b], new[c:d])
    yield from ((a + i, a + j, c + k, c + m) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")


def _anchors(old: Lines, new: Lines) -> list[tuple[int, int]]:
    """Return where lines that are there once on either side stand in both, as far as their order is kept.

    A policy has many: the names of its rules. (This is how a patience diff begins.)
    """
    once, there = Counter(old), Counter(new)
    where = {line: at for at, line in enumerate(new) if there[line] == 1}
    pairs = [(at, where[line]) for at, line in enumerate(old) if once[line] == 1 and line in where]
    piles: list[int] = []
    before: list[int] = []
    tops: list[int] = []
    for index, (_, at) in enumerate(pairs):
        pile = bisect_left(piles, at)
        if pile == len(piles):
            piles.append(at)
            tops.append(index)
        piles[pile], tops[pile] = at, index
        before.append(tops[pile - 1] if pile else -1)
    kept, index = [], tops[-1] if tops else -1
    while index >= 0:
        kept.append(pairs[index])
        index = before[index]
    return kept[::-1]


def _regions(theirs: list[Span], yours: list[Span]) -> Iterator[tuple[int, int, tuple[int, int], tuple[int, int]]]:
    """Yield each changed place of the base (from, to) with the lines that stand there on either side.

    Changes that overlap or touch are one place: of two insertions at one line nobody knows which comes first.
    """
    left, right = [*theirs], [*yours]
    shift_left = shift_right = 0
    while left or right:
        start = min(spans[0][0] for spans in (left, right) if spans)
        end, mine, other = start, [], []
        while True:
            if left and left[0][0] <= end:
                mine.append(left.pop(0))
                end = max(end, mine[-1][1])
            elif right and right[0][0] <= end:
                other.append(right.pop(0))
                end = max(end, other[-1][1])
            else:
                break
        grown_left, grown_right = shift_left + _growth(mine), shift_right + _growth(other)
        yield start, end, (start + shift_left, end + grown_left), (start + shift_right, end + grown_right)
        shift_left, shift_right = grown_left, grown_right


def _growth(spans: Sequence[Span]) -> int:
    return sum((d - c) - (b - a) for a, b, c, d in spans)


def _region(base: Lines, theirs: Lines, yours: Lines, line: int) -> Region:
    if yours == base:
        whose = Whose.THEIRS
    elif theirs == base:
        whose = Whose.YOURS
    else:
        whose = Whose.BOTH if theirs == yours else Whose.CONFLICT
    return Region(whose, line, base, theirs, yours)


def _put_together(region: Region, their_name: str, your_name: str) -> Lines:
    if region.whose is not Whose.CONFLICT:
        return region.yours if region.whose is Whose.YOURS else region.theirs
    theirs, yours = (_ended(lines) for lines in (region.theirs, region.yours))
    return [f"<<<<<<< {their_name}\n", *theirs, "=======\n", *yours, f">>>>>>> {your_name}\n"]


def _ended(lines: Lines) -> Lines:
    """Return lines of which the last ends too."""
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _grouped(spans: list[Span], context: int) -> Iterator[list[Span]]:
    group: list[Span] = []
    for span in spans:
        if group and span[0] - group[-1][1] > 2 * context:
            yield group
            group = []
        group.append(span)
    yield group


def _hunk(old: Lines, new: Lines, group: list[Span], context: int) -> list[str]:
    begin, end = max(group[0][0] - context, 0), min(group[-1][1] + context, len(old))
    start = group[0][2] - (group[0][0] - begin)
    stop = group[-1][3] + (end - group[-1][1])
    lines, at = [f"@@ -{_range(begin, end)} +{_range(start, stop)} @@"], begin
    for a, b, c, d in group:
        lines += [f" {line}" for line in old[at:a]]
        lines += [f"-{line}" for line in old[a:b]]
        lines += [f"+{line}" for line in new[c:d]]
        at = b
    return [*lines, *(f" {line}" for line in old[at:end])]


def _range(begin: int, end: int) -> str:
    """Return a range as unified diffs write it: an empty one is named by the line before it."""
    return f"{begin + 1}" if end - begin == 1 else f"{begin + (end > begin)},{end - begin}"
