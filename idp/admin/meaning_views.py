"""What a policy means as plain JSON values: rows of a diff, proofs and their examples, with words in every language.

``words`` are whole lines for people, by language. An example's facts are made up, as nobody in the store need meet
them: they have no names, and ages in seconds in place of moments.
"""

from dataclasses import asdict
from typing import Any

from kernel.reasons import LANGUAGES
from policies.facts import Facts
from policies.meaning import wording
from policies.meaning.answers import DeadRule, Difference, Kind, Proof, Row
from policies.meaning.cases import Cube
from policies.model import Decision

Json = dict[str, Any]


def difference(one: Difference) -> Json:
    """Return a diff. ``same``: it is certain that nothing changes; ``decided``: whether each kind of change occurs is
    settled; ``more``: kinds with more rows than these."""
    return {
        "same": one.same,
        "decided": not one.undecided,
        "rows": [row(each) for each in one.rows],
        "more": [kind(each) for each in one.more],
        "undecided": [kind(each) for each in one.undecided],
        "faults": list(one.faults),
    }


def row(one: Row) -> Json:
    """Return one change with its example, and what both policies decide about that."""
    return {
        "kind": kind(one.kind),
        "scope": one.scope.name.lower(),
        "likely": one.likely,
        "words": wording.row(one),
        "clauses": clauses(one.cube),
        "example": facts(one.facts),
        "before": decision(one.before),
        "after": decision(one.after),
    }


def proof(one: Proof) -> Json:
    """Return what became of an invariant; a broken one has an example that comes to the outcome it forbids."""
    return {
        "name": one.name,
        "line": one.place.line,
        "verdict": one.verdict.name.lower(),
        "likely": one.likely,
        "words": wording.proof(one),
        "clauses": clauses(one.cube),
        "example": facts(one.facts) if one.facts else None,
        "decision": decision(one.decision) if one.decision else None,
        "fault": one.fault,
    }


def dead(one: DeadRule) -> Json:
    """Return a rule that decides nothing."""
    return {"name": one.name, "line": one.place.line, "why": one.why.name.lower(), "words": wording.dead(one)}


def kind(one: Kind) -> str:
    """Return the name of a kind of change: ``opened``, ``closed``, ``limited`` ..."""
    return one.name.lower()


def clauses(cube: Cube) -> list[Json]:
    """Return the conditions of a row, each in words."""
    return [{"key": each.key, "names": list(each.names), "words": wording.clause(each)} for each in cube]


def decision(one: Decision) -> Json:
    """Return what was decided about an example, with all its limits."""
    return {
        "outcome": one.outcome.value,
        "rule": one.rule,
        "require": one.require
        and {"factors": [each.value for each in one.require.factors], "within": one.require.within},
        "limits": asdict(one.limits),
        "limited": wording.limits(one.limits),
        "reports": list(one.reports),
        "words": {language: one.words(language) for language in LANGUAGES},
    }


def facts(one: Facts) -> Json:
    """Return the facts of an example; ``at`` is a moment, everything else that has a time an age."""
    user, device = one.user, one.device
    return {
        "service": one.service,
        "at": one.now,
        "address": one.address,
        "user": user
        and {
            "name": user.name,
            "email": user.email,
            "groups": sorted(user.groups),
            "attributes": dict(user.attributes),
        },
        "device": device
        and {
            "trust": device.trust.value,
            "platform": device.platform,
            "owner": "" if not device.owner else "self" if user and device.owner == user.id else "other",
            "signals": {
                name: {"value": signal.value, "age": one.now - signal.at} for name, signal in device.signals.items()
            },
        },
        "proof": one.proof.value,
        "factors": {factor.value: one.now - at for factor, at in one.factors.items()},
        "signin_age": None if one.signin_at is None else one.now - one.signin_at,
        **{name: getattr(one, name) for name in ("country", "asn", "anonymous")},
        **{name: getattr(one, name) for name in ("new_device", "new_country", "impossible_travel")},
    }
