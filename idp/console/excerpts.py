"""Faults of a document as the page shows them: their line, cut in three so that the fault can be marked, and where they
lie as a browser counts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.console.words.faults import spoken
from kernel.problems import Problem
from policies.editing.mending import Mark, marks, places

WIDEST = 160


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem with its line: what stands before the fault, the fault itself, and what follows. ``start`` and
    ``end`` count UTF-16 units of the whole text. ``mend``: what to put there instead (``""``: nobody knows); ``meant``:
    the word in it."""

    line: int
    column: int
    what: str
    hint: str
    before: str
    marked: str
    after: str
    start: int = 0
    end: int = 0
    mend: str = ""
    meant: str = ""


def faults_of(text: str, problems: Sequence[Problem], language: str) -> tuple[Fault, ...]:
    """Return the problems with their excerpts, in the order given, in words of ``language``."""
    found = marks(text, problems)
    units = places(text, (place for mark in found for place in (mark.start, mark.end)))
    return tuple(_fault(text, mark, units, language) for mark in found)


def _fault(text: str, mark: Mark, units: dict[int, int], language: str) -> Fault:
    problem = mark.problem
    begin = max(text.rfind("\n", 0, mark.start) + 1, mark.start - WIDEST // 2)
    stop = text.find("\n", mark.start)
    line_end = len(text) if stop < 0 else stop
    end = max(min(mark.end, line_end), mark.start)
    return Fault(
        line=problem.place.line,
        column=problem.place.column,
        what=spoken(problem.what, language),
        hint=spoken(problem.hint, language),
        before=text[begin : mark.start],
        marked=text[mark.start : end] or " ",
        after=text[end : min(line_end, end + WIDEST)],
        start=units[mark.start],
        end=units[mark.end],
        mend=mark.mend,
        meant=mark.meant,
    )
