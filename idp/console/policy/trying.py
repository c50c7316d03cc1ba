"""A trial: a draft asked beside the policy in force, with every disagreement shown as it comes; nothing is enforced."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.trials import Shown
from idp.console.excerpts import faults_of
from idp.console.policy.bench import Bench, Faults, draw
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, read_draft
from idp.console.room import Admin, done
from kernel.problems import Invalid, Refused

TRIAL = PAGE + "/trial"
SHOWN = 50
TURNS = ("denied", "stepped_up", "allowed", "limited")


class Trying:
    """``/console/policy/trial``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._trials = desk, desk.acts.trials

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(TRIAL, self.show, methods=["GET"]),
            Route(TRIAL, self.start, methods=["POST"]),
            Route(TRIAL + "/live", self.live, methods=["GET"]),
            Route(TRIAL + "/stop", self.stop, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the latest trial."""
        admin = await self._desk.enter(request)
        return admin if isinstance(admin, Response) else await self._show(request, admin)

    async def live(self, request: Request) -> Response:
        """Answer the page's script: the numbers and rows as they would stand on the page."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return self._desk.json({"error": "not admitted"}, 403)
        shown = await self._trials.show(limit=SHOWN)
        html = self._desk.part(request, admin, "trial_rows", **self._context(shown)) if shown else ""
        return self._desk.json({"running": bool(shown and shown.trial.running), "html": html})

    async def start(self, request: Request) -> Response:
        """Ask a draft beside the policy in force from now on."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft = read_draft(form)
        try:
            await self._trials.start(admin.actor, draft.text, draft.comment)
        except Invalid as fault:
            problems = faults_of(draft.text, fault.problems, self._desk.language(request, admin))
            return await draw(self._desk, request, admin, Bench(draft, Faults(problems)), 422)
        except Refused as fault:
            return await self._show(request, admin, self._desk.room.say(request, admin, fault))
        return done(TRIAL, "trial-started")

    async def stop(self, request: Request) -> Response:
        """End the trial."""
        entered = await self._desk.room.act(request)
        if isinstance(entered, Response):
            return entered
        _, admin = entered
        try:
            await self._trials.stop(admin.actor)
        except Refused as fault:
            return await self._show(request, admin, self._desk.room.say(request, admin, fault))
        return done(TRIAL, "trial-stopped")

    async def _show(self, request: Request, admin: Admin, refusal: str = "") -> Response:
        shown = await self._trials.show(limit=SHOWN)
        current = await self._desk.acts.publishing.current()
        return self._desk.page(
            request,
            admin,
            "trial",
            422 if refusal else 200,
            refusal=refusal,
            current=current,
            waiting=await self._desk.waiting(),
            **self._context(shown),
        )

    def _context(self, shown: Shown | None) -> dict[str, Any]:
        return {"shown": shown, "turns": TURNS}
