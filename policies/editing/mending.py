"""Where in a text each problem lies, from its first to its last character, and what to put there to mend it.

A problem names a line, a column and the offending word; its hint may name a better one ("did you mean `groups`?").
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kernel.problems import Place, Problem
from policies.editing.writing import word

SEARCHED: Final = 2000
"""Characters behind the place of a problem in which its word is looked for."""

_BREAKS: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_MEANT: Final = re.compile(r"did you mean `(.+)`\?")
_TOKEN: Final = re.compile(r"""[^\s,\[\]{}#:"']+|.""")


@dataclass(frozen=True, slots=True)
class Mark:
    """A problem's characters, from ``start`` up to ``end``. ``mend``: what to put there instead, ``""`` when nobody
    knows; ``meant``: the word in it."""

    start: int
    end: int
    problem: Problem
    mend: str = ""
    meant: str = ""


def marks(text: str, problems: Iterable[Problem]) -> tuple[Mark, ...]:
    """Return where each problem lies, in the order given."""
    starts = [0, *(found.end() for found in _BREAKS.finditer(text))]
    return tuple(_mark(text, starts, problem) for problem in problems)


def places(text: str, offsets: Iterable[int]) -> dict[int, int]:
    """Return offsets in characters as offsets in UTF-16 units, in which browsers count."""
    wanted = sorted(set(offsets))
    if text.isascii():
        return {each: each for each in wanted}
    found, before, units = {}, 0, 0
    for each in wanted:
        units += len(text[before:each].encode("utf-16-le", "surrogatepass")) // 2
        found[each], before = units, each
    return found


def characters(text: str, units: int) -> int:
    """Return an offset in UTF-16 units as one in characters."""
    if text.isascii():
        return min(units, len(text))
    raw = text.encode("utf-16-le", "surrogatepass")[: units * 2]
    return len(raw.decode("utf-16-le", "replace"))


def _mark(text: str, starts: list[int], problem: Problem) -> Mark:
    start = _offset(text, starts, problem.place)
    found = _word(text, start, problem.text)
    if found is None:
        token = _TOKEN.match(text, start)
        return Mark(start, token.end() if token else start, problem)
    begin, end = found
    meant = _MEANT.fullmatch(problem.hint)
    if meant is None:
        return Mark(begin, end, problem)
    quoted = text[begin - 1 : begin] in ('"', "'")
    return Mark(begin, end, problem, meant[1] if quoted else word(meant[1]), meant[1])


def _offset(text: str, starts: list[int], place: Place) -> int:
    line = starts[min(place.line, len(starts)) - 1]
    mark = 1 if place.line == 1 and text.startswith("\ufeff") else 0
    return min(line + mark + place.column - 1, len(text))


def _word(text: str, start: int, wanted: str) -> tuple[int, int] | None:
    """Return where the offending word stands: at the place itself, or as a whole word behind it."""
    if not wanted:
        return None
    if text.startswith(wanted, start):
        return start, start + len(wanted)
    found = re.compile(rf"(?<![\w.-]){re.escape(wanted)}(?![\w.-])").search(text, start, start + SEARCHED)
    return (found.start(), found.end()) if found else None


def line_of(text: str, place: int) -> int:
    """Return the line (from 1) that a place lies on, as browsers count lines."""
    return text.count("\n", 0, place) + 1
