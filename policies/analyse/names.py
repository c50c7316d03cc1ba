"""Compares the names in a policy with what exists: users, groups, services of this installation."""

from collections.abc import Iterator, Sequence

from kernel.problems import did_you_mean
from policies.document import Problems
from policies.model import Condition, Known, Policy, Value
from policies.observe import OF_PLACES
from policies.vocabulary import ANY_CLIENT, SERVICES

NAMED = {
    "country": "country of an address",
    "asn": "network number of an address",
    "anonymous": "anonymity of an address",
    "spot": "coordinates of an address",
}


def strangers(policy: Policy, known: Known, problems: Problems, warnings: Problems) -> None:
    """Note services that do not exist as problems; users and groups that do not, and empty groups, as warnings.

    A kind of name of which nothing at all is known is not judged.
    """
    _in_the_dark(policy, known, warnings)
    services = [*SERVICES, ANY_CLIENT, *sorted(known.services)] if known.services else []
    users, groups = sorted(known.users), sorted(known.groups)
    for condition, value in _values(policy):
        if condition.key == "service":
            _missing(condition, value, "service", services, problems)
        elif condition.key == "who.users":
            _missing(condition, value, "user", users, warnings)
        elif condition.key == "who.groups":
            _missing(condition, value, "group", groups, warnings)
            if known.groups.get(str(value)) == 0:
                what = f"group `{value}` has no members"
                warnings.add(condition.place_of(value), what, str(value), "nobody meets this condition until it has")


def _in_the_dark(policy: Policy, known: Known, warnings: Problems) -> None:
    """Note conditions on facts that nothing tells here: they are unknown of everybody."""
    if known.places is None:
        return
    hint = "name a database for it under [geography] in gatepost.toml"
    for condition in _conditions(policy):
        fact = OF_PLACES.get(condition.key)
        if fact is not None and fact not in known.places:
            what = f"`{condition.spelling}` is unknown of everybody here, since nothing tells the {NAMED[fact]}"
            warnings.add(condition.place, what, hint=hint)


def _values(policy: Policy) -> Iterator[tuple[Condition, Value]]:
    for condition in _conditions(policy):
        for value in sorted(condition.wanted, key=str):
            yield condition, value


def _conditions(policy: Policy) -> Iterator[Condition]:
    for rule in policy.rules:
        yield from rule.conditions
    for never in policy.nevers:
        yield from never.conditions


def _missing(condition: Condition, value: Value, kind: str, known: Sequence[str], into: Problems) -> None:
    if known and value not in known:
        word = str(value)
        into.add(condition.place_of(value), f"there is no {kind} `{word}`", word, did_you_mean(word, known))
