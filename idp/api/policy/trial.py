"""Endpoints of what is watched while people work: the trial beside the policy, and the counters of its rules."""

from collections.abc import Sequence
from typing import Any

from idp.admin import outcome_views
from idp.admin.acts import Acts
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST
from kernel.problems import Missing


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    trials, counters = Trials(acts), Counters(acts)
    return (
        Endpoint("GET", "/policy/trial", trials.show),
        Endpoint("POST", "/policy/trial", trials.start, 201, LARGE),
        Endpoint("POST", "/policy/trial/stop", trials.stop),
        Endpoint("GET", "/policy/counters", counters.show),
    )


class Trials:
    """Calls on trials."""

    def __init__(self, acts: Acts) -> None:
        self._trials = acts.trials

    async def start(self, call: Call) -> Any:
        text, comment = call.body.text("text", longest=LONGEST), call.body.text("comment", longest=500)
        call.body.done()
        return outcome_views.trial(await self._trials.start(call.actor, text, comment))

    async def stop(self, call: Call) -> Any:
        call.body.done()
        return outcome_views.trial(await self._trials.stop(call.actor))

    async def show(self, call: Call) -> Any:
        """Answer with the latest trial, its counters, and its latest ``limit`` rows numbered above ``since``."""
        since, limit = call.query.whole("since"), call.query.whole("limit", 20)
        call.query.done()
        found = await self._trials.show(since, limit)
        if found is None:
            raise Missing("there never was a trial: gatepost policy trial start FILE")
        return outcome_views.shown(found)


class Counters:
    """Calls on counters."""

    def __init__(self, acts: Acts) -> None:
        self._counting = acts.counting

    async def show(self, call: Call) -> Any:
        """Answer with a row for each rule; ``today`` is when today began (seconds since 1970), midnight UTC if left
        out."""
        today = float(call.query.whole("today")) if "today" in call.query else None
        call.query.done()
        rows, watched = await self._counting.rules(today), await self._counting.watched()
        return {
            "items": [outcome_views.rule(each) for each in rows],
            "watched": [outcome_views.watched(each) for each in watched],
            "since": self._counting.since,
        }
