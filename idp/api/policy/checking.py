"""The endpoint that finds every fault and warning of a document."""

from collections.abc import Sequence
from typing import Any

from idp.admin import views
from idp.admin.acts import Acts
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Checking(acts)
    return (Endpoint("POST", "/policy/check", calls.check, limit=LARGE),)


class Checking:
    """Calls that check."""

    def __init__(self, acts: Acts) -> None:
        self._publishing = acts.publishing

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
