"""What was published: every revision, what it changed, any two side by side, and the way back."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.publishing import difference
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE
from idp.console.room import Admin, done
from kernel.problems import Refused


class History:
    """``/console/policy/history``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._publishing = desk, desk.acts.publishing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE + "/history", self.history, methods=["GET"]),
            Route(PAGE + "/history/{number:int}", self.revision, methods=["GET"]),
            Route(PAGE + "/rollback", self.rollback, methods=["POST"]),
        ]

    async def history(self, request: Request) -> Response:
        """Show the revisions."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        before = request.query_params.get("before", "")
        number = int(before) if before.isdecimal() and len(before) < 10 else 0
        revisions = await self._publishing.history(number)
        return self._desk.page(request, admin, "history", revisions=revisions, newest=not number)

    async def revision(self, request: Request) -> Response:
        """Show one revision, and what it changed."""
        admin = await self._desk.enter(request)
        number = int(request.path_params["number"])
        return admin if isinstance(admin, Response) else await self._revision(request, admin, number)

    async def rollback(self, request: Request) -> Response:
        """Put an earlier revision in force again."""
        entered = await self._desk.room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        number = int(form.text("number", 9) or "0")
        try:
            await self._publishing.rollback(admin.actor, number, form.text("comment", 500), address=admin.address)
        except Refused as fault:
            return await self._revision(request, admin, number, self._desk.room.say(request, admin, fault))
        return done(PAGE + "/history", "rolled-back")

    async def _revision(self, request: Request, admin: Admin, number: int, refusal: str = "") -> Response:
        one = await self._publishing.revision(number)
        before = await self._publishing.revision(number - 1) if number > 1 else None
        current = await self._publishing.current()
        changed = difference(before.text if before else "", one.text, f"r{number - 1}", f"r{number}")
        return self._desk.page(
            request,
            admin,
            "revision",
            422 if refusal else 200,
            one=one,
            changed=changed.splitlines(),
            in_force=current is not None and current.number == number,
            refusal=refusal,
        )
