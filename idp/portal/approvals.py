"""Is this you? Shows the logins of mail programs that wait for this person, live, and takes the answer.

A yes needs one of the rule's factors, shown after the question was asked: a tap alone opens nothing. Where the program
can show its person a number, the right one must be chosen among three, and a wrong one is a no.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.approvals.approvals import meets
from idp.portal.room import Room, done
from idp.signin.flow import Demand
from idp.signin.standing import Visitor
from idp.web import cookies
from idp.web.forms import Form
from idp.web.peer import peer_of
from kernel.ports import Reader
from kernel.records.approvals import Approval
from kernel.records.devices import Device
from kernel.records.sessions import Factor

PAGE = "/portal/approvals"
PATIENCE = 25.0
"""Seconds that the page's own script waits for news before it asks again."""

LATER = {"Cache-Control": "no-store", "Retry-After": "30"}
CHOICES = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One waiting login as it is shown. ``numbers`` to choose among; ``code``: a code of the authenticator is asked."""

    approval: Approval
    device: str
    numbers: tuple[str, ...]
    code: bool


class MyApprovals:
    """``/portal/approvals``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._approvals = room.at.approvals

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE, self.show, methods=["GET"]),
            Route(PAGE + "/live", self.live, methods=["GET"]),
            Route(PAGE + "/{approval_id}", self.answer, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show what waits."""
        visitor = await self._room.enter(request)
        return visitor if isinstance(visitor, Response) else await self._draw(request, visitor)

    async def live(self, request: Request) -> Response:
        """Answer the script of every page of the portal as soon as something else waits than it has ``seen``."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return JSONResponse({"error": "not admitted"}, 403, headers={"Cache-Control": "no-store"})
        seen = request.query_params.get("seen", "")[:500]
        with self._approvals.bell.listen(visitor.user.id) as heard:
            if heard is None:
                return JSONResponse({"error": "too many pages"}, 429, headers=LATER)
            waiting = await self._approvals.waiting(visitor.user.id)
            if _names(waiting) == seen:
                await self._news(heard, waiting)
                waiting = await self._approvals.waiting(visitor.user.id)
        questions = await self._questions(visitor, waiting)
        rows = self._room.draw(request, visitor, "approvals_rows", "", questions=questions)
        content = {"seen": _names(waiting), "rows": bytes(rows.body).decode(), "count": len(waiting)}
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    async def answer(self, request: Request) -> Response:
        """Take a yes or a no."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        found = [each for each in await self._waiting(visitor) if each.id == request.path_params["approval_id"]]
        if not found:
            return await self._draw(request, visitor, {"": self._say(request, visitor, "portal.approvals.gone")})
        (approval,) = found
        if form.text("act") != "yes" or (approval.number and form.text("number") != approval.number):
            await self._approvals.deny(visitor.user, approval.id)
            return done(PAGE, "denied")
        return await self._approve(request, visitor, approval, form)

    async def _approve(self, request: Request, visitor: Visitor, approval: Approval, form: Form) -> Response:
        now, cookie = self._room.at.clock.now(), ""
        shown = {factor.value: at for factor, at in visitor.signin.factors.items()} | {Factor.APPROVAL.value: now}
        code = form.text("code", 64)
        if code and not meets(approval, shown):
            good = await self._room.at.accounts.check_totp(
                visitor.user.id,
                code,
                peer_of(request).address,
                familiar=cookies.read(request, cookies.FAMILIAR),
            )
            if not good.good:
                return await self._draw(request, visitor, {"code": self._say(request, visitor, "signin.wrong-code")})
            _, cookie = await self._room.at.signins.add_factor(visitor.signin.id, Factor.TOTP)
            shown[Factor.TOTP.value] = now
        if not meets(approval, shown):
            return self._to_factor(request, approval, now)
        answered = await self._approvals.approve(visitor.user, approval.id, shown)
        response = done(PAGE, "approved")
        if answered is None:
            response = await self._draw(request, visitor, {"": self._say(request, visitor, "portal.approvals.gone")})
        if cookie:
            cookies.give(response, cookies.SIGNIN, cookie)
        return response

    def _to_factor(self, request: Request, approval: Approval, now: float) -> Response:
        """Send the browser to show a factor that this page has no field for, and back here."""
        factors = tuple(Factor(name) for name in approval.factors)
        within = max(1.0, now - approval.asked_at)
        return self._room.gate.to_sign_in(request, Demand(factors, within=within), to=PAGE)

    async def _draw(self, request: Request, visitor: Visitor, faults: dict[str, str] | None = None) -> Response:
        waiting = await self._waiting(visitor)
        questions = await self._questions(visitor, waiting)
        status, seen = 422 if faults else 200, _names(waiting)
        shown = {"questions": questions, "seen": seen, "faults": faults or {}}
        return self._room.draw(request, visitor, "approvals", "", status, **shown)

    async def _waiting(self, visitor: Visitor) -> Sequence[Approval]:
        return await self._approvals.waiting(visitor.user.id)

    async def _news(self, heard: asyncio.Event, waiting: Sequence[Approval]) -> None:
        """Wait until something changes, or the first question is over."""
        now = self._room.at.clock.now()
        first = min((each.until - now for each in waiting), default=PATIENCE)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(PATIENCE, max(first, 0.5))):
                await heard.wait()

    async def _questions(self, visitor: Visitor, waiting: Sequence[Approval]) -> list[Question]:
        def names(tx: Reader) -> dict[str, str]:
            devices = (tx.get(Device, each.device_id) for each in waiting if each.device_id)
            return {device.id: device.name for device in devices if device is not None}

        known = await self._room.at.store.read(names) if waiting else {}
        return [self._question(visitor, each, known.get(each.device_id, "")) for each in waiting]

    def _question(self, visitor: Visitor, approval: Approval, device: str) -> Question:
        shown = {factor.value: at for factor, at in visitor.signin.factors.items()} | {"approval": approval.asked_at}
        code = Factor.TOTP.value in approval.factors and visitor.standing.has_code and not meets(approval, shown)
        return Question(approval, device, choices(approval), code)

    def _say(self, request: Request, visitor: Visitor, key: str) -> str:
        return self._room.at.pages.say(request, key, visitor.user)


def choices(approval: Approval) -> tuple[str, ...]:
    """Return the numbers to choose among, the same at every look, in ascending order; none when none is shown."""
    if not approval.number:
        return ()
    numbers, octets = {approval.number}, hashlib.sha256(approval.id.encode()).digest()
    for octet in octets:
        if len(numbers) < CHOICES:
            numbers.add(str(10 + octet % 90))
    return tuple(sorted(numbers))


def _names(waiting: Sequence[Approval]) -> str:
    return ",".join(each.id for each in waiting)
