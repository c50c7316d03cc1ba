"""Replay: what a draft, or a revision, would have decided in the days behind us; with its progress while it runs."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.admin.replaying import Job, Wish
from idp.console.excerpts import faults_of
from idp.console.policy.bench import Bench, Faults, draw
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, Draft, read_draft, whole
from idp.console.room import Admin, done
from kernel.problems import Invalid, Refused
from policies.turning import Turn

REPLAY = PAGE + "/replay"
DAYS = (1, 7, 30, 90)
USUAL = 30
DAY = 86400.0


class Replays:
    """``/console/policy/replay``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._replaying = desk, desk.acts.replaying

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(REPLAY, self.ask, methods=["GET"]),
            Route(REPLAY, self.start, methods=["POST"]),
            Route(REPLAY + "/{id}", self.show, methods=["GET"]),
            Route(REPLAY + "/{id}/live", self.live, methods=["GET"]),
            Route(REPLAY + "/{id}/cancel", self.cancel, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Offer to replay what is in force, or an earlier revision."""
        admin = await self._desk.enter(request)
        return admin if isinstance(admin, Response) else await self._ask(request, admin)

    async def start(self, request: Request) -> Response:
        """Begin: with a draft (``text``), or with the revision of this number (0: each decision's own)."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft = read_draft(form) if "text" in form else None
        days = min(max(whole(form, "days") or USUAL, 1), 3660)
        since = self._desk.room.clock.now() - days * DAY
        try:
            job = await self._replaying.start(
                admin.actor, Wish(text=draft.text if draft else None, revision=whole(form, "revision"), since=since)
            )
        except Invalid as fault:
            text = draft.text if draft else ""
            problems = faults_of(text, fault.problems, self._desk.language(request, admin))
            return await draw(self._desk, request, admin, Bench(draft or Draft("", 0), Faults(problems)), 422)
        except Refused as fault:
            return await self._ask(request, admin, self._desk.room.say(request, admin, fault), draft)
        return RedirectResponse(f"{REPLAY}/{job.id}", 303)

    async def show(self, request: Request) -> Response:
        """Show one replay."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        job = self._replaying.job(str(request.path_params["id"]))
        asked = await self._desk.waiting()
        return self._desk.page(request, admin, "replayed", waiting=asked, **_context(job))

    async def live(self, request: Request) -> Response:
        """Answer the page's script: how far it is, and what it found so far."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return self._desk.json({"error": "not admitted"}, 403)
        job = self._replaying.job(str(request.path_params["id"]))
        html = self._desk.part(request, admin, "replay_found", **_context(job))
        return self._desk.json({"state": str(job.state), "done": job.done, "total": job.total, "html": html})

    async def cancel(self, request: Request) -> Response:
        """Give a replay up."""
        entered = await self._desk.room.act(request)
        if isinstance(entered, Response):
            return entered
        job = self._replaying.cancel(str(request.path_params["id"]))
        return done(f"{REPLAY}/{job.id}", "replay-cancelled")

    async def _ask(self, request: Request, admin: Admin, refusal: str = "", draft: Draft | None = None) -> Response:
        publishing = self._desk.acts.publishing
        return self._desk.page(
            request,
            admin,
            "replay",
            422 if refusal else 200,
            current=await publishing.current(),
            revisions=await publishing.history(limit=20),
            days=DAYS,
            usual=USUAL,
            refusal=refusal,
            draft=draft,
            waiting=await self._desk.waiting(),
        )


def _context(job: Job) -> dict[str, Any]:
    found = job.found
    turned = [(turn.value, found.turned[turn]) for turn in (Turn.DENIED, Turn.STEPPED_UP, Turn.ALLOWED, Turn.LIMITED)]
    return {"job": job, "found": found, "turned": turned, "days": max(1, round((job.began_at - job.wish.since) / DAY))}
