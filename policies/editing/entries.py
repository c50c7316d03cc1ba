"""Whole rules: add, remove, move, duplicate. A rule takes the comment right above it along; blank lines between rules
stay where they are. Works on the lists ``rules`` and ``never``, written as blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.editing.placing import Orders, checked, put
from policies.editing.strokes import Stroke, applied, dashes, line_end, line_start, newline, next_line, put_cell
from policies.editing.tree import Series, Table, Uneditable, Word, plain, read_tree
from policies.editing.writing import Nested, nested, word

ROOT = ("version", "networks", "postures", "rules", "never")


@dataclass(frozen=True, slots=True)
class Span:
    """The lines of one entry and of the comments that belong to it, from ``start`` up to ``end``; its own first line
    begins at ``head``."""

    start: int
    head: int
    end: int


def spans(text: str, series: Series) -> tuple[Span, ...]:
    """Return the lines of each entry of a block list.

    A comment right above an entry is that entry's; one below it, deeper than its dash, is of the entry above.
    """
    found: list[Span] = []
    starts = dashes(text, series)
    for dash, item in zip(starts, series.items, strict=True):
        head = line_start(text, dash)
        ends = next_line(text, item.end if item.end > item.start else dash + 1)
        end = _below(text, ends, dash - head)
        found.append(Span(_above(text, head, found[-1].end if found else 0), head, end))
    return tuple(found)


def move(text: str, kind: str, place: int, to: int) -> str:
    """Return the text with the entry number ``place`` as number ``to``.

    Raises:
        Uneditable: no such entry or place, or the list is written in brackets.
    """
    root, series = _block(text, kind)
    if not (0 <= place < len(series.items) and 0 <= to < len(series.items)):
        raise Uneditable
    order = list(range(len(series.items)))
    order.insert(to, order.pop(place))
    where = spans(text, series)
    bodies = [text[each.start : each.end].rstrip("\r\n") for each in where]
    made = text[: where[0].start]
    for slot, (span, source) in enumerate(zip(where, order, strict=True)):
        following = where[slot + 1].start if slot + 1 < len(where) else len(text)
        stands = len(text[span.start : span.end].rstrip("\r\n"))
        made += bodies[source] + text[span.start + stands : following]
    said = _said(root)
    said[kind] = [said[kind][each] for each in order]
    return checked(made, said)


def remove(text: str, kind: str, place: int) -> str:
    """Return the text without an entry, its comment, and the blank lines above it.

    Raises:
        Uneditable: no such entry, or the list is written in brackets.
    """
    root, series = _block(text, kind)
    if not 0 <= place < len(series.items):
        raise Uneditable
    where = spans(text, series)
    said = _said(root)
    del said[kind][place]
    if len(where) == 1:
        colon = text.index(":", _key(root, kind).end) + 1
        strokes = [Stroke(colon, colon, " []"), Stroke(where[0].start, where[0].end)]
        return checked(applied(text, strokes), said)
    start, end = where[place].start, where[place].end
    if place:
        start -= len(_blank_above(text, start))
    else:
        end += len(_blank_below(text, end))
    if end == len(text) and not text.endswith("\n"):
        start -= len(newline(text))
    return checked(applied(text, [Stroke(start, end)]), said)


def duplicate(text: str, kind: str, place: int, name: str, orders: Orders) -> str:
    """Return the text with a copy of an entry right behind it, called ``name``.

    Raises:
        Uneditable: no such entry, or the list is written in brackets.
    """
    root, series = _block(text, kind)
    if not 0 <= place < len(series.items):
        raise Uneditable
    span = spans(text, series)[place]
    said = _said(root)
    said[kind].insert(place + 1, said[kind][place])
    made = checked(_behind(text, series, place, text[span.head : span.end]), said)
    return put(made, (kind, place + 1, "name"), name, orders)


def add(text: str, kind: str, after: int, entry: Mapping[str, Nested]) -> str:
    """Return the text with a new entry behind number ``after`` (-1: at the end).

    Raises:
        Uneditable: the list is written in brackets, and not empty.
    """
    root = read_tree(text)
    said = _said(root)
    cell = root.cell(kind)
    new = {key: _plain(value) for key, value in entry.items()}
    if cell is None or not said[kind]:
        if not root.cells:
            said["version"] = "1"
        said[kind] = [new]
        return checked(_first(text, root, kind, entry), said)
    _, series = _block(text, kind)
    place = after if 0 <= after < len(series.items) else len(series.items) - 1
    said[kind].insert(place + 1, new)
    depth = series.start - line_start(text, series.start)
    return checked(_behind(text, series, place, _lines(entry, depth, newline(text))), said)


def _behind(text: str, series: Series, place: int, body: str) -> str:
    where = spans(text, series)
    span = where[place]
    apart = _blank_above(text, span.start) if place else _blank_below(text, span.end) if len(where) > 1 else ""
    if text[: span.end].endswith("\n"):
        return applied(text, [Stroke(span.end, span.end, apart + body)])
    return f"{text}{newline(text)}{apart}{body.rstrip()}"


def _first(text: str, root: Table, kind: str, entry: Mapping[str, Nested]) -> str:
    """Write the first entry of a list that is not there, or is empty."""
    line = newline(text)
    body = _lines(entry, 2, line)
    cell = root.cell(kind)
    if root.flow:
        raise Uneditable
    if cell is not None:
        stop = line_end(text, cell.value.end)
        emptied = Stroke(text.index(":", cell.key.end) + 1, cell.value.end)
        return applied(text, [emptied, Stroke(stop, stop, f"{line}{body.rstrip()}")])
    if not root.cells:
        before = "" if not text or text.endswith("\n") else line
        return f"{text}{before}version: 1{line}{kind}:{line}{body}"
    earlier = ROOT[: ROOT.index(kind)]
    after = max((place for place, each in enumerate(root.cells) if each.key.text in earlier), default=-1)
    return applied(text, put_cell(text, root, after, f"{kind}:{line}{body.rstrip()}"))


def _lines(entry: Mapping[str, Nested], depth: int, line: str) -> str:
    margin = " " * depth
    written = [
        f"{word(key)}: {word(value, block=True) if isinstance(value, str) else nested(value)}"
        for key, value in entry.items()
    ]
    return "".join(f"{margin}{'  ' if place else '- '}{each}{line}" for place, each in enumerate(written))


def _block(text: str, kind: str) -> tuple[Table, Series]:
    root = read_tree(text)
    cell = root.cell(kind)
    if cell is None or not isinstance(cell.value, Series) or cell.value.flow:
        raise Uneditable(text.count("\n", 0, cell.key.start) + 1 if cell else 1)
    return root, cell.value


def _said(root: Table) -> Any:
    return plain(root)


def _plain(value: Nested) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)
    return {key: _plain(each) for key, each in value.items()}


def _key(root: Table, kind: str) -> Word:
    cell = root.cell(kind)
    if cell is None:
        raise Uneditable
    return cell.key


def _above(text: str, start: int, lowest: int) -> int:
    """Return where the comment lines right above a line begin."""
    while start > lowest:
        above = line_start(text, start - 1)
        if not text[above:start].lstrip().startswith("#"):
            break
        start = above
    return start


def _below(text: str, end: int, depth: int) -> int:
    """Return where the comment lines right below, deeper than ``depth``, end."""
    while end < len(text):
        line = text[end : line_end(text, end)]
        if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) <= depth:
            break
        end = next_line(text, end)
    return end


def _blank_above(text: str, start: int) -> str:
    place = start
    while place and not text[line_start(text, place - 1) : place].strip():
        place = line_start(text, place - 1)
    return text[place:start]


def _blank_below(text: str, end: int) -> str:
    place = end
    while place < len(text) and not text[place : next_line(text, place)].strip():
        place = next_line(text, place)
    return text[end:place]
