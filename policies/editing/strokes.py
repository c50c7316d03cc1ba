"""The smallest changes of a text: put an entry into a table or a list, take one out, replace a value. Each knows the
block and the bracketed way of writing, and leaves comments and line breaks around it as they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.editing.tree import Cell, Piece, Series, Table, Uneditable


@dataclass(frozen=True, slots=True)
class Stroke:
    """Replace the characters from ``start`` to ``end`` by ``text``."""

    start: int
    end: int
    text: str = ""


def applied(text: str, strokes: Iterable[Stroke]) -> str:
    """Return the text with every stroke made; they must not overlap."""
    for stroke in sorted(strokes, key=lambda each: each.start, reverse=True):
        text = text[: stroke.start] + stroke.text + text[stroke.end :]
    return text


def line_start(text: str, place: int) -> int:
    """Return where the line of ``place`` begins."""
    return text.rfind("\n", 0, place) + 1


def line_end(text: str, place: int) -> int:
    """Return where the line of ``place`` ends, before its line break."""
    found = text.find("\n", place)
    end = len(text) if found < 0 else found
    return end - 1 if end > place and text[end - 1] == "\r" else end


def next_line(text: str, place: int) -> int:
    """Return where the line after that of ``place`` begins."""
    found = text.find("\n", place)
    return len(text) if found < 0 else found + 1


def newline(text: str) -> str:
    """Return the line break that this text uses."""
    return "\r\n" if "\r\n" in text else "\n"


def bare(text: str, start: int, end: int) -> int:
    """Return the first place in a stretch that is neither space nor comment, ``end`` when there is none."""
    place = start
    while place < end:
        if text[place] == "#" and (place == 0 or text[place - 1].isspace()):
            place = min(next_line(text, place), end)
        elif text[place].isspace():
            place += 1
        else:
            return place
    return end


def put_cell(text: str, table: Table, after: int, written: str) -> list[Stroke]:
    """Put ``key: value`` behind the cell number ``after``, before all when it is -1."""
    spans = [(cell.key.start, cell.value.end) for cell in table.cells]
    if table.flow:
        return _put_in_flow(text, table, spans, after, written)
    if after < 0:
        start = table.cells[0].key.start
        return [Stroke(start, start, f"{written}{newline(text)}{indent(text, table)}")]
    end = line_end(text, spans[after][1])
    return [Stroke(end, end, f"{newline(text)}{indent(text, table)}{written}")]


def drop_cell(text: str, table: Table, place: int) -> list[Stroke]:
    """Take out one of several cells."""
    spans = [(cell.key.start, cell.value.end) for cell in table.cells]
    if table.flow:
        return _drop_from_flow(text, table, spans, place)
    start, end = spans[place]
    if text[line_start(text, start) : start].strip() and place + 1 < len(spans):
        following = spans[place + 1][0]
        return [Stroke(start, following if not text[end:following].strip() else line_end(text, end))]
    return [_lines(text, start, end)]


def put_item(text: str, series: Series, written: str) -> list[Stroke]:
    """Put a word at the end of a list."""
    spans = [(item.start, item.end) for item in series.items]
    if series.flow:
        return _put_in_flow(text, series, spans, len(spans) - 1, written)
    if not spans:
        raise Uneditable(text.count("\n", 0, series.start) + 1)
    dash = dashes(text, series)[-1]
    end = line_end(text, spans[-1][1])
    return [Stroke(end, end, f"{newline(text)}{' ' * (dash - line_start(text, dash))}- {written}")]


def drop_item(text: str, series: Series, place: int) -> list[Stroke]:
    """Take out one of several items."""
    spans = [(item.start, item.end) for item in series.items]
    if series.flow:
        return _drop_from_flow(text, series, spans, place)
    return [_lines(text, dashes(text, series)[place], spans[place][1])]


def dashes(text: str, series: Series) -> list[int]:
    """Return where the dash of each item of a block list stands."""
    found, place = [], series.start
    for item in series.items:
        dash = bare(text, place, max(item.start, place + 1))
        if text[dash : dash + 1] != "-":
            raise Uneditable(text.count("\n", 0, item.start) + 1)
        found.append(dash)
        place = item.end if item.end > item.start else dash + 1
    return found


def indent(text: str, table: Table) -> str:
    """Return the spaces before the keys of a block table."""
    first = table.cells[0].key.start
    return " " * (first - line_start(text, first))


def whole(cell: Cell) -> tuple[int, int]:
    """Return from where to where a cell stands."""
    return cell.key.start, cell.value.end


def _lines(text: str, start: int, end: int) -> Stroke:
    """Take out the whole lines of a stretch."""
    first, last = line_start(text, start), next_line(text, end)
    if last == len(text) and first and not text.endswith("\n"):
        return Stroke(_break_before(text, first), last)  # the last line of a text that ends without a break
    return Stroke(first, last)


def _break_before(text: str, start: int) -> int:
    """Return where the line break before a line begins."""
    return start - 2 if text[start - 2 : start] == "\r\n" else start - 1


def _put_in_flow(text: str, holder: Piece, spans: Sequence[tuple[int, int]], after: int, written: str) -> list[Stroke]:
    if not spans:
        return [Stroke(holder.start + 1, holder.start + 1, written)]
    if after < 0:
        return [Stroke(spans[0][0], spans[0][0], f"{written}, ")]
    end = spans[after][1]
    limit = spans[after + 1][0] if after + 1 < len(spans) else holder.end - 1
    comma = _comma(text, end, limit)
    before = spans[after - 1][1] if after else holder.start
    if "\n" not in text[before : spans[after][0]]:
        return [Stroke(end, end, f", {written}")]
    # One item a line: the new one gets a line of its own, and comments stay with their items.
    start = line_start(text, spans[after][0])
    margin = text[start : spans[after][0]]
    margin = margin if not margin.strip() else " " * len(margin)
    place = line_end(text, end if comma < 0 else comma)
    place = min(place, holder.end - 1)
    broken = f"{newline(text)}{margin}{written}"
    if comma < 0:
        return (
            [Stroke(end, end, ","), Stroke(place, place, broken)] if place > end else [Stroke(end, end, f",{broken}")]
        )
    return [Stroke(place, place, f"{broken},")]


def _drop_from_flow(text: str, holder: Piece, spans: Sequence[tuple[int, int]], place: int) -> list[Stroke]:
    start, end = spans[place]
    if len(spans) == 1:
        return [Stroke(holder.start + 1, holder.end - 1)]
    if place + 1 < len(spans):
        return [_without(text, start, end, spans[place + 1][0])]
    comma, before = _comma(text, end, holder.end - 1), spans[place - 1][1]
    earlier = _comma(text, before, start)
    if "\n" not in text[before:start]:
        return [Stroke(before, end)] if comma < 0 else [Stroke(earlier + 1, comma + 1)]
    rest = end if comma < 0 else comma + 1
    stop = min(line_end(text, rest), holder.end - 1)
    cut = Stroke(_break_before(text, line_start(text, start)), stop)
    return [cut] if comma >= 0 else [Stroke(earlier, earlier + 1), cut]


def _without(text: str, start: int, end: int, following: int) -> Stroke:
    """Take out an item that another one follows; a comment in lines of its own stays with that one."""
    if "\n" not in text[end:following]:
        return Stroke(start, following)
    comma = _comma(text, end, following)
    if text[line_start(text, start) : start].strip():
        return Stroke(start, comma + 1)
    return Stroke(line_start(text, start), next_line(text, comma))


def _comma(text: str, start: int, end: int) -> int:
    """Return where the comma of a stretch between two items stands, -1 when there is none."""
    place = bare(text, start, end)
    return place if place < end and text[place] == "," else -1
