"""Revisions, proposals and refusals of a policy as plain JSON values, for the API and the command line."""

from typing import Any

from idp.admin import views
from idp.admin.comparing import Unproven
from idp.admin.drafts import PolicyConflict
from idp.admin.guards import Unexpected, UnreadableTests
from idp.admin.merging import Region, difference
from idp.admin.nevers import NotProven
from idp.admin.proposals import Standing
from idp.admin.publishing import Published
from idp.admin.reach import Way
from idp.admin.starters import Starter
from kernel.records.policy import PolicyProposal, PolicyRevision
from policies.expected.table import Failure, Result

Json = dict[str, Any]


def revision(one: PolicyRevision, text: bool = False) -> Json:
    """Return a policy revision, with its text and tests when wanted."""
    head = {
        "number": one.number,
        "author": one.author,
        "at": one.at,
        "comment": one.comment,
        "restores": one.restores,
        "behalf": one.behalf,
        "approver": one.approver,
        "proposal": one.proposal,
        "forced": list(one.forced),
        "tested": bool(one.tests),
    }
    return {**head, "text": one.text, "tests": one.tests} if text else head


def published(made: Published) -> Json:
    """Return what came of publishing: a revision, or ``proposal``, which waits for another admin."""
    if isinstance(made, PolicyRevision):
        return revision(made)
    return {"proposal": proposal(made)}


def proposal(one: PolicyProposal) -> Json:
    """Return a proposal without its text."""
    return {
        "number": one.number,
        "author": one.author,
        "at": one.at,
        "expires_at": one.expires_at,
        "base": one.base,
        "comment": one.comment,
        "restores": one.restores,
        "behalf": one.behalf,
        "acknowledged": one.acknowledged,
        "state": one.state.value,
        "answered_by": one.answered_by,
        "answered_at": one.answered_at,
        "answer": one.answer,
        "revision": one.revision,
    }


def standing(one: Standing) -> Json:
    """Return a proposal as it stands now; ``stale``: another revision was published since."""
    return {**proposal(one.proposal), "state": one.state.value, "stale": one.stale}


def proposed(one: Standing) -> Json:
    """Return a proposal with its text, what it ``changed``, and its conflict when it is stale. May take a while."""
    base = one.base.text if one.base else ""
    stale = one.conflict()
    return {
        **standing(one),
        "text": one.proposal.text,
        "tests": one.proposal.tests,
        "changed": difference(base, one.proposal.text, f"r{one.proposal.base}", f"proposal {one.proposal.number}"),
        "conflict": conflict(stale) if stale else None,
    }


def conflict(one: PolicyConflict) -> Json:
    """Return the three texts of a conflict: what each side changed, place by place, and both put together."""
    return {
        "current": revision(one.current, text=True),
        "base": revision(one.base, text=True) if one.base else None,
        "theirs": one.theirs(),
        "yours": one.yours(),
        "places": [_region(each) for each in one.merged.regions],
        "merged": one.merged.text,
        "clean": one.merged.clean,
    }


def tested(result: Result) -> Json:
    """Return what became of a table of expected decisions: its failures, and the rules that decided nothing."""
    return {
        "good": not result.failed,
        "cases": result.cases,
        "failed": result.failed,
        "failures": [_failure(each) for each in result.failures],
        "idle": list(result.idle),
    }


def _failure(one: Failure) -> Json:
    case = one.case
    return {
        "name": case.name,
        "line": case.place.line,
        "about": case.about,
        "expected_rule": case.expected.rule,
        "misses": [{"what": each.what, "wanted": each.wanted, "got": each.got} for each in one.misses],
        "decision": views.decision(one.decision),
    }


def unproven(one: Unproven) -> Json:
    """Return an invariant that does not hold for certain."""
    return {"name": one.name, "line": one.line, "verdict": one.verdict.name.lower(), "words": one.words}


def starter(one: Starter) -> Json:
    """Return a policy to start from, with its table."""
    return {"name": one.name, "about": dict(one.about), "text": one.text, "tests": one.tests}


def way(one: Way) -> Json:
    """Return how somebody could open the console."""
    return {
        "user": one.user,
        "device": one.device,
        "device_id": one.device_id,
        "address": one.address,
        "at": one.at,
    }


def details(fault: Exception) -> Json:
    """Return what a refusal tells beside its words."""
    match fault:
        case PolicyConflict():
            return {"conflict": conflict(fault)}
        case NotProven():
            return {"nevers": [unproven(each) for each in fault.found]}
        case Unexpected():
            return {"tests": tested(fault.result)}
        case UnreadableTests():
            return {"tests_problems": [views.problem(each) for each in fault.problems]}
        case _:
            return {}


def _region(one: Region) -> Json:
    sides = {"base": one.base, "theirs": one.theirs, "yours": one.yours}
    return {
        "whose": one.whose.value,
        "line": one.line,
        **{name: [line.rstrip("\r\n") for line in lines] for name, lines in sides.items()},
    }
