"""One row of the API's table: method, path, act. Turns what an act returns or raises into a JSON answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.admin import policy_views, views
from idp.admin.actor import Actor
from idp.api.reading import Fields, Unreadable, body
from kernel.problems import Conflict, Invalid, Missing, Refused, Unavailable

SMALL = 64 * 1024
LARGE = 8 * 1024 * 1024
DEADLINE = 30.0
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_log = logging.getLogger("gatepost.api")


@dataclass(frozen=True, slots=True)
class Call:
    """One admitted request: who asks, from where, the path's names, the query and the body."""

    actor: Actor
    address: str
    path: Mapping[str, str]
    query: Fields
    body: Fields


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row. ``limit`` bounds the body in bytes, ``status`` is the answer's when the act succeeds."""

    method: str
    path: str
    run: Callable[[Call], Awaitable[Any]]
    status: int = 200
    limit: int = SMALL


@dataclass(frozen=True, slots=True)
class Admitted:
    """The gate lets this request act as ``actor``, coming from ``address``."""

    actor: Actor
    address: str = ""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The gate refuses. ``challenge`` is the WWW-Authenticate header of a 401."""

    status: int
    error: str
    challenge: str = ""


class Gate(Protocol):
    """Says who a request acts for."""

    async def admit(self, request: Request) -> Admitted | TurnedAway:
        """Return the actor, or why there is none."""
        ...


def route(prefix: str, endpoint: Endpoint, gate: Gate) -> Route:
    """Return the Starlette route of one row."""

    async def answer(request: Request) -> Response:
        admitted = await gate.admit(request)
        if isinstance(admitted, TurnedAway):
            return _turned_away(admitted)
        return await _answer(endpoint, request, admitted)

    return Route(prefix + endpoint.path, answer, methods=[endpoint.method])


def failure(fault: Exception) -> tuple[int, dict[str, Any]]:
    """Return status and body for what an act raised; what is not the caller's fault says nothing of our insides."""
    match fault:
        case Unreadable():
            return fault.status, {"error": str(fault), "problems": []}
        case Invalid():
            return 400, {
                "error": "the document is refused",
                "problems": [views.problem(each) for each in fault.problems],
            }
        case Conflict():
            return 409, {"error": str(fault), "problems": [], **policy_views.details(fault)}
        case Missing():
            return 404, {"error": str(fault), "problems": []}
        case Refused():
            return 400, {"error": str(fault), "problems": [], **policy_views.details(fault)}
        case Unavailable() | TimeoutError():
            return 503, {"error": "not available now; try again shortly", "problems": []}
        case _:
            return 500, {"error": "something failed on our side; see the server's log", "problems": []}


async def _answer(endpoint: Endpoint, request: Request, admitted: Admitted) -> Response:
    try:
        call = Call(
            admitted.actor,
            admitted.address,
            request.path_params,
            Fields(dict(request.query_params)),
            await body(request, endpoint.limit),
        )
        async with asyncio.timeout(DEADLINE):
            result = await endpoint.run(call)
    except Exception as fault:
        status, content = failure(fault)
        if status == 500:
            _log.exception("%s %s failed", endpoint.method, endpoint.path)
        return JSONResponse(content, status, headers=HEADERS)
    return JSONResponse(result, endpoint.status, headers=HEADERS)


def _turned_away(refusal: TurnedAway) -> Response:
    headers = {**HEADERS, **({"WWW-Authenticate": refusal.challenge} if refusal.challenge else {})}
    return JSONResponse({"error": refusal.error, "problems": []}, refusal.status, headers=headers)


def listed(items: Sequence[Any], view: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a list in the shape that every list of the API has."""
    return {"items": [view(each) for each in items]}
