"""AuthZEN over HTTPS (section 10): JSON in and out, errors as a message string; and what we publish of its addresses
(section 9)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.authzen.desk import Desk
from idp.authzen.entities import Json, Malformed, read_json
from idp.authzen.gate import ASK, SEARCH, ProgramGate, TurnedAway
from idp.authzen.searching import Searching
from idp.oidc.machines import Program
from kernel.problems import Unavailable

LARGEST = 256 * 1024
DEADLINE = 30.0
LONGEST_REQUEST_ID = 256
CACHED = {"Cache-Control": "public, max-age=300"}
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
METADATA = "/.well-known/authzen-configuration"

PATHS = {
    "access_evaluation_endpoint": "/access/v1/evaluation",
    "access_evaluations_endpoint": "/access/v1/evaluations",
    "search_subject_endpoint": "/access/v1/search/subject",
    "search_resource_endpoint": "/access/v1/search/resource",
    "search_action_endpoint": "/access/v1/search/action",
}

Work = Callable[[Program, Json], Awaitable[Any]]
_log = logging.getLogger("gatepost.authzen")


class AuthZen:
    """The decision point at one issuer."""

    def __init__(self, gate: ProgramGate, desk: Desk, searching: Searching, issuer: str) -> None:
        self._gate, self._issuer = gate, issuer
        self._table: dict[str, tuple[str, Work]] = {
            "access_evaluation_endpoint": (ASK, desk.evaluation),
            "access_evaluations_endpoint": (ASK, desk.evaluations),
            "search_subject_endpoint": (SEARCH, searching.subjects),
            "search_resource_endpoint": (SEARCH, searching.resources),
            "search_action_endpoint": (SEARCH, searching.actions),
        }

    def routes(self) -> list[Route]:
        """Return every route of the decision point."""
        asked = [Route(PATHS[name], self._endpoint(*row), methods=["POST"]) for name, row in self._table.items()]
        return [Route(METADATA, self._metadata, methods=["GET"]), *asked]

    async def _metadata(self, request: Request) -> Response:
        told = {name: self._issuer + path for name, path in PATHS.items()}
        return JSONResponse({"policy_decision_point": self._issuer, **told}, headers=CACHED)

    def _endpoint(self, scope: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            identified = _identified(request)
            try:
                program = await self._gate.admit(request.headers.get("authorization", ""), scope)
                with self._gate.turn(program):
                    async with asyncio.timeout(DEADLINE):
                        told = await work(program, await _body(request))
            except Exception as fault:
                return _refusal(fault, identified)
            return JSONResponse(told, headers={**PRIVATE, **identified})

        return answer


async def _body(request: Request) -> Json:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Malformed("send application/json")
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST:
            raise TurnedAway(413, f"a request may have at most {LARGEST} bytes")
    return read_json(bytes(content))


def _identified(request: Request) -> dict[str, str]:
    """Return the field that names the request, as the asker named it (section 10.1.3)."""
    given = request.headers.get("x-request-id", "")
    return {"X-Request-ID": given} if 0 < len(given) <= LONGEST_REQUEST_ID and given.isprintable() else {}


def _refusal(fault: Exception, identified: dict[str, str]) -> Response:
    """Answer with a status and a message string; what is our own fault says nothing of our insides."""
    headers = {**PRIVATE, **identified}
    match fault:
        case TurnedAway():
            more = {"WWW-Authenticate": fault.challenge} if fault.challenge else {}
            return JSONResponse(fault.why, fault.status, headers={**headers, **more})
        case Malformed():
            return JSONResponse(str(fault), 400, headers=headers)
        case Unavailable() | TimeoutError():
            return JSONResponse("not available now; try again shortly", 503, headers={**headers, "Retry-After": "5"})
        case _:
            _log.error("the decision point failed", exc_info=fault)
            return JSONResponse("something failed on our side", 500, headers=headers)
