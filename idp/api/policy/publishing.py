"""Endpoints that change the policy in force."""

from collections.abc import Sequence
from typing import Any

from idp.admin import views
from idp.admin.acts import Acts
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST
from kernel.problems import Refused


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Publishing(acts)
    return (
        Endpoint("POST", "/policy/publish", calls.publish, 201, LARGE),
        Endpoint("POST", "/policy/rollback", calls.rollback, 201),
    )


class Publishing:
    """Calls that publish and roll back."""

    def __init__(self, acts: Acts) -> None:
        self._publishing = acts.publishing

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
