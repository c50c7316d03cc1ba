"""What the form view sends, made into changes of the text. A form says which rows it showed; rows that it did not show
stay as they are. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from idp.web.forms import Form
from policies.editing.entries import add, duplicate, move, remove
from policies.editing.placing import put, rename
from policies.editing.shape import ORDERS, Control, Row, rows_of
from policies.editing.sheets import KINDS, Sheet, Sheets, fill, read_sheets
from policies.editing.tree import Uneditable
from policies.editing.writing import Nested, Value


@dataclass(frozen=True, slots=True)
class Opened:
    """The entry whose fields are shown (``place`` -1: none), with the empty rows that were asked for in addition."""

    kind: str = "rules"
    place: int = -1
    more: tuple[str, ...] = ()


NOTHING = Opened()


def read_opened(form: Form) -> Opened:
    """Return which entry the form shows."""
    kind, _, place = form.text("open", 20).partition(" ")
    if kind not in KINDS or not place.isdecimal():
        return NOTHING
    known = names_of(kind)
    turned = (form.get(f"as:{name}", name) for name in form.all("row"))
    shown = tuple(name for name in turned if name in known)
    return Opened(kind, int(place), shown)


def names_of(kind: str) -> frozenset[str]:
    """Return the name of every row."""
    return frozenset(row.name for row in rows_of(kind))


def filled(text: str, form: Form) -> str:
    """Return the text with what the form's fields say.

    Raises:
        Uneditable: it cannot be changed so.
    """
    opened = read_opened(form)
    if opened.place >= 0:
        text = fill(text, opened.kind, opened.place, wanted(form, opened.kind))
    return _networks(text, form)


_POINTLESS: Mapping[str, tuple[str, ...]] = {"deny": ("require.", "limits."), "allow": ("sealed",)}
"""What has no meaning where a rule decides so: it goes when the form says the other."""


def wanted(form: Form, kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return what each row that was shown says now. A row may have been turned into its ``not_`` twin."""
    rows = {row.name: row for row in rows_of(kind)}
    found: dict[str, tuple[str, ...]] = {}
    for name in form.all("row"):
        if name in rows:
            target = form.get(f"as:{name}", name)
            target = target if target in rows else name
            found.setdefault(name, ())
            found[target] = tuple(dict.fromkeys((*found.get(target, ()), *_typed(form, rows[name]))))
    pointless = _POINTLESS.get("".join(found.get("then", ())), ())
    return found | {name: () for name in rows if name.startswith(pointless)}


def _typed(form: Form, row: Row) -> tuple[str, ...]:
    values = [each.replace("\r\n", "\n") for each in form.all(f"v:{row.name}")]
    if row.control is Control.NAMES:
        parts = [part for value in values for line in value.split("\n") for part in line.split(",")]
    elif row.control is Control.PAIRS:
        parts = [line for value in values for line in value.split("\n") if line.partition(":")[2].strip()]
    else:
        parts = [" ".join(value.split()) for value in values]
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _networks(text: str, form: Form) -> str:
    """Change the named networks: ``net`` are their names as they were, ``net-name`` and ``net-in`` as they are now."""
    ranges = read_sheets(text).networks if "net" in form else {}
    for old, name, said in zip(form.all("net"), form.all("net-name"), form.all("net-in"), strict=False):
        words: Value = tuple(dict.fromkeys(said.replace(",", " ").split()))
        name = name.strip()
        if old in ranges and name and name != old:
            text = rename(text, ("networks", old), name)
        if name and (words or old in ranges):
            text = put(text, ("networks", name), words, ORDERS)
    return text


def acted(text: str, act: str, opened: Opened, name: str) -> tuple[str, Opened]:
    """Return the text after a button was pressed, and what is open then. ``name``: what a new rule is called.

    Raises:
        Uneditable: it cannot be changed so.
    """
    verb, _, rest = act.partition(" ")
    kind, _, where = rest.partition(" ")
    if verb == "more":
        return text, replace(opened, more=tuple(dict.fromkeys((*opened.more, rest))))
    if verb == "drop" and opened.place >= 0:
        more = tuple(each for each in opened.more if each != rest)
        return fill(text, opened.kind, opened.place, {rest: ()}), replace(opened, more=more)
    if verb == "forget":
        return put(text, ("networks", rest), (), ORDERS), opened
    if verb == "close":
        return text, NOTHING
    if kind not in KINDS:
        return text, opened
    place = int(where) if where.isdecimal() else -1
    return _ACTS[verb](text, kind, place, name) if verb in _ACTS else (text, opened)


def _open(text: str, kind: str, place: int, name: str) -> tuple[str, Opened]:
    return text, Opened(kind, place)


def _up(text: str, kind: str, place: int, name: str) -> tuple[str, Opened]:
    return (move(text, kind, place, place - 1) if place else text), NOTHING


def _down(text: str, kind: str, place: int, name: str) -> tuple[str, Opened]:
    last = len(entries(read_sheets(text), kind)) - 1
    return (move(text, kind, place, place + 1) if place < last else text), NOTHING


def _remove(text: str, kind: str, place: int, name: str) -> tuple[str, Opened]:
    return remove(text, kind, place), NOTHING


def _copy(text: str, kind: str, place: int, name: str) -> tuple[str, Opened]:
    sheets = entries(read_sheets(text), kind)
    if not 0 <= place < len(sheets):
        raise Uneditable
    made = duplicate(text, kind, place, free_name(sheets[place].name, text, kind), ORDERS)
    return made, Opened(kind, place + 1)


def _add(text: str, kind: str, place: int, name: str) -> tuple[str, Opened]:
    ending: dict[str, Nested] = {"then": "deny"}
    if kind == "never":
        ending = {"device": {"trust": ("lost", "revoked")}, "outcome": "allow"}
    made = add(text, kind, place, {"name": free_name(name, text, kind), **ending})
    after = place if place >= 0 else len(entries(read_sheets(made), kind)) - 2
    return made, Opened(kind, after + 1)


_ACTS: Mapping[str, Callable[[str, str, int, str], tuple[str, Opened]]] = {
    "open": _open,
    "up": _up,
    "down": _down,
    "remove": _remove,
    "copy": _copy,
    "add": _add,
}


def entries(sheets: Sheets, kind: str) -> tuple[Sheet, ...]:
    """Return the entries of a kind."""
    return sheets.rules if kind == "rules" else sheets.nevers


def free_name(name: str, text: str, kind: str) -> str:
    """Return a name that no entry has: this one, or this one with a number."""
    taken = {each.name for each in entries(read_sheets(text), kind)}
    return next(each for n in range(1, 10_000) if (each := f"{name} {n}" if n > 1 else name) not in taken)
