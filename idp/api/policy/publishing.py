"""Endpoints that change the policy in force, and the one that tells who could still open the console under a draft."""

import asyncio
from collections.abc import Sequence
from typing import Any

from idp.admin import policy_views
from idp.admin.acts import Acts
from idp.admin.drafts import LONGEST_NAME
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST
from kernel.problems import Refused
from policies.language import load


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Publishing(acts)
    return (
        Endpoint("POST", "/policy/publish", calls.publish, 201, LARGE),
        Endpoint("POST", "/policy/rollback", calls.rollback, 201),
        Endpoint("POST", "/policy/ways-in", calls.ways_in, limit=LARGE),
    )


class Publishing:
    """Calls that publish and roll back."""

    def __init__(self, acts: Acts) -> None:
        self._publishing = acts.publishing

    async def publish(self, call: Call) -> Any:
        body = call.body
        text, comment = body.text("text", longest=LONGEST), body.text("comment", longest=500)
        base = body.whole("base") if "base" in body else None
        tests = body.text("tests", longest=LONGEST) if "tests" in body else None
        behalf = body.text("behalf", longest=LONGEST_NAME)
        acknowledge, force = body.flag("acknowledge"), body.flag("force")
        body.done()
        made = await self._publishing.publish(
            call.actor,
            text,
            comment,
            base=base,
            force=force,
            address=call.address,
            tests=tests,
            behalf=behalf,
            acknowledge=acknowledge,
        )
        return policy_views.published(made)

    async def rollback(self, call: Call) -> Any:
        body = call.body
        if "revision" not in body:
            raise Refused("`revision` is missing: the number of the one to restore")
        number, comment, force = body.whole("revision"), body.text("comment", longest=500), body.flag("force")
        base = body.whole("base") if "base" in body else None
        body.done()
        made = await self._publishing.rollback(
            call.actor, number, comment, base=base, force=force, address=call.address
        )
        return policy_views.published(made)

    async def ways_in(self, call: Call) -> Any:
        """Answer how admins could open the console under a draft; ``enough`` is how many must be left."""
        text = call.body.text("text", longest=LONGEST)
        call.body.done()
        policy = await asyncio.to_thread(load, text)
        found = await self._publishing.ways_in(policy, call.actor, call.address)
        return {"items": [policy_views.way(each) for each in found], "enough": self._publishing.enough}
