"""Putting a draft in force: refused with words, met by somebody else's change, or published."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.publishing import PolicyConflict
from idp.console.excerpts import faults_of
from idp.console.policy.bench import Bench, Faults, draw
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, Draft, read_draft
from idp.console.room import done
from kernel.problems import Invalid, Refused


class Publish:
    """``/console/policy/publish``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._publishing = desk, desk.acts.publishing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route(PAGE + "/publish", self.publish, methods=["POST"])]

    async def publish(self, request: Request) -> Response:
        """Put a draft in force, or show why not."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft, say = read_draft(form), self._desk.room.say
        try:
            await self._publishing.publish(
                admin.actor, draft.text, draft.comment, base=draft.base, address=admin.address
            )
        except Invalid as fault:
            problems = faults_of(draft.text, fault.problems, self._desk.language(request, admin))
            bench = Bench(draft, Faults(problems))
        except PolicyConflict as fault:
            # The next publish stands on what is in force now: this page has shown their change.
            onward = Draft(draft.text, fault.current.number, draft.comment)
            bench = Bench(onward, conflict=fault, refusal=say(request, admin, fault))
        except Refused as fault:
            bench = Bench(draft, refusal=say(request, admin, fault))
        else:
            return done(PAGE + "/history", "published")
        return await draw(self._desk, request, admin, bench, 409 if bench.conflict else 422)
