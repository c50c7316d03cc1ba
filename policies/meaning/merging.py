"""Joins rows that say the same of several groups, factors or networks: "group staff" and "group sales" become one."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from policies.meaning.answers import Kind, Row
from policies.meaning.cases import Clause, Cube
from policies.meaning.effects import Effect

BY_ACCESS = frozenset({Kind.OPENED, Kind.CLOSED, Kind.REPORTED})
"""Kinds of which rows say the same whatever exactly is decided."""


def merged(rows: Sequence[Row]) -> list[Row]:
    """Return as few rows as say the same, in the order of the first of each."""
    left = list(rows)
    while (pair := _pair(left)) is not None:
        (one, other), cube = pair
        left[one] = replace(left[one], cube=cube, likely=left[one].likely and left[other].likely)
        del left[other]
    return left


def _pair(rows: Sequence[Row]) -> tuple[tuple[int, int], Cube] | None:
    for one, row in enumerate(rows):
        for other in range(one + 1, len(rows)):
            if _alike(row, rows[other]):
                cube = joined(row.cube, rows[other].cube)
                if cube is not None:
                    return (one, other), cube
    return None


def _alike(one: Row, other: Row) -> bool:
    if (one.kind, one.scope) != (other.kind, other.scope):
        return False
    if one.kind is Kind.DECIDED_BY:
        return (one.before.rule, one.after.rule) == (other.before.rule, other.after.rule)
    effects = [(Effect.of(row.before), Effect.of(row.after)) for row in (one, other)]
    return one.kind in BY_ACCESS or effects[0] == effects[1]


def joined(one: Cube, other: Cube) -> Cube | None:
    """Return the union of two cubes that differ in nothing but the name of one clause, None for any others."""
    mine, theirs = [each for each in one if each not in other], [each for each in other if each not in one]
    if len(one) != len(other) or len(mine) != 1 or len(theirs) != 1 or not _same_but_name(mine[0], theirs[0]):
        return None
    names = tuple(dict.fromkeys(chain(mine[0].names, theirs[0].names)))
    return tuple(replace(each, names=names) if each is mine[0] else each for each in one)


def _same_but_name(one: Clause, other: Clause) -> bool:
    return (one.key, one.cases, one.others) == (other.key, other.cases, other.others)
