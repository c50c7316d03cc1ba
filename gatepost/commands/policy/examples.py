"""Facts that the prover made up, and what is decided about them, as lines for a terminal."""

from collections.abc import Mapping
from typing import Any

from gatepost.admin_client import Json
from gatepost.commands.showing import moment, plain, span

PLAIN = ("country", "asn", "anonymous", "new_device", "new_country", "impossible_travel")


def example(facts: Json) -> str:
    """Return an example's facts, as far as they say anything."""
    user, device = facts["user"], facts["device"]
    parts = [
        f"{facts['service']} at {moment(facts['at'])}",
        f"from {facts['address']}" if facts["address"] else "",
        _person(user) if user else "nobody known",
        _machine(device) if device else "no device",
        f"proof {facts['proof']}",
        *(f"{factor} shown {_ago(age)}" for factor, age in facts["factors"].items()),
        f"signed in {_ago(facts['signin_age'])}" if facts["signin_age"] is not None else "",
        *(_told(name, facts[name]) for name in PLAIN),
    ]
    return plain(", ".join(part for part in parts if part))


def decision(one: Mapping[str, Any]) -> str:
    """Return what was decided, and by which rule."""
    require = one["require"]
    needs = f" (one of {', '.join(require['factors'])})" if require else ""
    limits = f"; {one['limited']}" if one["limited"] else ""
    rule = f"rule `{one['rule']}`" if one["rule"] else "no rule matches"
    return plain(f"{one['outcome'].replace('_', '-')}{needs}, {rule}{limits}")


def _told(name: str, value: Any) -> str:
    return "" if value is None else f"{name} {_said(value)}"


def _person(user: Mapping[str, Any]) -> str:
    about = [*user["groups"], *(f"{name}: {value}" for name, value in user["attributes"].items())]
    return f"user {user['name']} <{user['email']}> ({', '.join(about) or 'in no group'})"


def _machine(device: Mapping[str, Any]) -> str:
    signals = (f"{name} {_said(each['value'])} {_ago(each['age'])}" for name, each in device["signals"].items())
    owner = "" if device["owner"] == "self" else "shared" if not device["owner"] else "somebody else's"
    return " ".join(part for part in (owner, device["trust"], device["platform"], "device", *signals) if part)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ago(seconds: float) -> str:
    return f"{span(seconds)} ago" if seconds >= 0 else f"{span(-seconds)} ahead"
