"""The endpoint that explains a decision without opening a door."""

from collections.abc import Sequence
from typing import Any

from idp.admin import views
from idp.admin.acts import Acts
from idp.admin.explaining import Question
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Explaining(acts)
    return (Endpoint("POST", "/policy/explain", calls.explain, limit=LARGE),)


class Explaining:
    """Calls that explain."""

    def __init__(self, acts: Acts) -> None:
        self._explaining = acts.explaining

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
