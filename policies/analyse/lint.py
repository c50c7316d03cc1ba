"""Warnings: what a document says that its author can hardly have meant. Reads the rules; decides nothing.

A rule is shadowed when an earlier one matches whatever it matches, as far as that shows by comparing them key by key.
"""

from collections.abc import Sequence

from policies.conditions import Scope
from policies.document import Problems
from policies.model import Condition, Outcome, Policy, Probe, Rule, Value
from policies.moments import SigninAge
from policies.observe import ALWAYS_KNOWN, SINGLE, names_of_service
from policies.vocabulary import ANY_CLIENT, CLIENT

ONE_VALUE = frozenset({"service", *SINGLE})
"""Keys of which exactly one value is seen, so that wanting others excludes it."""

NARROWING = ("who.", "device.", "network.", "signin.")


def warnings_of(policy: Policy, scope: Scope, warnings: Problems) -> None:
    """Note every warning about a document without problems."""
    _unused(scope, warnings)
    dead = {bit for bit, rule in enumerate(policy.rules) if _impossible(rule, warnings)}
    live = [rule for bit, rule in enumerate(policy.rules) if bit not in dead]
    for rule in live:
        _open_to_all(rule, warnings)
    _shadowed(live, warnings)


def _unused(scope: Scope, warnings: Problems) -> None:
    for kind, defined in (("network", scope.networks), ("posture", scope.postures)):
        for name, thing in defined.items():
            if f"{kind}s.{name}" not in scope.used:
                warnings.add(thing.place, f"{kind} `{name}` is never used", name, "remove it, or use it in a rule")


def _impossible(rule: Rule, warnings: Problems) -> bool:
    """Note a rule whose conditions contradict each other; return whether it did."""
    by_key: dict[str, list[Condition]] = {}
    for condition in rule.conditions:
        by_key.setdefault(condition.key, []).append(condition)
    for key, pair in by_key.items():
        wanting = [one for one in pair if not one.negated]
        refusing = [one for one in pair if one.negated]
        if wanting and refusing and _contradict(wanting[0], refusing[0]):
            if key not in ALWAYS_KNOWN and rule.outcome is Outcome.DENY:
                continue  # an unknown fact makes a deny match all the same
            what = f"rule `{rule.name}` can never match: `{wanting[0].spelling}` excludes `{refusing[0].spelling}`"
            warnings.add(wanting[0].place, what, rule.name, "remove one of the two")
            return True
    if rule.outcome is Outcome.ALLOW and _no_device(rule):
        what = f"rule `{rule.name}` can never match: without a device, nothing about the device is known"
        warnings.add(rule.place, what, rule.name, "remove `unknown` from `trust`, or the other conditions")
        return True
    return False


def _contradict(wanting: Condition, refusing: Condition) -> bool:
    if wanting.probe is not None:
        return wanting.probe == refusing.probe
    return all(_covers_value(refusing.wanted, value, wanting.key) for value in wanting.wanted)


def _no_device(rule: Rule) -> bool:
    unknown = any(
        one.key == "device.trust" and not one.negated and one.wanted == frozenset({"unknown"})
        for one in rule.conditions
    )
    return unknown and any(one.key in ("device.posture", "device.platform", "device.owner") for one in rule.conditions)


def _open_to_all(rule: Rule, warnings: Problems) -> None:
    if rule.outcome is not Outcome.ALLOW or rule.report:
        return
    if not any(condition.key.startswith(NARROWING) for condition in rule.conditions):
        what = f"rule `{rule.name}` allows everyone, on any device, from anywhere"
        warnings.add(rule.place, what, rule.name, "say `who`, or which `device` or `network`")


def _shadowed(rules: Sequence[Rule], warnings: Problems) -> None:
    earlier: list[tuple[frozenset[str], Rule]] = []
    for rule in rules:
        keys = frozenset(condition.key for condition in rule.conditions)
        cover = next((one for names, one in earlier if names <= keys and _covers(one, rule)), None)
        if cover is not None:
            what = (
                f"rule `{rule.name}` is never reached: `{cover.name}` on line {cover.place.line} matches all it matches"
            )
            warnings.add(rule.place, what, rule.name, "put it before that rule, or remove it")
        elif not rule.report:
            earlier.append((keys, rule))


def _covers(earlier: Rule, later: Rule) -> bool:
    """Return whether ``earlier`` matches whenever ``later`` does, unknown facts included."""
    # A deny matches on the unknown, an allow does not: only what is always known can cover it.
    open_ended = earlier.outcome is Outcome.ALLOW and later.outcome is Outcome.DENY
    if open_ended and any(condition.key not in ALWAYS_KNOWN for condition in earlier.conditions):
        return False
    return all(any(_implies(mine, theirs) for mine in later.conditions) for theirs in earlier.conditions)


def _implies(narrow: Condition, wide: Condition) -> bool:
    """Return whether ``wide`` holds whenever ``narrow`` does."""
    if narrow.key != wide.key:
        return False
    if narrow.probe is not None and wide.probe is not None:
        return narrow.negated == wide.negated and _probe_implies(narrow.probe, wide.probe, narrow.negated)
    if not narrow.negated and not wide.negated:
        return all(_covers_value(wide.wanted, value, narrow.key) for value in narrow.wanted)
    if narrow.negated and wide.negated:
        return all(_covers_value(narrow.wanted, value, narrow.key) for value in wide.wanted)
    if narrow.key not in ONE_VALUE or narrow.negated:
        return False
    return not any(_overlap(value, other) for value in narrow.wanted for other in wide.wanted)


def _probe_implies(narrow: Probe, wide: Probe, negated: bool) -> bool:
    if isinstance(narrow, SigninAge) and isinstance(wide, SigninAge):
        return narrow.seconds >= wide.seconds if negated else narrow.seconds <= wide.seconds
    return narrow == wide


def _covers_value(wanted: frozenset[Value], value: Value, key: str) -> bool:
    if key == "service":
        return any(name in wanted for name in names_of_service(str(value)))
    return value in wanted


def _overlap(value: Value, other: Value) -> bool:
    if value == other:
        return True
    pair = (str(value), str(other))
    return ANY_CLIENT in pair and all(name.startswith(CLIENT) for name in pair)
