"""Puts a value at a path of the document, such as ``("rules", 3, "who", "groups")``, and changes nothing else.

Every change is read back: unless the new text says just what the old one said but for this value, it is refused.
"""

from collections.abc import Mapping, Sequence

from policies.editing import expecting
from policies.editing.expecting import Path
from policies.editing.relisting import relisted
from policies.editing.strokes import Stroke, applied, drop_cell, indent, line_end, newline, put_cell
from policies.editing.tree import Cell, Piece, Plain, Series, Table, Uneditable, Word, plain, read_tree
from policies.editing.writing import Nested, Value, listed, nested, word

Orders = Mapping[str, Sequence[str]]
"""In which order the keys of a table are written, by the key that leads to the table; ``""`` for one in a list,
``/`` for the document."""

BLOCKS = frozenset({"networks", "postures", "say"})
"""Tables that get a line for each entry when they are made anew."""

MOST_STEPS = 2000


def put(text: str, path: Path, value: Value, orders: Orders) -> str:
    """Return the text with ``value`` at ``path``; an empty value takes the key out, and its table when nothing else is
    in it.

    Raises:
        Uneditable: nothing can be put there.
    """
    root = read_tree(text)
    before = plain(root)
    if expecting.words(expecting.at(before, path)) == ((value,) if value and isinstance(value, str) else value or ()):
        return text
    expected = expecting.with_value(before, path, value)
    for _ in range(MOST_STEPS):
        strokes, whole = _Placing(text, orders).strokes(root, path, value)
        text = applied(text, strokes)
        if whole:
            return checked(text, expected)
        root = read_tree(text)
    raise Uneditable


def rename(text: str, path: Path, name: str) -> str:
    """Return the text with the last key of ``path`` called ``name``.

    Raises:
        Uneditable: there is no such key, or one of that name already.
    """
    root = read_tree(text)
    table = piece_at(root, path[:-1])
    cell = table.cell(str(path[-1])) if isinstance(table, Table) else None
    if cell is None or not isinstance(table, Table) or table.cell(name) is not None:
        raise Uneditable
    after = applied(text, [Stroke(cell.key.start, cell.key.end, word(name, cell.key.style))])
    return checked(after, expecting.renamed(plain(root), path, name))


def checked(text: str, expected: Plain) -> str:
    """Return a changed text when it says what was expected.

    Raises:
        Uneditable: it says something else.
    """
    if plain(read_tree(text)) != expected:
        raise Uneditable
    return text


def piece_at(root: Table, path: Path) -> Piece:
    """Return what stands at a path.

    Raises:
        Uneditable: nothing does.
    """
    piece: Piece | None = root
    for step in path:
        if isinstance(step, int):
            piece = _item(piece, step)
        else:
            cell = piece.cell(step) if isinstance(piece, Table) else None
            piece = cell.value if cell else None
    if piece is None:
        raise Uneditable
    return piece


class _Placing:
    """One step of a change of one text."""

    def __init__(self, text: str, orders: Orders) -> None:
        self._text, self._orders = text, orders

    def strokes(self, root: Table, path: Path, value: Value) -> tuple[list[Stroke], bool]:
        """Return what to change, and whether that is all; walks down as far as the path exists."""
        holder: Piece = root
        removable: tuple[Table, int] | None = None
        for depth, step in enumerate(path):
            if isinstance(step, int):
                holder, removable = _item(holder, step), None
                continue
            if not isinstance(holder, Table):
                raise Uneditable(self._line(holder.start))
            rest, name = path[depth + 1 :], path[depth - 1] if depth else "/"
            place = next((place for place, cell in enumerate(holder.cells) if cell.key.text == step), -1)
            if place < 0:
                return self._insert(holder, name, step, _nest(rest, value)), True
            if len(holder.cells) > 1 or removable is None:
                removable = (holder, place)
            cell = holder.cells[place]
            if not rest:
                return (self._drop(*removable), True) if not value else self._change(cell, value)
            if isinstance(cell.value, Word) and cell.value.absent:
                return self._fill(cell, _nest(rest, value)), True
            holder = cell.value
        raise Uneditable

    def _drop(self, table: Table, place: int) -> list[Stroke]:
        if len(table.cells) == 1:
            raise Uneditable(self._line(table.start))
        return drop_cell(self._text, table, place)

    def _insert(self, table: Table, name: str | int, key: str, value: Nested) -> list[Stroke]:
        if not table.cells:
            return [self._first(table, f"{word(key)}: {nested(value)}")]
        margin = "" if table.flow else indent(self._text, table)
        written = f"{word(key)}: {nested(value)}" if table.flow else self._block(key, value, margin)
        order = list(self._orders.get(name if isinstance(name, str) else "", ()))
        earlier = set(order[: order.index(key)]) if key in order else {cell.key.text for cell in table.cells}
        after = max((place for place, cell in enumerate(table.cells) if cell.key.text in earlier), default=-1)
        return put_cell(self._text, table, after, written)

    def _first(self, table: Table, written: str) -> Stroke:
        """Write the first entry of a table: in its braces, or at the end of a text that says nothing yet."""
        if table.flow:
            return Stroke(table.start + 1, table.start + 1, written)
        line = newline(self._text)
        before = "" if not self._text or self._text.endswith("\n") else line
        return Stroke(len(self._text), len(self._text), f"{before}{written}{line}")

    def _block(self, key: str, value: Nested, margin: str) -> str:
        if not isinstance(value, Mapping) or key not in BLOCKS:
            return f"{word(key)}: {_alone(value)}"
        deeper = f"{newline(self._text)}{margin}  "
        return f"{word(key)}:" + "".join(f"{deeper}{word(name)}: {_alone(each)}" for name, each in value.items())

    def _fill(self, cell: Cell, value: Nested) -> list[Stroke]:
        place = cell.value.start
        colon = "" if self._text[place - 1 : place] == ":" else ":"
        return [Stroke(place, place, f"{colon} {nested(value)}")]

    def _change(self, cell: Cell, value: Value) -> tuple[list[Stroke], bool]:
        old = cell.value
        if isinstance(old, Table):
            raise Uneditable(self._line(old.start))
        if isinstance(old, Series):
            return relisted(self._text, old, (value,) if isinstance(value, str) else value)
        if old.absent:
            return self._fill(cell, value), True
        if isinstance(value, tuple) and len(value) > 1:
            return [Stroke(old.start, old.end, listed(value))], True
        alone = value if isinstance(value, str) else value[0]
        return [Stroke(old.start, old.end, word(alone, old.style, block=self._in_block(cell)))], True

    def _in_block(self, cell: Cell) -> bool:
        """Say whether an entry stands in no braces: then it begins its line, and nothing but a comment follows it."""
        before = self._text[: cell.key.start].rpartition("\n")[2]
        rest = self._text[cell.value.end : line_end(self._text, cell.value.end)].strip()
        return not before.strip(" -") and (not rest or rest.startswith("#"))

    def _line(self, place: int) -> int:
        return self._text.count("\n", 0, place) + 1


def _alone(value: Nested) -> str:
    return word(value, block=True) if isinstance(value, str) else nested(value)


def _nest(path: Path, value: Value) -> Nested:
    made: Nested = value
    for step in reversed(path):
        made = {str(step): made}
    return made


def _item(holder: Piece | None, step: int) -> Piece:
    if not isinstance(holder, Series) or not 0 <= step < len(holder.items):
        raise Uneditable
    return holder.items[step]
