"""The API put together: every endpoint behind one gate."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.admin.acts import Acts
from idp.api import machines, people, policy, records
from idp.api.endpoint import HEADERS, Gate, route
from idp.api.gates import LocalGate

PREFIX = "/api/v1"


def api_routes(acts: Acts, gate: Gate, prefix: str = PREFIX) -> list[Route]:
    """Return every route of the API under ``prefix``, each behind ``gate``."""
    rooms = (people, machines, policy, records)
    return [route(prefix, endpoint, gate) for room in rooms for endpoint in room.endpoints(acts)]


def local_app(acts: Acts) -> Starlette:
    """Return the application of the local admin socket: the same routes, the socket's owner as actor."""
    return Starlette(routes=api_routes(acts, LocalGate()), exception_handlers={HTTPException: _problem})


async def _problem(request: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    error = {404: "there is no such address", 405: "this address knows no such method"}.get(status, "refused")
    return JSONResponse({"error": error, "problems": []}, status, headers=HEADERS)
