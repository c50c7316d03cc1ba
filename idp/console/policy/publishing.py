"""Putting a draft in force: refused with words, met by somebody else's change, proposed, or published."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.publishing import PolicyConflict
from idp.console.excerpts import faults_of
from idp.console.policy.bench import Bench, Faults, draw
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, Draft, read_draft
from idp.console.policy.reviewing import Reviewing
from idp.console.room import Admin, done
from idp.web.forms import Form
from kernel.problems import Invalid, Refused
from kernel.records.policy import PolicyProposal


class Publish:
    """``/console/policy/publish``."""

    def __init__(self, desk: Desk, reviewing: Reviewing) -> None:
        self._desk, self._publishing, self._reviewing = desk, desk.acts.publishing, reviewing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route(PAGE + "/publish", self.publish, methods=["POST"])]

    async def publish(self, request: Request) -> Response:
        """Put a draft in force, or show why not."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft = read_draft(form)
        try:
            made = await self._publishing.publish(
                admin.actor,
                draft.text,
                draft.comment,
                base=draft.base,
                address=admin.address,
                tests=draft.tests,
                acknowledge="acknowledge" in form,
            )
        except Invalid as fault:
            problems = faults_of(draft.text, fault.problems, self._desk.language(request, admin))
            return await draw(self._desk, request, admin, Bench(draft, Faults(problems)), 422)
        except PolicyConflict as fault:
            return self._conflict(request, admin, draft, fault)
        except Refused as fault:
            return await self._refused(request, admin, form, draft, fault)
        if isinstance(made, PolicyProposal):
            return done(f"{PAGE}/proposals/{made.number}", "proposed")
        return done(PAGE + "/history", "published")

    async def _refused(self, request: Request, admin: Admin, form: Form, draft: Draft, fault: Refused) -> Response:
        said = self._desk.room.say(request, admin, fault)
        return await self._reviewing.show(request, admin, form, draft, said, 422)

    def _conflict(self, request: Request, admin: Admin, draft: Draft, fault: PolicyConflict) -> Response:
        """Show both changes. What goes on from here stands on what is in force now: it has been shown."""
        onward = replace(draft, base=fault.current.number)
        said = self._desk.room.say(request, admin, fault)
        return self._desk.page(
            request, admin, "conflict", 409, draft=onward, conflict=fault, refusal=said, merged=fault.merged
        )
