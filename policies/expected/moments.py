"""Reads when a row happens, and what its person has shown by then."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from kernel.records.sessions import Factor
from policies.conditions import Scope
from policies.document import Entries, Scalar
from policies.expected.cast import Found
from policies.values import boolean, chosen, duration, fields, scalar
from policies.vocabulary import DAYS, FACTORS
from policies.zones import zone_names

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC).timestamp()
"""A Wednesday: when a row happens that does not say."""

MONDAY = date(2026, 1, 5)
FLAGS = ("anonymous", "new_device", "new_country", "impossible_travel")

_AT = re.compile(r"(\S+) (\d{2}:\d{2})(?: (\S+))?")


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody has shown: factors and the sign-in itself, by how many seconds ago; ``flags`` tell what is odd."""

    factors: Mapping[Factor, float]
    signin_age: float | None
    flags: Mapping[str, bool | None]

    @property
    def began(self) -> float | None:
        """How many seconds ago the sign-in began, None without one."""
        return max(self.factors.values(), default=None) if self.signin_age is None else self.signin_age


def read_at(row: Found, scope: Scope) -> float:
    """Return the moment of a row: ``2026-03-02 10:00 Asia/Tokyo``, or ``mon 10:00``; UTC unless it says otherwise."""
    word = scalar(row["at"][1], "`at`", scope.problems) if "at" in row else None
    return NOON if word is None else _moment(word, scope)


def _moment(word: Scalar, scope: Scope) -> float:
    match = _AT.fullmatch(word.text)
    zone = scope.zones(match[3]) if match and match[3] else UTC
    if match and zone is None:
        scope.problems.unknown(Scalar(match[3], word.place), "`at`: no time zone is named", zone_names())
        return NOON
    try:
        if match is None:
            raise ValueError
        day = MONDAY + timedelta(DAYS.index(match[1])) if match[1] in DAYS else date.fromisoformat(match[1])
        return datetime.combine(day, time.fromisoformat(match[2]), zone).timestamp()
    except (ValueError, OverflowError):
        hint = "write it like `2026-03-02 10:00 Asia/Tokyo` or `mon 10:00 Asia/Tokyo`"
        scope.problems.add(word.place, f"`at`: `{word.text}` is not a moment", word.text, hint)
        return NOON


def read_shown(row: Found, scope: Scope) -> Shown:
    """Return the factors of a row, shown just now or (``{totp: 10m}``) so long ago, and what is told of the sign-in."""
    age = duration(row["signin_age"][1], "`signin_age`", scope.problems) if "signin_age" in row else None
    flags = {key: boolean(row[key][1], f"`{key}`", scope.problems) if key in row else None for key in FLAGS}
    return Shown(_factors(row, scope), age, flags)


def _factors(row: Found, scope: Scope) -> Mapping[Factor, float]:
    if "factors" not in row:
        return {}
    node = row["factors"][1]
    if isinstance(node, Entries):
        entries = fields(node, FACTORS, "`factors`", scope.problems)
        ages = {name: duration(value, f"`{name}`", scope.problems) for name, (_, value) in entries.items()}
        return {Factor(name): age for name, age in ages.items() if age is not None}
    return {Factor(word.text): 0.0 for word in chosen(node, FACTORS, "`factors`", scope.problems)}
