"""Faults of a document as the page shows them: their line, cut in three so that the fault can be marked. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.console.words.faults import spoken
from kernel.problems import Problem

WIDEST = 160


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem with its line: what stands before the fault, the fault itself, and what follows."""

    line: int
    column: int
    what: str
    hint: str
    before: str
    marked: str
    after: str


def faults_of(text: str, problems: Sequence[Problem], language: str) -> tuple[Fault, ...]:
    """Return the problems with their excerpts, in the order given, in words of ``language``."""
    lines = text.splitlines()
    return tuple(_fault(lines, problem, language) for problem in problems)


def _fault(lines: Sequence[str], problem: Problem, language: str) -> Fault:
    place = problem.place
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    start = max(place.column - 1, 0)
    size = len(problem.text.split("\n")[0]) if line.startswith(problem.text.split("\n")[0], start) else 1
    begin = max(0, start - WIDEST // 2)
    return Fault(
        line=place.line,
        column=place.column,
        what=spoken(problem.what, language),
        hint=spoken(problem.hint, language),
        before=line[begin:start],
        marked=line[start : start + max(size, 1)] or " ",
        after=line[start + max(size, 1) :][:WIDEST],
    )
