"""What the templates of the policy's pages ask while they draw: which rows of the form to show, and words for a trace.
Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from idp.console.words.traces import told
from policies.editing.shape import CONDITIONS, ENDINGS, Row, rows_of
from policies.editing.sheets import Sheet
from policies.vocabulary import SERVICES, enforced

BASIC = ("who.groups", "service", "device.trust")
"""Conditions that an open rule always offers: whom, what, from which device."""


def for_templates(language: str) -> Mapping[str, Any]:
    """Return the functions, for one language."""
    return {
        "told": lambda text: told(str(text), language),
        "rows_of": rows_of,
        "row_of": row_of,
        "conditions_shown": conditions_shown,
        "rows_to_add": rows_to_add,
        "limits_shown": limits_shown,
    }


def row_of(name: str) -> Row:
    """Return a row of rules by its name."""
    return next(row for row in rows_of("rules") if row.name == name)


def conditions_shown(sheet: Sheet, more: Sequence[str]) -> Sequence[Row]:
    """Return the conditions that an open rule shows: what it says, what was asked for, and the basic ones."""
    wanted = {*sheet.values, *more}
    rows = []
    for row in CONDITIONS:
        basic = row.name in BASIC and row.negated.name not in wanted
        rows += [row] if row.name in wanted or basic else []
        rows += [row.negated] if row.negated.name in wanted else []
    return rows


def rows_to_add(sheet: Sheet, more: Sequence[str]) -> Iterable[tuple[str, Sequence[Row]]]:
    """Return the conditions that can be added, by section; of those that are there, their twin."""
    shown = conditions_shown(sheet, more)
    sections: dict[str, list[Row]] = {}
    for row in CONDITIONS:
        left = [each for each in (row, row.negated) if each not in shown]
        if left:
            sections.setdefault(row.path[0], []).append(left[0])
    return sections.items()


def limits_shown(sheet: Sheet) -> Sequence[Row]:
    """Return the limits that the rule's services can hold a session to, and those that it has anyway."""
    services = sheet.values.get("service") or [
        each for each in SERVICES if each not in sheet.values.get("not_service", ())
    ]
    able = frozenset.intersection(*(enforced(each) for each in services))
    limits = (row for row in ENDINGS if row.path[0] == "limits")
    return [row for row in limits if row.path[1] in able or row.name in sheet.values]
