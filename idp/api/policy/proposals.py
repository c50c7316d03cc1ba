"""Endpoints of what waits for a second admin: list, show, approve, decline, withdraw."""

import asyncio
from collections.abc import Sequence
from typing import Any

from idp.admin import policy_views
from idp.admin.acts import Acts
from idp.api.endpoint import Call, Endpoint, listed


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Proposals(acts)
    one = "/policy/proposals/{number:int}"
    return (
        Endpoint("GET", "/policy/proposals", calls.find),
        Endpoint("GET", one, calls.show),
        Endpoint("POST", f"{one}/approve", calls.approve, 201),
        Endpoint("POST", f"{one}/decline", calls.decline),
        Endpoint("POST", f"{one}/withdraw", calls.withdraw),
    )


class Proposals:
    """Calls on proposals."""

    def __init__(self, acts: Acts) -> None:
        self._proposals = acts.publishing.proposals

    async def find(self, call: Call) -> Any:
        query = call.query
        closed, before = query.flag("closed"), query.whole("before")
        limit = max(1, min(query.whole("limit", 50), 500))
        query.done()
        return listed(await self._proposals.find(closed=closed, before=before, limit=limit), policy_views.standing)

    async def show(self, call: Call) -> Any:
        """Answer a proposal with its text and what it changes; a stale one also with what was changed since."""
        standing = await self._proposals.show(_number(call))
        return await asyncio.to_thread(policy_views.proposed, standing)

    async def approve(self, call: Call) -> Any:
        comment, force = call.body.text("comment", longest=500), call.body.flag("force")
        call.body.done()
        made = await self._proposals.approve(call.actor, _number(call), comment, force=force, address=call.address)
        return policy_views.revision(made)

    async def decline(self, call: Call) -> Any:
        return policy_views.proposal(await self._proposals.decline(call.actor, _number(call), _comment(call)))

    async def withdraw(self, call: Call) -> Any:
        return policy_views.proposal(await self._proposals.withdraw(call.actor, _number(call), _comment(call)))


def _comment(call: Call) -> str:
    comment = call.body.text("comment", longest=500)
    call.body.done()
    return comment


def _number(call: Call) -> int:
    return int(call.path["number"])
