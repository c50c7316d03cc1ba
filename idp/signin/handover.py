"""The hand-over to web routes: who is signed in, and allowed, goes there with a ticket that works once, for seconds."""

import re
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.returns import origin_of

_STATE = re.compile(r"[A-Za-z0-9._~-]{1,256}\Z")


class HandOver:
    """``/enter``: judged by the policy for the route's name, as the proxy will judge it again."""

    def __init__(self, at: Neighbours, gate: SignInGate) -> None:
        self._at, self._gate = at, gate

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/enter", self.enter, methods=["GET"])]

    async def enter(self, request: Request) -> Response:
        """Send the browser to the route's ``/.gatepost/return`` with a ticket; ``state`` binds it to that browser."""
        route = self._gate.returns.routes.get(request.query_params.get("route", ""))
        state = request.query_params.get("state", "")
        if route is None:
            return self._at.pages.problem(request, 404)
        if not _STATE.match(state):
            return self._at.pages.problem(request, 400)
        visitor = await self._gate.admit(request, route.name)
        if isinstance(visitor, Response):
            return visitor
        ticket = await self._at.signins.issue_ticket(visitor.signin.id, route.name, state)
        query = urlencode({"ticket": ticket, "state": state})
        return RedirectResponse(f"{origin_of(route)}/.gatepost/return?{query}", 303, {"Cache-Control": "no-store"})
