"""My sessions: what is open on my name right now, and which browsers are signed in; end any of them."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.portal.holdings import read_holdings
from idp.portal.room import Room, done
from idp.signins.history import odd
from idp.web.agents import agent_name
from kernel.reasons import Reason
from kernel.records.sessions import SignIn

LIST = "/portal/sessions"


class MySessions:
    """``/portal/sessions``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(LIST, self.list, methods=["GET"]),
            Route(LIST + "/{session_id}/end", self.end, methods=["POST"]),
            Route(LIST + "/signins/others/end", self.end_others, methods=["POST"]),
            Route(LIST + "/signins/{signin_id}/end", self.end_signin, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """Show live sessions and signed-in browsers."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        at, now = self._room.at, self._room.at.clock.now()
        held = await at.store.read(lambda tx: read_holdings(tx, visitor.user.id, now))
        live = sorted(at.live.by_user(visitor.user.id), key=lambda each: -each.since)
        return self._room.draw(
            request, visitor, "sessions", "sessions", held=held, live=live, agent_name=agent_name, odd=odd
        )

    async def end(self, request: Request) -> Response:
        """End one live session."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        at, wanted = self._room.at, request.path_params["session_id"]
        if wanted not in {each.id for each in at.live.by_user(visitor.user.id)}:
            return done(LIST, "ended")  # it is over already
        await at.live.end(wanted, visitor.actor)
        return done(LIST, "ended")

    async def end_signin(self, request: Request) -> Response:
        """Sign one browser out, with all that stands on it."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        wanted = request.path_params["signin_id"]
        signin = await self._room.at.store.read(lambda tx: tx.get(SignIn, wanted))
        if signin is None or signin.user_id != visitor.user.id:
            return self._room.missing(request, visitor)
        await self._room.at.signins.end(signin.id, visitor.actor, Reason.SIGNIN_ENDED)
        return RedirectResponse("/signed-out", 303) if signin.id == visitor.signin.id else done(LIST, "ended")

    async def end_others(self, request: Request) -> Response:
        """Sign every other browser out."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        at, now = self._room.at, self._room.at.clock.now()
        held = await at.store.read(lambda tx: read_holdings(tx, visitor.user.id, now))
        for signin in held.signins:
            if signin.id != visitor.signin.id:
                await at.signins.end(signin.id, visitor.actor, Reason.SIGNIN_ENDED)
        return done(LIST, "ended")
