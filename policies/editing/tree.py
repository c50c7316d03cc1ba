"""A document as a tree that knows where in the text each part begins and ends, so that it can be edited in place.

Reads only what ``policies.document`` has accepted. Offsets count characters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from kernel.problems import Refused
from policies.document import LOADER, Problems, read_document


class Uneditable(Refused):
    """The text is written in a way that a form cannot change without disturbing more; ``line`` says where."""

    def __init__(self, line: int = 1) -> None:
        super().__init__(f"line {line} cannot be edited in a form; edit the text")
        self.line = line


@dataclass(frozen=True, slots=True)
class Word:
    """A scalar. ``style``: ``""`` plain, a quote, or ``|`` and ``>`` for block scalars; empty where nothing stands."""

    text: str
    start: int
    end: int
    style: str = ""

    @property
    def absent(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class Series:
    """A list; ``flow`` is one in brackets. ``starts``: where each item's dash stands, in the other kind."""

    items: tuple["Piece", ...]
    start: int
    end: int
    flow: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of a table."""

    key: Word
    value: "Piece"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; ``flow`` is one in braces."""

    cells: tuple[Cell, ...]
    start: int
    end: int
    flow: bool

    def cell(self, key: str) -> Cell | None:
        """Return the first entry with this key."""
        return next((each for each in self.cells if each.key.text == key), None)


Piece = Word | Series | Table
Plain = str | list["Plain"] | dict[str, "Plain"]


def read_tree(text: str) -> Table:
    """Return the tree of a document, an empty table when nothing but comments stands in it.

    Raises:
        Uneditable: not YAML as we allow it, a key given twice, or not a mapping.
    """
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return Table((), len(text), len(text), flow=False)
    problems = Problems("policy")
    read_document(text, problems)
    if problems.count:
        raise Uneditable(problems.in_order()[0].place.line)
    skipped = 1 if text.startswith("\ufeff") else 0
    root = _Composer(text, skipped).root()
    if not isinstance(root, Table):
        raise Uneditable
    return root


def plain(piece: Piece) -> Plain:
    """Return what a piece says, without where and how."""
    if isinstance(piece, Word):
        return piece.text
    if isinstance(piece, Series):
        return [plain(each) for each in piece.items]
    return {each.key.text: plain(each.value) for each in piece.cells}


class _Composer:
    """Builds the tree from parser events; their marks count from after a byte order mark."""

    def __init__(self, text: str, skipped: int) -> None:
        self._text, self._skipped = text, skipped
        self._events: Iterator[Any] = iter(yaml.parse(text[skipped:], Loader=LOADER))

    def root(self) -> Piece:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self._piece(next(self._events))
        raise Uneditable

    def _piece(self, event: Any) -> Piece:
        start, end = event.start_mark.index + self._skipped, event.end_mark.index + self._skipped
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            return Word(event.value, start, self._trimmed(start, end) if style in ("|", ">") else end, style)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._series(start, bool(event.flow_style))
        return self._table(start, bool(event.flow_style))

    def _series(self, start: int, flow: bool) -> Series:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._piece(event))
        return Series(tuple(items), start, self._end(event, flow, start, items), flow)

    def _table(self, start: int, flow: bool) -> Table:
        cells: list[Cell] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._piece(event)
            value = self._piece(next(self._events))
            if not isinstance(key, Word) or any(key.text == each.key.text for each in cells):
                raise Uneditable(self._text.count("\n", 0, key.start) + 1)
            cells.append(Cell(key, self._empty(key) if isinstance(value, Word) and value.absent else value))
        return Table(tuple(cells), start, self._end(event, flow, start, [each.value for each in cells]), flow)

    def _empty(self, key: Word) -> Word:
        """Return the value that is not there, right behind the key's colon."""
        colon = self._text.find(":", key.end)
        place = colon + 1 if colon >= 0 and not self._text[key.end : colon].strip() else key.end
        return Word("", place, place)

    def _end(self, event: Any, flow: bool, start: int, held: list[Piece]) -> int:
        if flow:
            return int(event.end_mark.index) + self._skipped
        return held[-1].end if held else start

    def _trimmed(self, start: int, end: int) -> int:
        return start + len(self._text[start:end].rstrip())
