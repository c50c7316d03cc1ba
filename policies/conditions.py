"""Reads the conditions of a rule: one row for each key of the language, its ``not_`` twin included.

Adding a condition is one row in ``LEAVES`` here and one in ``observe`` (or a ``Probe`` of its own).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from kernel.problems import Place
from policies.addresses import number
from policies.document import Node, Problems
from policies.model import Condition, Network, Probe, Value
from policies.moments import Between, Days, SigninAge
from policies.observe import Attributes
from policies.posture import AnyPosture, Posture
from policies.values import MAX_NAME, between, boolean, chosen, duration, fields, line_of_text, scalar, scalars
from policies.vocabulary import (
    ANY_CLIENT,
    COUNTRIES,
    DAYS,
    FACTORS,
    MISTAKEN_COUNTRIES,
    MISTAKEN_SERVICES,
    MISTAKEN_ZONES,
    OWNERS,
    PLATFORMS,
    PROOFS,
    SERVICES,
    TRUSTS,
)
from policies.zones import Zones, zone_names

NOT = "not_"
_SERVICE = re.compile(r"[a-z][a-z0-9-]{0,62}|client:[A-Za-z0-9._~:/-]{1,200}")


@dataclass(slots=True)
class Scope:
    """What a reader knows while it reads: the names defined so far, which of them were used, and where to complain."""

    problems: Problems
    zones: Zones
    networks: dict[str, Network] = field(default_factory=dict)
    postures: dict[str, Posture] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    zone: tzinfo = UTC


Words = dict[Value, Place]
"""The wanted values, each with the place where it stands."""
Wanted = Words | Probe | None
Reader = Callable[[Node, str, Scope], Wanted]


def canonical(name: str) -> str:
    """Return a user's name as it is stored: NFKC, case folded."""
    return unicodedata.normalize("NFKC", name).casefold()


def _words(allowed: tuple[str, ...]) -> Reader:
    def read(node: Node, what: str, scope: Scope) -> Wanted:
        return {word.text: word.place for word in chosen(node, allowed, what, scope.problems)}

    return read


def _users(node: Node, what: str, scope: Scope) -> Wanted:
    return {canonical(word.text): word.place for word in scalars(node, what, scope.problems)}


def _groups(node: Node, what: str, scope: Scope) -> Wanted:
    return {word.text: word.place for word in scalars(node, what, scope.problems)}


def _attributes(node: Node, what: str, scope: Scope) -> Wanted:
    wanted = []
    for key, value in fields(node, (), what, scope.problems).values():
        values = frozenset(word.text for word in scalars(value, f"`{key.text}`", scope.problems))
        wanted.append((key.text, values))
    return Attributes(tuple(sorted(wanted, key=lambda item: item[0]))) if wanted else None


def _services(node: Node, what: str, scope: Scope) -> Wanted:
    found: Words = {}
    for word in scalars(node, what, scope.problems):
        mistaken = MISTAKEN_SERVICES.get(word.text.casefold())
        if mistaken:
            hint = f"did you mean `{mistaken}`?"
            scope.problems.add(word.place, f"{what}: no such service `{word.text}`", word.text, hint)
        elif word.text == ANY_CLIENT or _SERVICE.fullmatch(word.text):
            found[word.text] = word.place
        else:
            scope.problems.unknown(word, f"{what}: not the name of a service:", [*SERVICES, ANY_CLIENT])
    return found


def _networks(node: Node, what: str, scope: Scope) -> Wanted:
    found: Words = {}
    for word in scalars(node, what, scope.problems):
        if word.text in scope.networks:
            found[word.text] = word.place
            scope.used.add(f"networks.{word.text}")
            continue
        hint = "" if scope.networks else f"define it: `networks: {{{word.text}: [192.0.2.0/24]}}`"
        if "/" in word.text or number(word.text) is not None:
            hint = "give the range a name under `networks`, and use the name here"
        scope.problems.unknown(word, f"{what}: no network is named", list(scope.networks), hint=hint)
    return found


def _postures(node: Node, what: str, scope: Scope) -> Wanted:
    found = []
    for word in scalars(node, what, scope.problems):
        if word.text in scope.postures:
            found.append(scope.postures[word.text])
            scope.used.add(f"postures.{word.text}")
            continue
        hint = "" if scope.postures else f"define it: `postures: {{{word.text}: {{disk_encrypted: true}}}}`"
        scope.problems.unknown(word, f"{what}: no posture is named", list(scope.postures), hint=hint)
    return AnyPosture(tuple(sorted(found, key=lambda posture: posture.name))) if found else None


def _countries(node: Node, what: str, scope: Scope) -> Wanted:
    found: Words = {}
    for word in scalars(node, what, scope.problems):
        if word.text in COUNTRIES:
            found[word.text] = word.place
            continue
        upper = word.text.upper()
        best = MISTAKEN_COUNTRIES.get(upper) or (upper if upper in COUNTRIES else "")
        hint = f"did you mean `{best}`?" if best else "write two capital letters, as in ISO 3166: JP, DE, US"
        scope.problems.add(word.place, f"{what}: no country has the code `{word.text}`", word.text, hint)
    return found


def _asns(node: Node, what: str, scope: Scope) -> Wanted:
    found: Words = {}
    for word in scalars(node, what, scope.problems):
        if _is_asn(word.text):
            found[int(word.text)] = word.place
            continue
        bare = word.text.upper().removeprefix("AS").strip()
        hint = f"did you mean `{bare}`?" if _is_asn(bare) else "write the bare number, such as 64500"
        scope.problems.add(word.place, f"{what}: `{word.text}` is not a network number", word.text, hint)
    return found


def _is_asn(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) < 1 << 32


def _flag(node: Node, what: str, scope: Scope) -> Wanted:
    value = boolean(node, what, scope.problems)
    return None if value is None else {value: node.place}


def _days(node: Node, what: str, scope: Scope) -> Wanted:
    days = frozenset(DAYS.index(word.text) for word in chosen(node, DAYS, what, scope.problems))
    return Days(days, scope.zone) if days else None


def _between(node: Node, what: str, scope: Scope) -> Wanted:
    span = between(node, what, scope.problems)
    return Between(*span, scope.zone) if span else None


def _age(node: Node, what: str, scope: Scope) -> Wanted:
    seconds = duration(node, what, scope.problems)
    return None if seconds is None else SigninAge(seconds)


LEAVES: Mapping[str, Mapping[str, Reader]] = {
    "who": {"users": _users, "groups": _groups, "attributes": _attributes},
    "device": {
        "trust": _words(TRUSTS),
        "posture": _postures,
        "platform": _words(PLATFORMS),
        "owner": _words(OWNERS),
        "proof": _words(PROOFS),
    },
    "network": {"in": _networks, "countries": _countries, "asn": _asns, "anonymous": _flag},
    "when": {"days": _days, "between": _between},
    "signin": {
        "factors": _words(FACTORS),
        "age": _age,
        "new_device": _flag,
        "new_country": _flag,
        "impossible_travel": _flag,
    },
}
NAMES = frozenset({"service", "who.users", "who.groups"})
"""Keys whose values name something outside the document, and may lead nowhere."""
CONDITION_KEYS = ("service", "not_service", *LEAVES)
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    section: (*leaves, *(f"{NOT}{leaf}" for leaf in leaves), *(("zone",) if section == "when" else ()))
    for section, leaves in LEAVES.items()
}


def read_conditions(entries: Mapping[str, tuple[object, Node]], scope: Scope) -> tuple[Condition, ...]:
    """Return the conditions among the entries of a rule; each is noted if it is wrong, and left out."""
    found: list[Condition] = []
    for key, (_, node) in entries.items():
        if key in LEAVES:
            found += _section(key, node, scope)
        elif key in ("service", "not_service"):
            _leaf("service", key, node, _services, scope, found)
    return tuple(found)


def _section(section: str, node: Node, scope: Scope) -> list[Condition]:
    leaves = LEAVES[section]
    before = scope.problems.count
    entries = fields(node, _ALLOWED[section], f"`{section}`", scope.problems)
    if not entries and scope.problems.count == before:
        scope.problems.add(node.place, f"`{section}` says nothing", hint="leave it out, or say what must hold")
    if section == "when" and entries:
        # Without a usable zone the document is refused; reading on in UTC finds whatever else is wrong.
        scope.zone = _zone(node, entries, scope) or UTC
    found: list[Condition] = []
    for key, (_, value) in entries.items():
        if key != "zone":
            leaf = key.removeprefix(NOT)
            _leaf(f"{section}.{leaf}", key, value, leaves[leaf], scope, found)
    return found


def _leaf(key: str, spelt: str, node: Node, read: Reader, scope: Scope, into: list[Condition]) -> None:
    before = scope.problems.count
    wanted = read(node, f"`{spelt}`", scope)
    if not wanted and scope.problems.count == before:
        # A condition must never be lost in silence: without it the rule would match more than was written.
        scope.problems.add(node.place, f"`{spelt}` says nothing", hint="leave it out, or say what must hold")
    if isinstance(wanted, dict):
        if wanted:
            places = wanted if len(wanted) > 1 and key in NAMES else None
            into.append(Condition(key, node.place, spelt.startswith(NOT), frozenset(wanted), places=places))
    elif wanted is not None:
        into.append(Condition(key, node.place, spelt.startswith(NOT), probe=wanted))


def _zone(node: Node, entries: Mapping[str, tuple[object, Node]], scope: Scope) -> tzinfo | None:
    if "zone" not in entries:
        scope.problems.add(
            node.place, "`when` does not say in which zone", hint="add a zone, such as `zone: Asia/Tokyo`"
        )
        return None
    word = scalar(entries["zone"][1], "`zone`", scope.problems)
    if word is None:
        return None
    found = scope.zones(word.text)
    if found is None:
        likely = MISTAKEN_ZONES.get(word.text, "")
        scope.problems.unknown(word, "`zone`: no time zone is named", zone_names(), likely)
    return found


def read_name(node: Node, what: str, problems: Problems) -> str | None:
    """Return the name of a rule or invariant: one line."""
    return line_of_text(node, what, problems, MAX_NAME)
