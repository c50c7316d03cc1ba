"""Whether facts lie in a cube: a plain reading of a clause, which shares nothing with how cubes are found.

What there is no user, device or address for is neither so nor otherwise, and so leaves the facts in.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from policies.facts import Facts
from policies.meaning.cases import Ages, Clause, Cube, Reported, Sort, Versions
from tests.policies import naive
from tests.policies.random_policies import NETWORKS, POSTURES

FACT = {"countries": "country"}


def inside(cube: Cube, facts: Facts) -> bool:
    """Return whether facts lie in the cube."""
    return all(any(_holds(clause, name, facts) for name in clause.names) for clause in cube)


def _holds(clause: Clause, name: str, facts: Facts) -> bool:
    section, _, leaf = clause.key.partition(".")
    if leaf and section == "who":
        return facts.user is None or _who(clause, name, facts)
    if clause.key in ("device.platform", "device.owner", "device.signals") and facts.device is None:
        return True
    if clause.key == "network.in":
        found = naive.inside(NETWORKS[name], facts.address)
        return found is None or _is(clause, found)
    return _is(clause, _seen(clause, name, facts))


def _who(clause: Clause, name: str, facts: Facts) -> bool:
    assert facts.user is not None
    if clause.key == "who.users":
        return _is(clause, name in (facts.user.name, facts.user.email))
    return _is(clause, name in facts.user.groups if clause.key == "who.groups" else facts.user.attributes.get(name))


def _seen(clause: Clause, name: str, facts: Facts) -> Any:
    match clause.key:
        case "service":
            return facts.service
        case "who" | "device":
            return (facts.user if clause.key == "who" else facts.device) is not None
        case "network":
            return naive.inside(["::/0", "0.0.0.0/0"], facts.address) is not None
        case "device.trust":
            return str(facts.device.trust) if facts.device else "unknown"
        case "device.proof":
            return str(facts.proof)
        case "device.posture":
            return naive.posture(POSTURES[name], facts)
        case "device.platform" | "device.owner":
            return _machine(clause.key, facts)
        case "device.signals":
            return _signal(name, facts)
        case "signin.factors":
            return _age({str(factor): at for factor, at in facts.factors.items()}.get(name), facts.now)
        case "signin.age":
            return _age(facts.signin_at, facts.now)
        case "when.days" | "when.between":
            return _when(name, facts.now)
        case _:
            leaf = clause.key.partition(".")[2]
            return getattr(facts, FACT.get(leaf, leaf))


def _machine(key: str, facts: Facts) -> Any:
    assert facts.device is not None
    if key == "device.platform":
        return facts.device.platform or None
    mine = facts.user is not None and facts.device.owner == facts.user.id
    return "shared" if not facts.device.owner else "self" if mine else "other"


def _age(at: float | None, now: float) -> Any:
    """Return an age as one that cases can be compared with; None when there is none."""
    return None if at is None else Ages(now - at, now - at)


def _signal(name: str, facts: Facts) -> Any:
    assert facts.device is not None
    if not name:
        return _age(max((one.at for one in facts.device.signals.values()), default=None), facts.now)
    found = facts.device.signals.get(name)
    if found is None or found.at > facts.now + naive.SKEW:
        return None
    value = (
        naive.numbers(found.value) if name == "os_version" else found.value if isinstance(found.value, bool) else None
    )
    return None if value is None else Reported(value, Ages(facts.now - found.at, facts.now - found.at))


def _when(name: str, now: float) -> bool:
    wanted, _, where = name.rpartition(" in ")
    clock = datetime.fromtimestamp(now, ZoneInfo(where))
    return naive.span(wanted, clock) if ":" in wanted else naive.DAYS[clock.weekday()] in wanted.split(", ")


def _is(clause: Clause, value: Any) -> bool:
    """Return whether a value is one of the cases that the clause admits."""
    several = (*clause.cases, *clause.others)
    matching = [case for case in several if case.sort is Sort.NAMED and _matches(case.value, value)]
    if not matching and value is not None and clause.key not in TIMED:
        client = str(value).startswith("client:")
        others = [case for case in several if case.sort is Sort.OTHER]
        matching = [
            case for case in others if clause.key != "service" or str(case.value).startswith("client:") is client
        ]
    if not matching:
        matching = [case for case in several if case.sort is Sort.UNKNOWN]
    (case,) = matching
    return case in clause.cases


TIMED = ("device.signals", "signin.factors", "signin.age")


def _matches(wanted: object, value: Any) -> bool:
    if isinstance(wanted, Ages):
        return isinstance(value, Ages) and _within(wanted, value.low)
    if isinstance(wanted, Reported):
        return (
            isinstance(value, Reported) and _within(wanted.ages, value.ages.low) and _reads(wanted.value, value.value)
        )
    return type(wanted) is type(value) and wanted == value


def _within(ages: Ages, age: float) -> bool:
    if ages.high <= 0:
        return age < -naive.SKEW
    return age < ages.high and (age >= ages.low if ages.low > 0 else age >= -naive.SKEW)


def _reads(wanted: object, value: Any) -> bool:
    if isinstance(wanted, Versions):
        return naive.numbers(".".join(map(str, wanted.low)) or "0") <= value and (
            wanted.high is None or value < naive.numbers(".".join(map(str, wanted.high)))
        )
    return wanted is value
