"""The endpoint of the policies to start from."""

from collections.abc import Sequence
from typing import Any

from idp.admin import policy_views
from idp.admin.acts import Acts
from idp.api.endpoint import Call, Endpoint, listed


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""

    async def templates(call: Call) -> Any:
        call.query.done()
        return listed(acts.starters, policy_views.starter)

    return (Endpoint("GET", "/policy/templates", templates),)
