"""What a form shows of a rule: one row for each key of the language, with the kind of field it needs.

Built from the language's own tables (``policies.conditions``, ``policies.rules``, ``policies.vocabulary``): a condition
that is added there appears here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kernel.reasons import LANGUAGES
from policies.conditions import LEAVES, NOT
from policies.editing.placing import Orders
from policies.language import FLAGS, KEYS
from policies.vocabulary import DAYS, FACTORS, LIMITS, OWNERS, PLATFORMS, PROOFS, TRUSTS


class Control(StrEnum):
    """A kind of field: any of a closed list, any names (``Row.source`` says whose), true or false, one of a closed
    list, one line of text, or lines of ``name: value, value``."""

    CHOICES = "choices"
    NAMES = "names"
    FLAG = "flag"
    ONE = "one"
    LINE = "line"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Row:
    """One key. ``path`` counts from the rule; ``source`` names where names come from; ``twin``: has a ``not_`` form."""

    path: tuple[str, ...]
    control: Control
    choices: tuple[str, ...] = ()
    source: str = ""
    twin: bool = False

    @property
    def name(self) -> str:
        """Its name as a form field."""
        return ".".join(self.path)

    @property
    def negated(self) -> "Row":
        """Its ``not_`` twin."""
        return Row((*self.path[:-1], f"{NOT}{self.path[-1]}"), self.control, self.choices, self.source)


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "device.trust": TRUSTS,
    "device.platform": PLATFORMS,
    "device.owner": OWNERS,
    "device.proof": PROOFS,
    "when.days": DAYS,
    "signin.factors": FACTORS,
}
_SOURCES: Final[Mapping[str, str]] = {
    "who.users": "users",
    "who.groups": "groups",
    "device.posture": "postures",
    "network.in": "networks",
    "network.countries": "countries",
    "network.asn": "",
}
_LINES: Final = frozenset({"when.between", "signin.age"})


def _condition(section: str, leaf: str) -> Row:
    path, name = (section, leaf), f"{section}.{leaf}"
    if name in _CHOICES:
        return Row(path, Control.CHOICES, _CHOICES[name], twin=True)
    if name in _SOURCES:
        return Row(path, Control.NAMES, source=_SOURCES[name], twin=True)
    if name == "who.attributes":
        return Row(path, Control.PAIRS, twin=True)
    return Row(path, Control.LINE if name in _LINES else Control.FLAG, ("true", "false"), twin=True)


CONDITIONS: Final = (
    *(_condition("who", leaf) for leaf in LEAVES["who"]),
    Row(("service",), Control.NAMES, source="services", twin=True),
    *(_condition(section, leaf) for section, leaves in LEAVES.items() if section != "who" for leaf in leaves),
)
ZONE: Final = Row(("when", "zone"), Control.NAMES, source="zones")
_LIMITS: Final[Mapping[str, Row]] = {
    "read_only": Row(("limits", "read_only"), Control.ONE, ("true",)),
    "attachments": Row(("limits", "attachments"), Control.ONE, ("block",)),
    "recipients": Row(("limits", "recipients"), Control.ONE, ("internal",)),
    "folders": Row(("limits", "folders"), Control.NAMES),
}
ENDINGS: Final = (
    Row(("then",), Control.ONE, ("allow", "deny")),
    Row(("mode",), Control.ONE, ("report",)),
    Row(("require", "factors"), Control.CHOICES, FACTORS),
    Row(("require", "within"), Control.LINE),
    *(_LIMITS.get(key, Row(("limits", key), Control.LINE)) for key in LIMITS),
    *(Row(("say", language), Control.LINE) for language in LANGUAGES),
)
OUTCOME: Final = Row(("outcome",), Control.ONE, ("allow", "deny", "step_up"))
NAME: Final = Row(("name",), Control.LINE)


def rows_of(kind: str) -> Sequence[Row]:
    """Return every row of an entry of ``rules`` or ``never``, twins included, in the order they are written."""
    conditions = [each for row in CONDITIONS for each in ((row, row.negated) if row.twin else (row,))]
    return (NAME, *conditions, ZONE, *((OUTCOME,) if kind == "never" else ENDINGS))


def _section(leaves: Sequence[str]) -> tuple[str, ...]:
    return (*leaves, *(f"{NOT}{leaf}" for leaf in leaves))


_RULE: Final = (
    *("name", "who", "service", "not_service"),
    *(section for section in LEAVES if section != "who"),
    *("then", "outcome", "mode", "require", "limits", "say"),
)
ORDERS: Final[Orders] = {
    "/": KEYS,
    "": _RULE,
    **{section: _section(tuple(leaves)) for section, leaves in LEAVES.items()},
    "when": (*_section(tuple(LEAVES["when"])), "zone"),
    "require": ("factors", "within"),
    "limits": LIMITS,
    "say": LANGUAGES,
    "os": PLATFORMS,
}
"""In which order keys are written where one is added."""

POSTURE_KEYS: Final = ("reported_within", *FLAGS, "os")
"""The keys of a posture."""
