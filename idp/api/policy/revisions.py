"""Endpoints of what was published: the policy in force, one revision, the history."""

from collections.abc import Sequence
from typing import Any

from idp.admin import policy_views
from idp.admin.acts import Acts
from idp.api.endpoint import Call, Endpoint, listed
from kernel.problems import Missing


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Revisions(acts)
    return (
        Endpoint("GET", "/policy", calls.current),
        Endpoint("GET", "/policy/history", calls.history),
        Endpoint("GET", "/policy/revisions/{number:int}", calls.revision),
    )


class Revisions:
    """Calls that read revisions."""

    def __init__(self, acts: Acts) -> None:
        self._publishing = acts.publishing

    async def current(self, call: Call) -> Any:
        found = await self._publishing.current()
        if found is None:
            raise Missing("no policy has been published yet; until then nobody gets in")
        return policy_views.revision(found, text=True)

    async def history(self, call: Call) -> Any:
        before, limit = call.query.whole("before"), max(1, min(call.query.whole("limit", 50), 500))
        call.query.done()
        return listed(await self._publishing.history(before, limit), policy_views.revision)

    async def revision(self, call: Call) -> Any:
        return policy_views.revision(await self._publishing.revision(int(call.path["number"])), text=True)
