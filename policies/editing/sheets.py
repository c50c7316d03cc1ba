"""The form's view of a document: what each rule says, row by row; and back: the text with what was changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policies.editing.expecting import at, words
from policies.editing.placing import put
from policies.editing.shape import NAME, ORDERS, ZONE, Control, Row, rows_of
from policies.editing.tree import Plain, Series, Table, Uneditable, plain, read_tree
from policies.editing.writing import Value

KINDS = ("rules", "never")

Values = Mapping[str, tuple[str, ...]]
"""By the name of a row. The values of ``Control.PAIRS`` are ``name: value, value``."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One entry of ``rules`` or ``never``: its number in the list, its first line, and what it says. ``strange``: keys
    that the form does not show, which stay as they are."""

    kind: str
    place: int
    line: int
    values: Values
    strange: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.one("name")

    def one(self, row: str) -> str:
        """Return the first word of a row, ``""`` when it has none."""
        return next(iter(self.values.get(row, ())), "")


@dataclass(frozen=True, slots=True)
class Sheets:
    """A whole document. ``networks`` maps names to ranges; ``postures`` and ``networks`` keep the order of the text."""

    rules: tuple[Sheet, ...]
    nevers: tuple[Sheet, ...]
    networks: Mapping[str, tuple[str, ...]]
    postures: Mapping[str, Plain]


def read_sheets(text: str) -> Sheets:
    """Return what the form shows.

    Raises:
        Uneditable: the text is no YAML as we allow it.
    """
    root = read_tree(text)
    said = plain(root)
    networks, postures = at(said, ("networks",)), at(said, ("postures",))
    return Sheets(
        _entries(text, root, "rules"),
        _entries(text, root, "never"),
        {name: words(each) or () for name, each in networks.items()} if isinstance(networks, dict) else {},
        postures if isinstance(postures, dict) else {},
    )


def fill(text: str, kind: str, place: int, wanted: Values) -> str:
    """Return the text with the rows in ``wanted`` changed to what they say; other rows, and equal ones, stay.

    Raises:
        Uneditable: there is no such entry, or it is written in a way that cannot be changed so.
    """
    said = at(plain(read_tree(text)), (kind, place))
    if said is None:
        raise Uneditable
    rows = [row for row in rows_of(kind) if row.name in wanted]
    asked = {row.name: _ordered(row, wanted[row.name], _values(row, said)) for row in rows}
    changed = [row for row in rows if asked[row.name] != _values(row, said)]
    for row in changed:
        if row != ZONE:
            text = _put(text, (kind, place), row, asked[row.name])
    return _zoned(text, kind, place, asked) if any(row.path[0] == "when" for row in changed) else text


def _ordered(row: Row, wanted: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    """Return ticked boxes in the order of the text: a form sends them in its own, which means nothing."""
    if row.control is not Control.CHOICES:
        return wanted
    return (*(each for each in said if each in wanted), *(each for each in wanted if each not in said))


def _entries(text: str, root: Table, kind: str) -> tuple[Sheet, ...]:
    cell = root.cell(kind)
    if cell is None or not isinstance(cell.value, Series):
        return ()
    return tuple(
        _sheet(text, kind, place, item) for place, item in enumerate(cell.value.items) if isinstance(item, Table)
    )


def _sheet(text: str, kind: str, place: int, item: Table) -> Sheet:
    said = plain(item)
    rows = rows_of(kind)
    values = {row.name: found for row in rows if (found := _values(row, said))}
    return Sheet(kind, place, text.count("\n", 0, item.start) + 1, values, tuple(_strange(rows, said)))


def _values(row: Row, said: Plain) -> tuple[str, ...]:
    found = at(said, row.path)
    if row.control is not Control.PAIRS:
        return words(found) or ()
    if not isinstance(found, dict):
        return ()
    return tuple(f"{name}: {', '.join(words(each) or ())}" for name, each in found.items())


def _strange(rows: Sequence[Row], said: Plain) -> list[str]:
    known = {row.path[0] for row in rows} | {row.name for row in rows}
    found = []
    for key, value in said.items() if isinstance(said, dict) else ():
        inner = value if isinstance(value, dict) and key in known else {}
        found += [f"{key}.{each}" for each in inner if f"{key}.{each}" not in known]
        found += [key] if key not in known else []
    return found


def _put(text: str, start: tuple[str | int, ...], row: Row, value: tuple[str, ...]) -> str:
    path = (*start, *row.path)
    if row.control is Control.PAIRS:
        return _put_pairs(text, path, value)
    alone = row.control in (Control.LINE, Control.ONE, Control.FLAG)
    wanted: Value = (value[0] if value else "") if alone else value
    if row == NAME and not wanted:
        raise Uneditable
    return put(text, path, wanted, ORDERS)


def _put_pairs(text: str, path: tuple[str | int, ...], value: tuple[str, ...]) -> str:
    pairs = dict(_pair(each) for each in value)
    present = at(plain(read_tree(text)), path)
    for name in present if isinstance(present, dict) else ():
        if name not in pairs:
            text = put(text, (*path, name), (), ORDERS)
    for name, each in pairs.items():
        text = put(text, (*path, name), each, ORDERS)
    return text


def _pair(line: str) -> tuple[str, tuple[str, ...]]:
    name, _, rest = line.partition(":")
    return name.strip(), tuple(dict.fromkeys(each.strip() for each in rest.split(",") if each.strip()))


def _zoned(text: str, kind: str, place: int, wanted: Values) -> str:
    """Put the zone last: it means nothing, and goes, where ``when`` says nothing else."""
    said = at(plain(read_tree(text)), (kind, place, "when"))
    keys = set(said) if isinstance(said, dict) else set()
    if keys == {"zone"} and wanted.keys() & {row.name for row in rows_of(kind) if row.path[0] == "when"}:
        return put(text, (kind, place, "when"), (), ORDERS)
    if keys and ZONE.name in wanted:
        return put(text, (kind, place, *ZONE.path), "".join(wanted[ZONE.name][:1]), ORDERS)
    return text
