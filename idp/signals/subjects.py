"""Whom an event is about (RFC 9493; SSF 1.0 section 3): formats email, iss_sub, opaque, and complex of user, device,
session. Pure.

A simple subject is a user when it is an address or an issuer's name for somebody, a device when it is opaque. Of a
complex one every member counts: one that we cannot read makes the whole unreadable, never wider.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LONGEST: Final = 256
MEMBERS: Final = frozenset({"user", "device", "session"})


@dataclass(frozen=True, slots=True)
class Named:
    """One thing by one name. ``issuer`` is ``""`` for an address and an opaque identifier."""

    format: str
    value: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Whom:
    """Who or what an event is about; at least one is given."""

    user: Named | None = None
    device: Named | None = None
    session: Named | None = None


def whom(subject: Mapping[str, Any]) -> Whom | None:
    """Return whom a subject identifier names, None when it is none that we read."""
    if subject.get("format") == "complex" or ("format" not in subject and subject.keys() & MEMBERS):
        return _complex(subject)
    named = _named(subject)
    if named is None:
        return None
    return Whom(device=named) if named.format == "opaque" else Whom(user=named)


def _complex(subject: Mapping[str, Any]) -> Whom | None:
    members = {name: value for name, value in subject.items() if name != "format"}
    if not members or not members.keys() <= MEMBERS:
        return None
    named = {name: _named(value) if isinstance(value, dict) else None for name, value in members.items()}
    return None if None in named.values() else Whom(**named)


def _named(subject: Mapping[str, Any]) -> Named | None:
    match subject:
        case {"format": "email", "email": str(value), **rest} if not rest:
            return _good(Named("email", value))
        case {"format": "iss_sub", "iss": str(issuer), "sub": str(value), **rest} if not rest:
            return _good(Named("iss_sub", value, issuer.rstrip("/")))
        case {"format": "opaque", "id": str(value), **rest} if not rest:
            return _good(Named("opaque", value))
    return None


def _good(named: Named) -> Named | None:
    texts = (named.value, named.issuer) if named.format == "iss_sub" else (named.value,)
    return named if all(0 < len(text) <= LONGEST and text.isprintable() for text in texts) else None
