"""A table of expected decisions: YAML in, cases or every fault out. Read against its policy, whose names it uses."""

from collections.abc import Iterator, Mapping
from itertools import islice

from kernel.problems import Invalid
from policies.addresses import RangeIndex
from policies.conditions import Scope, read_name
from policies.document import Broken, Items, Node, Problems, Scalar, read_document
from policies.expected.cast import Found, read_devices, read_people
from policies.expected.choices import Cast, read_services
from policies.expected.scenes import SCENE_KEYS, read_scenes
from policies.expected.table import Case, Expectation
from policies.model import Condition, Limits, Never, Outcome, Policy, Rule, Value
from policies.posture import AnyPosture, Posture
from policies.rules import read_limits, read_requirement, read_version
from policies.values import chosen, fields, kind, scalar
from policies.zones import Zones, zone

KEYS = ("version", "defaults", "people", "devices", "tests")
EXPECTED_KEYS = ("expect", "rule", "limits", "require")
ROW_KEYS = ("name", *SCENE_KEYS, *EXPECTED_KEYS)
NONE = "none"
MAX_ROWS = 5000
MAX_CASES = 20_000
ALIKE = frozenset({"network", "address"})
"""Of these a row has one: naming the other puts that of the defaults aside."""


def read_table(text: str | bytes, policy: Policy, source: str = "tests", zones: Zones = zone) -> tuple[Case, ...]:
    """Return the cases of a table, in the order of its rows.

    Raises:
        Invalid: the table has faults; carries every one with its place, in the order of the text.
    """
    problems = Problems(source)
    scope = Scope(problems, zones, dict(policy.networks), postures_of(policy))
    root = read_document(text, problems)
    cases = _cases(root, policy, scope) if root is not None else ()
    if problems.count:
        raise Invalid(dict.fromkeys(problems.in_order()))
    return cases


def postures_of(policy: Policy) -> dict[str, Posture]:
    """Return the postures that a policy's rules and invariants ask for, by name."""
    owners: list[Rule | Never] = [*policy.rules, *policy.nevers]
    probes = [one.probe for owner in owners for one in owner.conditions if isinstance(one.probe, AnyPosture)]
    return {posture.name: posture for probe in probes for posture in probe.postures}


def _cases(root: Node, policy: Policy, scope: Scope) -> tuple[Case, ...]:
    entries = fields(root, KEYS, "a table of tests", scope.problems)
    for key, example in (("version", "version: 1"), ("tests", "tests: []")):
        if entries and key not in entries:
            scope.problems.add(root.place, f"`{key}` is missing", hint=f"add `{example}`")
    if "version" in entries:
        read_version(entries["version"][1], scope)
    people = read_people(entries["people"][1], scope) if "people" in entries else {}
    devices = read_devices(entries["devices"][1], scope) if "devices" in entries else {}
    index = RangeIndex({name: network.ranges for name, network in policy.networks.items()})
    cast = Cast(people, devices, index)
    defaults = _defaults(entries, scope)
    cases: list[Case] = []
    for row in _rows(entries, scope):
        cases += _row(row, defaults, cast, policy, scope)
        if len(cases) > MAX_CASES:
            scope.problems.add(row["name"][0].place, f"the table has more than {MAX_CASES} cases")
            break
    return tuple(cases)


def _defaults(entries: Found, scope: Scope) -> Found:
    return fields(entries["defaults"][1], SCENE_KEYS, "`defaults`", scope.problems) if "defaults" in entries else {}


def _rows(entries: Found, scope: Scope) -> Iterator[Found]:
    """Yield the rows that have a name of their own."""
    node = entries["tests"][1] if "tests" in entries else None
    if not isinstance(node, Items):
        if node is not None and not isinstance(node, Broken):
            what, hint = f"`tests` must be a list, not a {kind(node)}", "begin each with `- name:`"
            scope.problems.add(node.place, what, hint=hint)
        return
    if len(node.items) > MAX_ROWS:
        scope.problems.add(node.items[MAX_ROWS].place, f"`tests` has more than {MAX_ROWS} entries")
    lines: dict[str, int] = {}
    for item in node.items[:MAX_ROWS]:
        row = fields(item, ROW_KEYS, "a row", scope.problems)
        if row and _named(item, row, lines, scope):
            yield row


def _named(item: Node, row: Found, lines: dict[str, int], scope: Scope) -> bool:
    if "name" not in row:
        scope.problems.add(item.place, "a row has no `name`", hint="say what it is about")
        return False
    place = row["name"][1].place
    name = read_name(row["name"][1], "`name`", scope.problems) or ""
    if name in lines:
        hint = f"the first is on line {lines[name]}"
        scope.problems.add(place, f"a row of this name is there already: `{name}`", name, hint)
    lines.setdefault(name, place.line)
    return bool(name)


def _row(row: Found, defaults: Found, cast: Cast, policy: Policy, scope: Scope) -> list[Case]:
    word = row["name"][1]
    kept = {key: value for key, value in defaults.items() if not (key in ALIKE and ALIKE & set(row))}
    whole = {**kept, **row}
    if "service" not in whole:
        scope.problems.add(word.place, "a row has no `service`", hint="say what is asked for")
        return []
    expected = _expectation(word, row, whole, policy, scope)
    name = word.text if isinstance(word, Scalar) else ""
    scenes = islice(read_scenes(whole, cast, scope), MAX_CASES + 1)
    return [Case(name, word.place, each.about, each.facts, expected) for each in scenes if expected is not None]


def _expectation(name: Node, row: Found, whole: Found, policy: Policy, scope: Scope) -> Expectation | None:
    if "expect" not in row:
        choices = " or ".join(f"`expect: {outcome}`" for outcome in Outcome)
        scope.problems.add(name.place, "`expect` is missing", hint=f"add {choices}")
        return None
    words = chosen(row["expect"][1], Outcome, "`expect`", scope.problems)
    if len(words) != 1:
        return None
    require = read_requirement(row["require"][1], scope) if "require" in row else None
    return Expectation(Outcome(words[0].text), _rule(row, policy, scope), _limits(row, whole, scope), require)


def _rule(row: Found, policy: Policy, scope: Scope) -> str | None:
    word = scalar(row["rule"][1], "`rule`", scope.problems) if "rule" in row else None
    names = [rule.name for rule in policy.rules]
    if word is None or word.text in names:
        return word.text if word else None
    if word.text != NONE:
        scope.problems.unknown(word, "`rule`: no rule is called", [*names, NONE])
    return ""


def _limits(row: Found, whole: Mapping[str, tuple[Scalar, Node]], scope: Scope) -> Limits | None:
    if "limits" not in row:
        return None
    node = row["limits"][1]
    if isinstance(node, Scalar) and node.text == NONE:
        return Limits()
    services: frozenset[Value] = frozenset(read_services(whole, scope))
    return read_limits(node, (Condition("service", node.place, wanted=services),), scope)
