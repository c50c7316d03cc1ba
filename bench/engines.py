"""Policy engines of others on the same policy: Cedar (``cedarpy``) and CEL (``common-expression-language``, in Rust).

The policy is ``organisation.only_allowing``, written in each language as its manual advises. Whatever can be made
beforehand is: policies are parsed, people known as entities, requests put together. Cedar takes addresses as they are;
CEL knows none and compares integers, which is the cheapest that it has.
"""

import importlib
import json
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from bench.organisation import network_of, only_allowing
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Outcome

Ask = Callable[[int], bool]
"""Decides on one of the facts that the engine was made for: may they come in?"""

SERVICES, PROOFS, FALLEN = '["webmail", "imap"]', '["certificate", "browser-key"]', '["lost", "revoked"]'


def ours(count: int, facts: Sequence[Facts]) -> Ask:
    """Return our own engine with ``count`` rules."""
    policy = load(only_allowing(count))
    return lambda number: decide(policy, facts[number]).outcome is Outcome.ALLOW


def cedar(count: int, facts: Sequence[Facts]) -> Ask | None:
    """Return Cedar with the same rules; None when it is not installed."""
    engine = _module("cedarpy")
    if engine is None:
        return None
    policies = engine.PolicySet.from_str("\n".join(_cedar_policies(count)))
    entities = engine.Entities.from_json_str(json.dumps(_cedar_people(facts)))
    requests = [_cedar_request(one) for one in facts]
    return lambda number: bool(engine.is_authorized(requests[number], policies, entities).allowed)


def cel(count: int, facts: Sequence[Facts]) -> Ask | None:
    """Return CEL with the same rules, one program each, asked in their order; None when it is not installed."""
    engine = _module("cel")
    if engine is None:
        return None
    barred = engine.compile(f"trust in {FALLEN}")
    programs = [engine.compile(_cel_rule(network_of(rule, count))) for rule in range(1, count)]
    contexts = [engine.Context(variables=_cel_facts(one)) for one in facts]

    def ask(number: int) -> bool:
        context = contexts[number]
        return not barred.execute(context) and any(program.execute(context) for program in programs)

    return ask


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _network(number: int) -> tuple[str, str]:
    return f"10.{number // 250}.{number % 250}.0/24", f"2001:db8:{number:x}::/48"


def _cedar_policies(count: int) -> list[str]:
    found = [f"forbid (principal, action, resource) when {{ {FALLEN}.contains(context.trust) }};"]
    for rule in range(1, count):
        inside = " || ".join(f'context.address.isInRange(ip("{place}"))' for place in _network(network_of(rule, count)))
        found.append(
            'permit (principal in Group::"staff", action == Action::"use", resource) when { '
            f'{SERVICES}.contains(context.service) && context.trust == "managed" && '
            f"{PROOFS}.contains(context.proof) && ({inside}) }};"
        )
    return found


def _cedar_people(facts: Sequence[Facts]) -> list[dict[str, Any]]:
    groups = sorted({group for one in facts if one.user for group in one.user.groups})
    people = [
        {"uid": _uid("User", one.user.id), "attrs": {}, "parents": [_uid("Group", each) for each in one.user.groups]}
        for one in facts
        if one.user
    ]
    return [*({"uid": _uid("Group", each), "attrs": {}, "parents": []} for each in groups), *people]


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def _cedar_request(one: Facts) -> dict[str, Any]:
    context = {**_plain(one), "address": {"__extn": {"fn": "ip", "arg": one.address}}}
    who = one.user.id if one.user else ""
    return {"principal": _uid("User", who), "action": _uid("Action", "use"), "resource": _uid("Service", "mail")} | {
        "context": context
    }


def _cel_rule(network: int) -> str:
    # Its integers have 64 bits: an IPv6 address does not fit, and is only told apart.
    place = ip_network(_network(network)[0])
    low, high = int(place.network_address), int(place.broadcast_address)
    return (
        f'"staff" in groups && service in {SERVICES} && trust == "managed" && proof in {PROOFS} && '
        f"version == 4 && address >= {low} && address <= {high}"
    )


def _cel_facts(one: Facts) -> dict[str, Any]:
    address = ip_address(one.address)
    groups = sorted(one.user.groups) if one.user else []
    return {**_plain(one), "groups": groups, "version": address.version, "address": int(address)}


def _plain(one: Facts) -> dict[str, str]:
    trust = one.device.trust.value if one.device else ""
    return {"service": one.service, "trust": trust, "proof": one.proof.value}
