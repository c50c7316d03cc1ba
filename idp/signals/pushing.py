"""Where transmitters post their events (RFC 8935): POST /signals/push/{source}, a token, a bearer; 202 or why not.

Owns the wire alone. A source that is not configured looks like one whose secret is wrong.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.signals.faults import GENUINE, SignalFault, error_of
from idp.signals.hearing import Hearing
from idp.signals.sets import MOST_OCTETS
from idp.web.bodies import TooLarge, bounded
from idp.web.peer import peer_of
from kernel.problems import Unavailable

PATH: Final = "/signals/push"
CONTENT: Final = "application/secevent+jwt"
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
AT_ONCE: Final = 32


class PushPages:
    """``/signals/push``. ``sources``: those that push, by name."""

    def __init__(self, sources: Mapping[str, Hearing]) -> None:
        self._sources = sources
        self._turns = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route(f"{PATH}/{{source}}", self.push, methods=["POST"])]

    async def push(self, request: Request) -> Response:
        """Hear one token."""
        source = self._sources.get(request.path_params["source"])
        address = peer_of(request).address
        if source is None or not await source.admit(request.headers.get("authorization", ""), address):
            return _refusal(401, SignalFault.SECRET)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            text = (await bounded(request, MOST_OCTETS)).decode("ascii") if kind == CONTENT else ""
        except (UnicodeDecodeError, TooLarge):
            text = ""
        async with self._turns:
            try:
                fault = await source.take(text, address)
            except Unavailable:
                return Response(status_code=503, headers={**HEADERS, "Retry-After": "5"})
        if fault is None or fault in GENUINE:
            return Response(status_code=202, headers=HEADERS)
        return _refusal(400, fault)


def _refusal(status: int, fault: SignalFault) -> Response:
    headers = {**HEADERS, "Content-Language": "en"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(error_of(fault), status, headers=headers)
