"""Records as plain JSON values, for the API and the command line. Digests, sealed texts and hashes never come out."""

import math
from collections.abc import Mapping
from typing import Any

from idp.admin.explaining import Explanation
from idp.admin.machines import Machine, Owned
from idp.admin.people import Person
from kernel.audit import Entry
from kernel.problems import Problem
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, DeviceKey, Signal
from kernel.records.oidc import OidcClient
from kernel.records.people import User
from kernel.records.sessions import LiveSession, SignIn
from policies.model import Decision, RuleTrace
from policies.vocabulary import SIGNALS

Json = dict[str, Any]


def user(person: User) -> Json:
    """Return a user."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "display_name": person.display_name,
        "language": person.language,
        "groups": sorted(person.groups),
        "aliases": list(person.aliases),
        "attributes": dict(person.attributes),
        "disabled": person.disabled,
        "created_at": person.created_at,
    }


def person(shown: Person) -> Json:
    """Return a user with everything that belongs to them."""
    return {
        **user(shown.user),
        "factors": list(shown.factors),
        "invited": shown.invited,
        "devices": [device(each, shown.user) for each in shown.devices],
        "app_passwords": [app_password(each) for each in shown.app_passwords],
        "signins": [signin(each) for each in shown.signins],
    }


def device(one: Device, owner: User | None) -> Json:
    """Return a device with its owner's name."""
    return {
        "id": one.id,
        "name": one.name,
        "owner": owner.name if owner else "",
        "owner_id": one.owner,
        "trust": str(one.trust),
        "platform": one.platform,
        "kind": one.kind,
        "signals": {name: _signal(name, signal) for name, signal in one.signals.items()},
        "created_at": one.created_at,
        "last_seen_at": one.last_seen_at,
        "note": one.note,
    }


def _signal(name: str, signal: Signal) -> dict[str, Any]:
    """Return what a device said, what that means, and for how many seconds it is believed (None: as a policy says)."""
    kind = SIGNALS.get(name)
    meaning, believed = (kind.meaning, kind.age) if kind else ("", None)
    return {"value": signal.value, "at": signal.at, "by": signal.by, "means": meaning, "believed": believed}


def owned(pair: Owned) -> Json:
    """Return a device out of a list."""
    return device(*pair)


def machine(shown: Machine) -> Json:
    """Return a device with keys and app passwords."""
    return {
        **device(shown.device, shown.owner),
        "keys": [key(each) for each in shown.keys],
        "app_passwords": [app_password(each) for each in shown.app_passwords],
    }


def key(one: DeviceKey) -> Json:
    """Return a device key, by name alone."""
    return {
        "id": one.id,
        "proof": str(one.proof),
        "created_at": one.created_at,
        "not_after": one.not_after,
        "revoked": one.revoked,
    }


def app_password(one: AppPassword) -> Json:
    """Return an app password without its digest."""
    return {
        "id": one.id,
        "name": one.name,
        "device_id": one.device_id,
        "services": sorted(one.services),
        "created_at": one.created_at,
        "last_used_at": one.last_used_at,
        "last_address": one.last_address,
    }


def signin(one: SignIn) -> Json:
    """Return a sign-in without its digest."""
    return {
        "id": one.id,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "factors": {str(factor): at for factor, at in one.factors.items()},
        "device_id": one.device_id,
        "address": one.address,
        "agent": one.agent,
    }


def session(one: LiveSession) -> Json:
    """Return a live session."""
    return {
        "id": one.id,
        "user": one.user,
        "user_id": one.user_id,
        "device": one.device,
        "device_id": one.device_id,
        "service": one.service,
        "address": one.address,
        "client": one.client,
        "node": one.node,
        "since": one.since,
        "rule": one.rule,
        "revision": one.revision,
    }


def problem(one: Problem) -> Json:
    """Return a placed problem."""
    return {
        "line": one.place.line,
        "column": one.place.column,
        "what": one.what,
        "text": one.text,
        "hint": one.hint,
    }


def decision(one: Decision) -> Json:
    """Return a decision with its trace; ``valid_until`` is null when nothing can turn it."""
    return {
        "outcome": str(one.outcome),
        "rule": one.rule,
        "revision": one.revision,
        "fault": one.fault,
        "words": {language: one.words(language) for language in ("en", "ja")},
        "valid_until": one.valid_until if math.isfinite(one.valid_until) else None,
        "require": requirement(one),
        "limits": {"session": one.limits.session, "idle": one.limits.idle},
        "reports": list(one.reports),
        "trace": [rule(each) for each in one.trace],
    }


def requirement(one: Decision) -> Json | None:
    """Return what a decision still requires."""
    if one.require is None:
        return None
    return {"factors": [str(factor) for factor in one.require.factors], "within": one.require.within}


def rule(one: RuleTrace) -> Json:
    """Return how one rule came out."""
    conditions: list[Mapping[str, Any]] = [
        {
            "key": each.key,
            "wanted": each.wanted,
            "seen": each.seen,
            "truth": str(each.truth),
            "hint": each.hint,
            "line": each.place.line if each.place else 0,
        }
        for each in one.conditions
    ]
    return {
        "rule": one.rule,
        "outcome": str(one.outcome),
        "report": one.report,
        "matched": one.matched,
        "decided": one.decided,
        "conditions": conditions,
    }


def explanation(one: Explanation) -> Json:
    """Return a decision with the facts that it was made from."""
    facts = one.facts
    asked = {
        "service": facts.service,
        "at": facts.now,
        "address": facts.address,
        "user": facts.user.name if facts.user else "",
        "groups": sorted(facts.user.groups) if facts.user else [],
        "device": facts.device.id if facts.device else "",
        "trust": str(facts.device.trust) if facts.device else "unknown",
        "proof": str(facts.proof),
        "factors": [str(factor) for factor in facts.factors],
    }
    return {"decision": decision(one.decision), "facts": asked}


def client(one: OidcClient) -> Json:
    """Return a relying party without its secret's digest."""
    return {
        "client_id": one.client_id,
        "name": one.name,
        "redirect_uris": list(one.redirect_uris),
        "scopes": sorted(one.scopes),
        "public": not one.secret_digest,
        "require_pkce": one.require_pkce,
        "rotate_refresh": one.rotate_refresh,
        "backchannel_logout_uri": one.backchannel_logout_uri,
        "post_logout_redirect_uris": list(one.post_logout_redirect_uris),
        "created_at": one.created_at,
    }


def entry(one: Entry) -> Json:
    """Return an audit entry: its number and hash with the event's fields."""
    return {"number": one.number, "hash": one.hash, **one.fields}
