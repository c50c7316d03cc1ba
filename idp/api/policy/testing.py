"""The endpoint that holds a draft to a table of expected decisions."""

from collections.abc import Sequence
from typing import Any

from idp.admin import policy_views
from idp.admin.acts import Acts
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    return (Endpoint("POST", "/policy/test", Testing(acts).test, limit=LARGE),)


class Testing:
    """Calls that test."""

    def __init__(self, acts: Acts) -> None:
        self._publishing = acts.publishing

    async def test(self, call: Call) -> Any:
        """Answer 200 with what came out; without ``tests``, by the table of the revision in force."""
        text = call.body.text("text", longest=LONGEST)
        tests = call.body.text("tests", longest=LONGEST) if "tests" in call.body else None
        call.body.done()
        return policy_views.tested(await self._publishing.test(text, tests))
