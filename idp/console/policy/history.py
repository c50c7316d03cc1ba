"""What was published: every revision, what it changed, any two side by side, and the way back."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.comparing import Side
from idp.admin.publishing import difference
from idp.console.policy.desk import SHUT, Desk
from idp.console.policy.draft import PAGE, Draft
from idp.console.room import Admin, done
from kernel.problems import Invalid, Refused, Unavailable
from kernel.records.policy import PolicyProposal

HISTORY = PAGE + "/history"


class History:
    """``/console/policy/history``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._publishing = desk, desk.acts.publishing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(HISTORY, self.history, methods=["GET"]),
            Route(HISTORY + "/compare", self.compare, methods=["GET"]),
            Route(HISTORY + "/meaning", self.meaning, methods=["GET"]),
            Route(HISTORY + "/{number:int}", self.revision, methods=["GET"]),
            Route(PAGE + "/rollback", self.rollback, methods=["POST"]),
        ]

    async def history(self, request: Request) -> Response:
        """Show the revisions."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        before = _number(request, "before")
        revisions = await self._publishing.history(before)
        waiting = await self._desk.waiting()
        return self._desk.page(request, admin, "history", revisions=revisions, newest=not before, waiting=waiting)

    async def compare(self, request: Request) -> Response:
        """Show two revisions side by side, in the order they were published."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        numbers = sorted((_number(request, "from"), _number(request, "to")))
        old, new = [await self._publishing.revision(number) for number in numbers]
        changed = difference(old.text, new.text, f"r{old.number}", f"r{new.number}").splitlines()
        waiting = await self._desk.waiting()
        return self._desk.page(request, admin, "compared", old=old, new=new, changed=changed, waiting=waiting)

    async def meaning(self, request: Request) -> Response:
        """Return what changes in meaning between two revisions, for the page's own script."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return self._desk.json(SHUT, 403)
        sides = [Side(revision=_number(request, name)) for name in ("from", "to")]
        try:
            found = await self._desk.acts.comparing.diff(sides[0], sides[1], authorship=True)
        except Invalid:
            found = {"faulty": True}
        except Unavailable:
            found = {"failed": True}
        return self._desk.json({"html": self._desk.part(request, admin, "weighed", name="meaning", found=found)})

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
        comment, base = form.text("comment", 500), form.text("base", 9)
        seen = int(base) if base.isdecimal() else None
        try:
            made = await self._publishing.rollback(admin.actor, number, comment, base=seen, address=admin.address)
        except Refused as fault:
            return await self._revision(request, admin, number, self._desk.room.say(request, admin, fault))
        if isinstance(made, PolicyProposal):
            return done(f"{PAGE}/proposals/{made.number}", "proposed")
        return done(HISTORY, "rolled-back")

    async def _revision(self, request: Request, admin: Admin, number: int, refusal: str = "") -> Response:
        one = await self._publishing.revision(number)
        before = await self._publishing.revision(number - 1) if number > 1 else None
        current = await self._publishing.current()
        changed = difference(before.text if before else "", one.text, f"r{number - 1}", f"r{number}")
        in_force = current.number if current else 0
        return self._desk.page(
            request,
            admin,
            "revision",
            422 if refusal else 200,
            one=one,
            changed=changed.splitlines(),
            current=in_force,
            in_force=in_force == number,
            draft=Draft(one.text, in_force, tests=one.tests),
            refusal=refusal,
            waiting=await self._desk.waiting(),
        )


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
