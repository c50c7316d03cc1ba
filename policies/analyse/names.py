"""Compares the names in a policy with what exists: users, groups, services of this installation."""

from collections.abc import Iterator, Sequence

from kernel.problems import did_you_mean
from policies.document import Problems
from policies.model import Condition, Known, Policy, Value
from policies.vocabulary import ANY_CLIENT, SERVICES


def strangers(policy: Policy, known: Known, problems: Problems, warnings: Problems) -> None:
    """Note services that do not exist as problems; users and groups that do not, and empty groups, as warnings.

    A kind of name of which nothing at all is known is not judged.
    """
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
                warnings.add(condition.place, what, str(value), "nobody meets this condition until it has")


def _values(policy: Policy) -> Iterator[tuple[Condition, Value]]:
    conditions = [one for rule in policy.rules for one in rule.conditions]
    for condition in [*conditions, *(one for never in policy.nevers for one in never.conditions)]:
        for value in sorted(condition.wanted, key=str):
            yield condition, value


def _missing(condition: Condition, value: Value, kind: str, known: Sequence[str], into: Problems) -> None:
    if known and value not in known:
        word = str(value)
        into.add(condition.place, f"there is no {kind} `{word}`", word, did_you_mean(word, known))
