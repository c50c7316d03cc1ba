"""Endpoints of the policy: show, check, explain, publish, roll back, history."""

from collections.abc import Sequence
from typing import Any

from idp.admin import views
from idp.admin.acts import Acts
from idp.admin.explaining import Question
from idp.api.endpoint import LARGE, Call, Endpoint, listed
from kernel.problems import Missing, Refused

LONGEST = 1024 * 1024


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    policy = PolicyCalls(acts)
    return (
        Endpoint("GET", "/policy", policy.current),
        Endpoint("GET", "/policy/history", policy.history),
        Endpoint("GET", "/policy/revisions/{number:int}", policy.revision),
        Endpoint("POST", "/policy/check", policy.check, limit=LARGE),
        Endpoint("POST", "/policy/explain", policy.explain, limit=LARGE),
        Endpoint("POST", "/policy/publish", policy.publish, 201, LARGE),
        Endpoint("POST", "/policy/rollback", policy.rollback, 201),
    )


class PolicyCalls:
    """Calls on the policy."""

    def __init__(self, acts: Acts) -> None:
        self._publishing, self._explaining = acts.publishing, acts.explaining

    async def current(self, call: Call) -> Any:
        found = await self._publishing.current()
        if found is None:
            raise Missing("no policy has been published yet; until then nobody gets in")
        return views.revision(found, text=True)

    async def history(self, call: Call) -> Any:
        before, limit = call.query.whole("before"), max(1, min(call.query.whole("limit", 50), 500))
        call.query.done()
        return listed(await self._publishing.history(before, limit), views.revision)

    async def revision(self, call: Call) -> Any:
        return views.revision(await self._publishing.revision(int(call.path["number"])), text=True)

    async def check(self, call: Call) -> Any:
        """Answer 200 with what was found: that a document has faults is not a failure of asking."""
        text = call.body.text("text", longest=LONGEST)
        call.body.done()
        report = await self._publishing.check(text)
        return {
            "good": not report.problems,
            "problems": [views.problem(each) for each in report.problems],
            "warnings": [views.problem(each) for each in report.warnings],
        }

    async def explain(self, call: Call) -> Any:
        body = call.body
        question = Question(
            service=body.needed("service", 200),
            user=body.text("user"),
            device=body.text("device"),
            address=body.text("address"),
            at=body.moment("at"),
            proof=body.text("proof") if "proof" in body else None,
            factors=body.texts("factors") if "factors" in body else None,
            text=body.text("text", longest=LONGEST) if "text" in body else None,
            revision=body.whole("revision"),
        )
        body.done()
        return views.explanation(await self._explaining.explain(question))

    async def publish(self, call: Call) -> Any:
        body = call.body
        text, comment = body.text("text", longest=LONGEST), body.text("comment", longest=500)
        base = body.whole("base") if "base" in body else None
        force = body.flag("force")
        body.done()
        made = await self._publishing.publish(call.actor, text, comment, base=base, force=force, address=call.address)
        return views.revision(made)

    async def rollback(self, call: Call) -> Any:
        body = call.body
        if "revision" not in body:
            raise Refused("`revision` is missing: the number of the one to restore")
        number, comment, force = body.whole("revision"), body.text("comment", longest=500), body.flag("force")
        body.done()
        made = await self._publishing.rollback(call.actor, number, comment, force=force, address=call.address)
        return views.revision(made)
