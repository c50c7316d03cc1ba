"""Warnings: what a document says that its author can hardly have meant. Reads the rules; decides nothing."""

from collections.abc import Iterable, Iterator, Mapping

from kernel.reasons import LANGUAGES
from policies.addresses import RangeIndex
from policies.analyse.mail_programs import unanswerable
from policies.analyse.shadows import covers_value, shadowed
from policies.conditions import Scope
from policies.document import Problems
from policies.model import Condition, Network, Never, Outcome, Policy, Range, Rule
from policies.moments import SigninAge
from policies.observe import ALWAYS_KNOWN

Networks = Mapping[str, Network]

NARROWING = ("who.", "device.", "network.", "signin.")
WANTED_ALONE = 1
"""In an index of wanted and refused ranges: the set of an address that is wanted and not refused."""
MOST_RANGES = 64
"""How many ranges of one rule are compared by what they hold; beyond, by the names of their networks."""


def warnings_of(policy: Policy, scope: Scope, warnings: Problems) -> None:
    """Note every warning about a document without problems."""
    _unused(scope, warnings)
    dead = {bit for bit, rule in enumerate(policy.rules) if _impossible(rule, policy.networks, warnings)}
    live = [rule for bit, rule in enumerate(policy.rules) if bit not in dead]
    for rule in live:
        _open_to_all(rule, warnings)
        unanswerable(rule, warnings)
        _half_spoken(rule, warnings)
    for rule, cover in shadowed(live):
        what = f"rule `{rule.name}` is never reached: `{cover.name}` on line {cover.place.line} matches all it matches"
        warnings.add(rule.place, what, rule.name, "put it before that rule, or remove it")
    for never in policy.nevers:
        _idle(never, policy.networks, warnings)


def _unused(scope: Scope, warnings: Problems) -> None:
    for kind, defined in (("network", scope.networks), ("posture", scope.postures)):
        for name, thing in defined.items():
            if f"{kind}s.{name}" not in scope.used:
                warnings.add(thing.place, f"{kind} `{name}` is never used", name, "remove it, or use it in a rule")


def _impossible(rule: Rule, networks: Networks, warnings: Problems) -> bool:
    """Note a rule whose conditions contradict each other; return whether it did."""
    for wanting, refusing in _contradictions(rule.conditions, networks):
        if wanting.key not in ALWAYS_KNOWN and rule.outcome is Outcome.DENY:
            continue  # an unknown fact makes a deny match all the same
        what = f"rule `{rule.name}` can never match: `{wanting.spelling}` excludes `{refusing.spelling}`"
        warnings.add(wanting.place, what, rule.name, "remove one of the two")
        return True
    if rule.outcome is Outcome.ALLOW and _no_device(rule):
        what = f"rule `{rule.name}` can never match: without a device, nothing about the device is known"
        warnings.add(rule.place, what, rule.name, "remove `unknown` from `trust`, or the other conditions")
        return True
    return False


def _idle(never: Never, networks: Networks, warnings: Problems) -> None:
    for wanting, refusing in _contradictions(never.conditions, networks):
        what = f"invariant `{never.name}` forbids nothing: `{wanting.spelling}` excludes `{refusing.spelling}`"
        warnings.add(wanting.place, what, never.name, "remove one of the two")
        return


def _contradictions(conditions: Iterable[Condition], networks: Networks) -> Iterator[tuple[Condition, Condition]]:
    """Yield each condition that is wanted together with the ``not_`` twin that excludes it."""
    by_key: dict[str, list[Condition]] = {}
    for condition in conditions:
        by_key.setdefault(condition.key, []).append(condition)
    for pair in by_key.values():
        wanting = [one for one in pair if not one.negated]
        refusing = [one for one in pair if one.negated]
        if wanting and refusing and _contradict(wanting[0], refusing[0], networks):
            yield wanting[0], refusing[0]


def _contradict(wanting: Condition, refusing: Condition, networks: Networks) -> bool:
    if isinstance(wanting.probe, SigninAge) and isinstance(refusing.probe, SigninAge):
        return wanting.probe.seconds <= refusing.probe.seconds
    if wanting.probe is not None:
        return wanting.probe == refusing.probe
    if wanting.key == "network.in":
        named = [networks[str(name)] for one in (wanting, refusing) for name in one.wanted]
        if sum(len(network.ranges) for network in named) <= MOST_RANGES:
            both = {"wanted": _ranges(wanting, networks), "refused": _ranges(refusing, networks)}
            return WANTED_ALONE not in RangeIndex(both).sets()
    return all(covers_value(refusing.wanted, value, wanting.key) for value in wanting.wanted)


def _ranges(condition: Condition, networks: Networks) -> list[Range]:
    return [each for name in condition.wanted for each in networks[str(name)].ranges]


def _no_device(rule: Rule) -> bool:
    unknown = any(
        one.key == "device.trust" and not one.negated and one.wanted == frozenset({"unknown"})
        for one in rule.conditions
    )
    return unknown and any(one.key in ("device.posture", "device.platform", "device.owner") for one in rule.conditions)


def _open_to_all(rule: Rule, warnings: Problems) -> None:
    if rule.outcome is not Outcome.ALLOW or rule.report:
        return
    if not any(condition.key.startswith(NARROWING) and not condition.implied for condition in rule.conditions):
        what = f"rule `{rule.name}` allows everyone, on any device, from anywhere"
        warnings.add(rule.place, what, rule.name, "say `who`, or which `device` or `network`")


def _half_spoken(rule: Rule, warnings: Problems) -> None:
    lacking = [language for language in LANGUAGES if rule.say and language not in rule.say]
    if lacking:
        what = f"rule `{rule.name}` says nothing in {', '.join(f'`{language}`' for language in lacking)}"
        warnings.add(rule.place, what, rule.name, "people who read that language see the other one")
