"""Warnings: what a document says that its author can hardly have meant. Reads the rules; decides nothing."""

from kernel.reasons import LANGUAGES
from policies.analyse.shadows import covers_value, shadowed
from policies.conditions import Scope
from policies.document import Problems
from policies.model import Condition, Outcome, Policy, Rule
from policies.observe import ALWAYS_KNOWN
from policies.vocabulary import MAIL_PROGRAMS

NARROWING = ("who.", "device.", "network.", "signin.")


def warnings_of(policy: Policy, scope: Scope, warnings: Problems) -> None:
    """Note every warning about a document without problems."""
    _unused(scope, warnings)
    dead = {bit for bit, rule in enumerate(policy.rules) if _impossible(rule, warnings)}
    live = [rule for bit, rule in enumerate(policy.rules) if bit not in dead]
    for rule in live:
        _open_to_all(rule, warnings)
        _out_of_reach(rule, warnings)
        _half_spoken(rule, warnings)
    for rule, cover in shadowed(live):
        what = f"rule `{rule.name}` is never reached: `{cover.name}` on line {cover.place.line} matches all it matches"
        warnings.add(rule.place, what, rule.name, "put it before that rule, or remove it")


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
    return all(covers_value(refusing.wanted, value, wanting.key) for value in wanting.wanted)


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


def _out_of_reach(rule: Rule, warnings: Problems) -> None:
    """Note a factor asked of mail programs: app passwords and certificates stand on no sign-in that could have shown
    one."""
    wanted = {one.key: one.wanted for one in rule.conditions if not one.negated}
    mail = sorted(str(service) for service in wanted.get("service", ()) if service in MAIL_PROGRAMS)
    if rule.require is None or not mail or wanted.get("device.proof") == frozenset({"token"}):
        return
    what = f"rule `{rule.name}` asks mail programs for a factor: on {', '.join(mail)} an app password never meets it"
    warnings.add(rule.place, what, rule.name, "give mail programs a rule of their own, without `require`")


def _half_spoken(rule: Rule, warnings: Problems) -> None:
    lacking = [language for language in LANGUAGES if rule.say and language not in rule.say]
    if lacking:
        what = f"rule `{rule.name}` says nothing in {', '.join(f'`{language}`' for language in lacking)}"
        warnings.add(rule.place, what, rule.name, "people who read that language see the other one")
