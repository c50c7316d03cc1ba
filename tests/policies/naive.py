"""A second reading of the policy language, as plain as can be: it walks a document held as Python values, rule by rule.

Shares no code with the product beyond the nouns of facts. True, False and None stand for held, not held and unknown.
"""

from collections.abc import Iterable
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any
from zoneinfo import ZoneInfo

from policies.facts import Facts

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
AGES = {"antivirus": "7d", "reboot_pending": "7d", "compliant": "7d"}
SKEW = 300

Answer = tuple[str, str, tuple[str, ...]]


def decide(document: dict[str, Any], facts: Facts) -> Answer:
    """Return outcome, rule and report rules of the first match."""
    reports: list[str] = []
    for rule in document["rules"]:
        truth = rule_truth(document, rule, facts)
        if truth is False or (rule["then"] == "allow" and (truth is None or barred(rule, facts))):
            continue
        if rule.get("mode") == "report":
            reports.append(rule["name"])
            continue
        if rule["then"] == "allow" and not meets(rule.get("require"), facts):
            return "step_up", rule["name"], tuple(reports)
        return rule["then"], rule["name"], tuple(reports)
    return "deny", "", tuple(reports)


def rule_truth(document: dict[str, Any], rule: dict[str, Any], facts: Facts) -> bool | None:
    """Return whether every condition of a rule holds."""
    truths = []
    for key, value in rule.items():
        if key in ("service", "not_service"):
            truths.append(turned(key, anything(value, services(facts.service))))
        elif key in ("who", "device", "network", "when", "signin"):
            zone = value.get("zone")
            for leaf, wanted in value.items():
                if leaf != "zone":
                    held = leaf_truth(document, f"{key}.{leaf.removeprefix('not_')}", wanted, zone, facts)
                    truths.append(turned(leaf, held))
    return both(truths)


def barred(rule: dict[str, Any], facts: Facts) -> bool:
    """Return whether the device is out of use, and the rule does not say that it means such devices."""
    state = "unknown" if facts.device is None else str(facts.device.trust)
    return state in ("lost", "revoked", "expired") and state not in listed(rule.get("device", {}).get("trust", []))


def leaf_truth(document: dict[str, Any], key: str, wanted: Any, zone: str | None, facts: Facts) -> bool | None:
    """Return whether one condition holds, without its ``not_``."""
    section, leaf = key.split(".")
    if section == "who":
        return who(leaf, wanted, facts)
    if section == "device":
        return device(document, leaf, wanted, facts)
    if leaf == "in":
        return either(inside(document["networks"][name], facts.address) for name in listed(wanted))
    if leaf == "days":
        return anything(wanted, [DAYS[local(facts.now, zone).weekday()]])
    if leaf == "between":
        return span(wanted, local(facts.now, zone))
    if leaf == "factors":
        return anything(wanted, [str(factor) for factor in facts.factors])
    if leaf == "age":
        return young(facts.signin_at, wanted, facts.now)
    value = getattr(facts, "country" if leaf == "countries" else leaf)
    return None if value is None else value in listed(wanted)


def who(leaf: str, wanted: Any, facts: Facts) -> bool | None:
    user = facts.user
    if user is None:
        return None
    if leaf == "attributes":
        return both(attribute(user.attributes, name, values) for name, values in wanted.items())
    return anything(wanted, [user.name, user.email] if leaf == "users" else user.groups)


def device(document: dict[str, Any], leaf: str, wanted: Any, facts: Facts) -> bool | None:
    found = facts.device
    if leaf == "trust":
        return anything(wanted, ["unknown" if found is None else str(found.trust)])
    if leaf == "proof":
        return anything(wanted, [str(facts.proof)])
    if leaf == "owner":
        return owner(wanted, facts)
    if leaf == "posture":
        return either(posture(document["postures"][name], facts) for name in listed(wanted))
    return None if found is None or not found.platform else anything(wanted, [found.platform])


def attribute(attributes: dict[str, str], name: str, wanted: Any) -> bool | None:
    return None if name not in attributes else attributes[name] in listed(wanted)


def owner(wanted: Any, facts: Facts) -> bool | None:
    if facts.device is None:
        return None
    if facts.device.owner == "":
        return anything(wanted, ["shared"])
    if facts.user is None:
        return None
    return anything(wanted, ["self" if facts.user.id == facts.device.owner else "other"])


def posture(wanted: dict[str, Any], facts: Facts) -> bool | None:
    if facts.device is None:
        return None
    limit = wanted.get("reported_within")
    truths: list[bool | None] = []
    for key, value in wanted.items():
        if key == "os":
            truths.append(system(value, limit, facts))
        elif key != "reported_within":
            reported = signal(facts, key, limit)
            truths.append(reported is value if isinstance(reported, bool) else None)
    if truths:
        return both(truths)
    stamps = [young(one.at, limit, facts.now) for one in facts.device.signals.values()]
    newest = max((one.at for one in facts.device.signals.values()), default=None)
    return True if stamps and young(newest, limit, facts.now) else None


def system(lowest: dict[str, str], limit: str | None, facts: Facts) -> bool | None:
    assert facts.device is not None
    if not facts.device.platform:
        return None
    if facts.device.platform not in lowest:
        return False
    found = numbers(signal(facts, "os_version", limit))
    wanted = numbers(lowest[facts.device.platform].removeprefix(">="))
    return None if found is None or wanted is None else found >= wanted


def numbers(text: Any) -> list[int] | None:
    parts = str(text).split(".")
    if not all(part.isdigit() for part in parts):
        return None
    return ([int(part) for part in parts] + [0] * 5)[:5]


def signal(facts: Facts, name: str, limit: str | None) -> Any:
    assert facts.device is not None
    found = facts.device.signals.get(name)
    if found is None or not young(found.at, limit or AGES.get(name, "30d"), facts.now):
        return None
    return found.value


def inside(ranges: Any, address: str) -> bool | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ip_network(one) for one in listed(ranges))


def meets(require: dict[str, Any] | None, facts: Facts) -> bool:
    if require is None:
        return True
    stamps = [at for factor, at in facts.factors.items() if str(factor) in listed(require["factors"])]
    if "within" not in require:
        return bool(stamps)
    return any(young(at, require["within"], facts.now) for at in stamps)


def young(at: float | None, limit: str | None, now: float) -> bool | None:
    if at is None or limit is None or at > now + SKEW:
        return None
    return now < at + int(limit[:-1]) * SECONDS[limit[-1]]


def span(wanted: str, clock: datetime) -> bool:
    start, end = wanted.split("-")
    now = f"{clock:%H:%M}"
    return start <= now < end if start < end else now >= start or now < end


def local(now: float, zone: str | None) -> datetime:
    assert zone is not None
    return datetime.fromtimestamp(now, ZoneInfo(zone))


def services(name: str) -> list[str]:
    return [name, "client:*"] if name.startswith("client:") else [name]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def anything(wanted: Any, seen: Iterable[Any]) -> bool:
    return any(value in listed(wanted) for value in seen)


def turned(key: str, truth: bool | None) -> bool | None:
    return truth if truth is None or not key.startswith("not_") else not truth


def both(truths: Iterable[bool | None]) -> bool | None:
    seen = list(truths)
    return False if False in seen else None if None in seen else True


def either(truths: Iterable[bool | None]) -> bool | None:
    seen = list(truths)
    return True if True in seen else None if None in seen else False
