"""What waits for a second admin: every proposal, one with all that is known of it, and the answer to it."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.drafts import PolicyConflict
from idp.admin.proposals import Standing
from idp.admin.publishing import difference
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, Draft
from idp.console.room import Admin, done
from kernel.problems import Refused

LIST = PAGE + "/proposals"
ANSWERS = ("approve", "decline", "withdraw")


class Proposing:
    """``/console/policy/proposals``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._proposals = desk, desk.acts.publishing.proposals

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(LIST, self.list, methods=["GET"]),
            Route(LIST + "/{number:int}", self.show, methods=["GET"]),
            *(Route(f"{LIST}/{{number:int}}/{act}", self._answerer(act), methods=["POST"]) for act in ANSWERS),
        ]

    async def list(self, request: Request) -> Response:
        """Show proposals: those that wait, and what became of earlier ones."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        found = await self._proposals.find(closed=True)
        return self._desk.page(
            request,
            admin,
            "proposals",
            open=[each for each in found if each.state == "open"],
            closed=[each for each in found if each.state != "open"],
            second=self._desk.acts.publishing.second_approver,
            waiting=await self._desk.waiting(),
        )

    async def show(self, request: Request) -> Response:
        """Show one proposal."""
        admin = await self._desk.enter(request)
        return admin if isinstance(admin, Response) else await self._show(request, admin)

    async def _show(self, request: Request, admin: Admin, refusal: str = "") -> Response:
        standing = await self._proposals.show(_number(request))
        conflict, changed = await asyncio.to_thread(_compared, standing)
        one = standing.proposal
        return self._desk.page(
            request,
            admin,
            "proposal",
            422 if refusal else 200,
            one=one,
            standing=standing,
            conflict=conflict,
            changed=changed,
            draft=Draft(one.text, one.base, one.comment, one.tests),
            mine=one.author == admin.actor.name,
            parts=("meaning", "proofs", "expected", "people") if standing.state == "open" else (),
            refusal=refusal,
            waiting=await self._desk.waiting(),
        )

    def _answerer(self, act: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            entered = await self._desk.act(request)
            if isinstance(entered, Response):
                return entered
            form, admin = entered
            number, comment = _number(request), form.text("comment", 500)
            try:
                if act == "approve":
                    await self._proposals.approve(admin.actor, number, comment, address=admin.address)
                elif act == "decline":
                    await self._proposals.decline(admin.actor, number, comment)
                else:
                    await self._proposals.withdraw(admin.actor, number, comment)
            except Refused as fault:
                return await self._show(request, admin, self._desk.room.say(request, admin, fault))
            return done(PAGE + "/history", "approved") if act == "approve" else done(LIST, f"proposal-{act}")

        return answer


def _compared(standing: Standing) -> tuple[PolicyConflict | None, list[str]]:
    """Return the conflict of a stale proposal, and the lines that a proposal changes."""
    conflict = standing.conflict()
    if conflict is not None:
        conflict.compare()
    before = standing.base.text if standing.base else ""
    changed = difference(before, standing.proposal.text, f"r{standing.proposal.base}", f"#{standing.proposal.number}")
    return conflict, changed.splitlines()


def _number(request: Request) -> int:
    return int(request.path_params["number"])
