"""My factors: change the password, change the authenticator app, make new recovery codes. All need a fresh sign-in."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.accounts import totp
from idp.portal.holdings import read_holdings
from idp.portal.room import Room, done
from idp.signin import flow
from idp.signin.drawing import qr
from idp.signin.enrolment import set_password, shown_seed
from idp.signin.standing import Visitor
from kernel.records.sessions import Factor

HERE = "/portal/security"
CODES = HERE + "/recovery"


class MySecurity:
    """``/portal/security``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE + "/password", self.password, methods=["GET", "POST"]),
            Route(HERE + "/code", self.code, methods=["GET", "POST"]),
            Route(CODES, self.recovery, methods=["POST"]),
            Route(CODES, self.recovery_shown, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show which factors there are."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        at, now = self._room.at, self._room.at.clock.now()
        held = await at.store.read(lambda tx: read_holdings(tx, visitor.user.id, now))
        may_add = self._may_enrol(visitor)
        return self._room.draw(request, visitor, "security", "security", held=held, may_add=may_add)

    async def _fresh(self, request: Request, page: str) -> Visitor | Response:
        visitor = await self._room.enter(request)
        return await self._room.gate.fresh(request, page) if isinstance(visitor, Visitor) else visitor

    async def password(self, request: Request) -> Response:
        """Change the password."""
        page = HERE + "/password"
        if request.method != "POST":
            visitor = await self._fresh(request, page)
            if isinstance(visitor, Response):
                return visitor
            return self._room.draw(request, visitor, "password", "security")
        entered = await self._room.act(request, fresh=page)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        fault = await set_password(self._room.at, request, visitor, form)
        if fault:
            return self._room.draw(request, visitor, "password", "security", 422, faults={"new": fault})
        return done(HERE, "password")

    async def code(self, request: Request) -> Response:
        """Put another authenticator app in force; the one before stays until its first code is entered."""
        page = HERE + "/code"
        if request.method != "POST":
            visitor = await self._fresh(request, page)
            if isinstance(visitor, Response):
                return visitor
            return await self._draw_code(request, visitor)
        entered = await self._room.act(request, fresh=page)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        if not self._may_enrol(visitor):
            return self._room.missing(request, visitor)
        if not await self._room.at.accounts.confirm_totp(visitor.user.id, form.text("code", 64)):
            wrong = self._room.at.pages.say(request, "signin.wrong-code", visitor.user)
            return await self._draw_code(request, visitor, shown_seed(form), {"code": wrong})
        return done(HERE, "code")

    async def _draw_code(
        self, request: Request, visitor: Visitor, seed: str = "", faults: dict[str, str] | None = None
    ) -> Response:
        if not self._may_enrol(visitor):
            return self._room.missing(request, visitor)
        if not seed:
            seed = (await self._room.at.accounts.begin_totp(visitor.user.id)).secret
        uri = totp.uri(seed, self._room.at.settings.site.name, visitor.user.email)
        status = 422 if faults else 200
        shown = {"seed": seed, "uri": uri, "qr": qr(uri), "faults": faults or {}}
        return self._room.draw(request, visitor, "code", "security", status, **shown)

    async def recovery(self, request: Request) -> Response:
        """Make new recovery codes; the old ones are void. The page that the browser is sent to shows them."""
        entered = await self._room.act(request, fresh=HERE)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        if not self._may_enrol(visitor):
            return self._room.missing(request, visitor)
        codes = await self._room.at.accounts.make_recovery_codes(visitor.user.id)
        response = RedirectResponse(CODES, 303)
        self._room.at.pages.once.give(response, visitor.signin.id, CODES, " ".join(codes))
        return response

    async def recovery_shown(self, request: Request) -> Response:
        """Show the codes that were just made, once."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        once = self._room.at.pages.once
        codes = once.read(request, visitor.signin.id, CODES).split()
        if not codes:
            return RedirectResponse(HERE, 303)
        return once.taken(self._room.draw(request, visitor, "recovery", "security", codes=codes))

    def _may_enrol(self, visitor: Visitor) -> bool:
        """Say whether a second factor may be made here: by whoever has one already, or came by a fresh invitation. A
        password alone, which may be stolen, does not enrol one (attack D9)."""
        invited = visitor.standing.factors.get(Factor.INVITATION, 0.0)
        return visitor.standing.has_code or self._room.at.clock.now() - invited <= flow.RECENT
