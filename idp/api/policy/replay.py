"""Endpoints of replays: begin one, ask how far it is (waiting for its end, if wanted), give it up."""

from collections.abc import Sequence
from typing import Any

from idp.admin import outcome_views
from idp.admin.acts import Acts
from idp.admin.replaying import MOST, Wish
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST

LONGEST_WAIT = 20
"""Seconds that an answer may wait for a replay's end."""


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Replays(acts)
    return (
        Endpoint("POST", "/policy/replay", calls.start, 202, LARGE),
        Endpoint("GET", "/policy/replay/{id}", calls.job),
        Endpoint("DELETE", "/policy/replay/{id}", calls.cancel),
    )


class Replays:
    """Calls on replays."""

    def __init__(self, acts: Acts) -> None:
        self._replaying = acts.replaying

    async def start(self, call: Call) -> Any:
        body = call.body
        wish = Wish(
            text=body.text("text", longest=LONGEST) if "text" in body else None,
            revision=body.whole("revision"),
            against=body.whole("against"),
            since=body.moment("since") or 0.0,
            limit=body.whole("limit", MOST),
            examples=body.whole("examples", 20),
        )
        body.done()
        return outcome_views.job(await self._replaying.start(call.actor, wish))

    async def job(self, call: Call) -> Any:
        """Answer at once, or when ``wait`` seconds have passed or it is over."""
        seconds = max(0, min(call.query.whole("wait"), LONGEST_WAIT))
        call.query.done()
        return outcome_views.job(await self._replaying.wait(call.path["id"], seconds))

    async def cancel(self, call: Call) -> Any:
        return outcome_views.job(self._replaying.cancel(call.path["id"]))
