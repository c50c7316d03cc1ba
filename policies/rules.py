"""Reads rules and invariants: their conditions, what they decide, what they require, limit and say.

A rule says which devices it means (``device``); one that allows and says nothing about ``trust`` means any device but
one that is lost, revoked or expired (``policies.barred``).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from kernel.reasons import LANGUAGES
from kernel.records.sessions import Factor
from policies.barred import with_barred
from policies.conditions import CONDITION_KEYS, LEAVES, Scope, read_conditions, read_name
from policies.document import Broken, Items, Node, Scalar
from policies.mistakes import belonging
from policies.model import Condition, Limits, Never, Outcome, Requirement, Rule, Value
from policies.values import boolean, chosen, duration, fields, kind, line_of_text, rate, scalar, scalars, text_of
from policies.vocabulary import EVERYWHERE, FACTORS, LIMITS, enforced

MAX_RULES = 5000
FEWER = "let one rule name several groups, services or networks"
RULE_KEYS = ("name", *CONDITION_KEYS, "then", "mode", "require", "limits", "say")
NEVER_KEYS = ("name", *CONDITION_KEYS, "outcome")

_HINTS = belonging({section: tuple(leaves) for section, leaves in LEAVES.items()})

Found = Mapping[str, tuple[Scalar, Node]]


def read_rules(node: Node, scope: Scope) -> tuple[Rule, ...]:
    """Return the rules in their order; every fault is noted, and a rule without a usable outcome left out."""
    rules = []
    for item, name, entries in _named(node, "rules", RULE_KEYS, scope):
        conditions = read_conditions(entries, scope)
        then = _outcome(item, entries, "then", (Outcome.ALLOW, Outcome.DENY), scope)
        report = "mode" in entries and bool(chosen(entries["mode"][1], ("report",), "`mode`", scope.problems))
        outcome = then or Outcome.DENY
        rule = Rule(name, item.place, with_barred(conditions, outcome, item.place), outcome, report)
        if then is Outcome.DENY:
            _refuse_on_deny(entries, scope)
        elif "require" in entries or "limits" in entries:
            require = read_requirement(entries["require"][1], scope) if "require" in entries else None
            limits = read_limits(entries["limits"][1], conditions, scope) if "limits" in entries else Limits()
            rule = replace(rule, require=require, limits=limits)
        rules.append(replace(rule, say=_say(entries["say"][1], scope)) if "say" in entries else rule)
    return tuple(rules)


def read_nevers(node: Node, scope: Scope) -> tuple[Never, ...]:
    """Return the invariants; they are kept for the prover, which decides nothing by itself."""
    nevers = []
    for item, name, entries in _named(node, "never", NEVER_KEYS, scope):
        conditions = read_conditions(entries, scope)
        outcome = _outcome(item, entries, "outcome", tuple(Outcome), scope)
        nevers.append(Never(name, item.place, conditions, outcome or Outcome.ALLOW))
    return tuple(nevers)


def _named(node: Node, what: str, keys: tuple[str, ...], scope: Scope) -> Iterator[tuple[Node, str, Found]]:
    """Yield each entry of a list of named mappings, its name and its keys; names must be there and differ."""
    if not isinstance(node, Items):
        if not isinstance(node, Broken):
            scope.problems.add(
                node.place, f"`{what}` must be a list, not a {kind(node)}", hint="begin each with `- name:`"
            )
        return
    if len(node.items) > MAX_RULES:
        scope.problems.add(node.items[MAX_RULES].place, f"`{what}` has more than {MAX_RULES} entries", hint=FEWER)
    lines: dict[str, int] = {}
    one = "a rule" if what == "rules" else "an invariant"
    for item in node.items[:MAX_RULES]:
        entries = fields(item, keys, one, scope.problems, _HINTS)
        if not entries:
            continue
        name = _name(item, one, entries, lines, scope)
        yield item, name, entries


def _name(item: Node, one: str, entries: Found, lines: dict[str, int], scope: Scope) -> str:
    if "name" not in entries:
        scope.problems.add(
            item.place, f"{one} has no `name`", hint="name it by what it is for; refusals and logs show it"
        )
        return ""
    node = entries["name"][1]
    name = read_name(node, "`name`", scope.problems) or ""
    if name and name in lines:
        hint = f"the first is on line {lines[name]}"
        scope.problems.add(node.place, f"{one} of this name is there already: `{name}`", name, hint)
    lines.setdefault(name, node.place.line)
    return name


def _outcome(item: Node, entries: Found, key: str, allowed: tuple[Outcome, ...], scope: Scope) -> Outcome | None:
    if key not in entries:
        choices = " or ".join(f"`{key}: {outcome}`" for outcome in allowed)
        scope.problems.add(item.place, f"`{key}` is missing", hint=f"add {choices}")
        return None
    node = entries[key][1]
    words = chosen(node, allowed, f"`{key}`", scope.problems)
    if len(words) > 1:
        scope.problems.add(node.place, f"`{key}` must be a single value, not a list", hint="write one value alone")
    return Outcome(words[0].text) if words else None


def _refuse_on_deny(entries: Found, scope: Scope) -> None:
    for key in ("require", "limits"):
        if key in entries:
            place = entries[key][0].place
            scope.problems.add(place, f"`{key}` has no meaning where the rule denies", key, "remove it, or allow")


def read_requirement(node: Node, scope: Scope) -> Requirement | None:
    """Return what a ``require`` asks for; None after noting what is wrong."""
    entries = fields(node, ("factors", "within"), "`require`", scope.problems)
    within = duration(entries["within"][1], "`within`", scope.problems) if "within" in entries else None
    if "factors" not in entries:
        if entries:
            scope.problems.add(
                node.place, "`require` does not say which factors", hint="add `factors: [totp, passkey]`"
            )
        return None
    words = chosen(entries["factors"][1], FACTORS, "`factors`", scope.problems)
    return Requirement(tuple(Factor(word.text) for word in words), within) if words else None


def read_limits(node: Node, conditions: tuple[Condition, ...], scope: Scope) -> Limits:
    """Return the limits of a rule with these ``conditions``; one that a service of theirs cannot enforce is noted."""
    entries = fields(node, LIMITS, "`limits`", scope.problems)
    services = sorted(str(value) for one in conditions if one.key == "service" for value in one.wanted - _spared(one))
    values = {}
    for key, (word, value) in entries.items():
        field, read = _LIMITS[key]
        values[field] = read(value, scope)
        lacking = [service for service in services if key not in enforced(service)]
        if not services and key not in EVERYWHERE:
            what = f"`{key}` needs a rule that names its services, since not every one can enforce it"
            scope.problems.add(word.place, what, key, "add `service`")
        elif lacking:
            what = f"`{key}` cannot be enforced for {', '.join(f'`{service}`' for service in lacking)}"
            can = frozenset.intersection(*(enforced(service) for service in lacking))
            scope.problems.add(word.place, what, key, f"what can be limited there: {', '.join(sorted(can))}")
    return Limits(**{field: value for field, value in values.items() if value is not None})  # type: ignore[arg-type]


def _spared(condition: Condition) -> frozenset[Value]:
    """Return the services that a condition names without meaning them."""
    return condition.wanted if condition.negated else frozenset()


def _flag(node: Node, scope: Scope) -> bool | None:
    return boolean(node, "`read_only`", scope.problems)


def _single(word: str, what: str) -> Callable[[Node, Scope], bool | None]:
    return lambda node, scope: bool(chosen(node, (word,), what, scope.problems)) or None


def _folders(node: Node, scope: Scope) -> tuple[str, ...]:
    return tuple(word.text for word in scalars(node, "`folders`", scope.problems))


_LIMITS: Mapping[str, tuple[str, Callable[[Node, Scope], object]]] = {
    "read_only": ("read_only", _flag),
    "attachments": ("attachments_block", _single("block", "`attachments`")),
    "download": ("download", lambda node, scope: rate(node, "`download`", scope.problems)),
    "folders": ("folders", _folders),
    "recipients": ("recipients_internal", _single("internal", "`recipients`")),
    "session": ("session", lambda node, scope: duration(node, "`session`", scope.problems)),
    "idle": ("idle", lambda node, scope: duration(node, "`idle`", scope.problems)),
}


def _say(node: Node, scope: Scope) -> Mapping[str, str]:
    said = {}
    for key, (_, value) in fields(node, LANGUAGES, "`say`", scope.problems).items():
        text = line_of_text(value, f"`say.{key}`", scope.problems)
        if text is not None:
            said[key] = text
    return said


def read_version(node: Node, scope: Scope) -> None:
    """Note a version of the language that is not this one."""
    word = scalar(node, "`version`", scope.problems)
    if word is not None and word.text != "1":
        hint = "write `version: 1`"
        scope.problems.add(word.place, f"version `{word.text}` of the language is not known here", text_of(word), hint)
