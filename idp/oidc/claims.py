"""What tokens say of people and of how they signed in: scopes, audiences, acr, amr, auth_time. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from kernel.records.devices import Proof
from kernel.records.people import User
from kernel.records.sessions import Factor, SignIn

ACR = ("urn:gatepost:acr:1", "urn:gatepost:acr:2", "urn:gatepost:acr:3")
"""How well somebody is known, weakest first: one factor; two factors; two factors on a device that proved its key."""

SCOPES = ("openid", "profile", "email", "groups", "offline_access", "mail", "admin")
AUDIENCES: Mapping[str, str] = {"mail": "mail", "admin": "admin"}
"""Scopes that open a service of ours, and the audience that service demands."""

METHODS: Mapping[Factor, str] = {
    Factor.PASSWORD: "pwd",
    Factor.TOTP: "otp",
    Factor.PASSKEY: "hwk",
    Factor.RECOVERY: "otp",
    Factor.APPROVAL: "mca",
}
_SECOND = frozenset({Factor.TOTP, Factor.RECOVERY, Factor.APPROVAL})
_KEYS = frozenset({Proof.BROWSER_KEY, Proof.CERTIFICATE})


def auth_time(signin: SignIn) -> float:
    """Return when the person last showed a factor."""
    return max(signin.factors.values(), default=signin.created_at)


def acr(signin: SignIn) -> str:
    """Return the authentication context that was reached, one of ``ACR``."""
    shown = set(signin.factors)
    strong = Factor.PASSKEY in shown or (Factor.PASSWORD in shown and bool(shown & _SECOND))
    if not strong:
        return ACR[0]
    return ACR[2] if signin.device_id and signin.proof in _KEYS else ACR[1]


def reaches(have: str, wanted: str) -> bool:
    """Tell whether ``have`` is at least ``wanted``; a context that we do not know is never reached."""
    return wanted in ACR and have in ACR and ACR.index(have) >= ACR.index(wanted)


def amr(signin: SignIn) -> tuple[str, ...]:
    """Return the methods used, by their RFC 8176 names, sorted."""
    methods = {METHODS[factor] for factor in signin.factors if factor in METHODS}
    if len(methods) > 1:
        methods.add("mfa")
    if signin.device_id and signin.proof in _KEYS:
        methods.add("swk")
    return tuple(sorted(methods))


def audiences(scopes: Iterable[str], issuer: str) -> tuple[str, ...]:
    """Return whom a token of these scopes is for: our own userinfo endpoint (``openid``) and services of ours."""
    scopes = frozenset(scopes)
    own = [AUDIENCES[scope] for scope in sorted(scopes) if scope in AUDIENCES]
    return (issuer, *own) if "openid" in scopes or not own else tuple(own)


def person(user: User, scopes: Iterable[str]) -> dict[str, Any]:
    """Return the claims about ``user`` that these scopes open (OpenID Connect Core, section 5.4), ``sub`` always."""
    scopes = frozenset(scopes)
    told: dict[str, Any] = {"sub": user.id}
    if "profile" in scopes:
        told |= {"name": user.display_name or user.name, "preferred_username": user.name, "locale": user.language}
    if "email" in scopes:
        told |= {"email": user.email, "email_verified": True}
    if "groups" in scopes:
        told["groups"] = sorted(user.groups)
    return told
