"""A judgement as AuthZEN's decision (section 5.5): with its reason in every language, what it stands on, and what the
asker has to do, step-up and limits, as obligations (Authorization API 1.1, draft). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from idp.authzen.weighing import Unanswerable
from idp.judgement import Judgement
from idp.oidc.claims import ACR, METHODS
from kernel.reasons import LANGUAGES, WORDS, Reason
from policies.model import Decision, Limits, Outcome, Requirement

Answer = dict[str, Any]


def told(judgement: Judgement, reference: str, issuer: str) -> Answer:
    """Return the decision. ``reference`` is the code by which the record of a refusal is found, ``""`` when allowed."""
    decision = judgement.decision
    context: dict[str, Any] = {"revision": decision.revision}
    if decision.rule:
        context["rule"] = decision.rule
    if isfinite(decision.valid_until):
        context["valid_until"] = datetime.fromtimestamp(decision.valid_until, UTC).isoformat(timespec="milliseconds")
    if not judgement.allowed:
        reason = judgement.reason or _reason(decision)
        link = f"{issuer}/r/{reference}"
        context |= {
            "reason": reason.value,
            "reason_user": _words(decision, reason),
            "reference": reference,
            "link": link,
        }
        context["reason_admin"] = {"en": _why(decision, reason)}
    if obligations := [*_obligations(decision)]:
        context["obligations"] = obligations
    return {"decision": judgement.allowed, "context": context}


def denied(why: Unanswerable) -> Answer:
    """Return the decision about what does not exist, or cannot be read (section 7.2.1)."""
    return {"decision": False, "context": {"error": {"status": why.status, "message": str(why)}}}


def _reason(decision: Decision) -> Reason:
    if decision.fault:
        return Reason.FAULT
    return Reason.STEP_UP if decision.outcome is Outcome.STEP_UP else Reason.POLICY


def _words(decision: Decision, reason: Reason) -> Mapping[str, str]:
    """Return what the person may read: the rule's own words where it has some, in the languages that it has."""
    return dict(decision.say) if decision.say else {language: WORDS[reason][language] for language in LANGUAGES}


def _why(decision: Decision, reason: Reason) -> str:
    if decision.rule:
        return f"rule `{decision.rule}` of revision {decision.revision}"
    if reason is Reason.POLICY:
        return f"no rule of revision {decision.revision} matches" if decision.revision else "there is no policy yet"
    return WORDS[reason]["en"]


def _obligations(decision: Decision) -> Iterator[Answer]:
    if decision.outcome is Outcome.STEP_UP and decision.require is not None:
        yield {"id": "step-up", "step-up": _step_up(decision.require)}
    limits = _limits(decision.limits)
    if decision.outcome is Outcome.ALLOW and limits:
        yield {"id": "limits", "limits": limits}


def _step_up(require: Requirement) -> Answer:
    """Any one of the factors will do, shown within so many seconds. Signing in at our provider with this acr does."""
    methods = sorted({METHODS[factor] for factor in require.factors if factor in METHODS})
    said: Answer = {"acr_values": ACR[1], "amr_values": methods, "factors": [each.value for each in require.factors]}
    return said if require.within is None else {**said, "within": require.within}


def _limits(limits: Limits) -> Answer:
    """Return the limits that are set. Seconds, and ``download`` as bytes in so many seconds."""
    set_ones = {each.name: getattr(limits, each.name) for each in fields(limits) if getattr(limits, each.name)}
    if limits.download is not None:
        set_ones["download"] = {"bytes": limits.download[0], "seconds": limits.download[1]}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in set_ones.items()}
