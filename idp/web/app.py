"""The identity side's pages as one application: the rooms' routes in one list, and every fault answered by a page.

Listens on no port of its own: the proxy carries it over a unix socket, and tells who is at the other end.
"""

import logging
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from idp.web.bodies import TooLarge
from idp.web.forms import BadForm
from idp.web.pages import Pages
from kernel.problems import Missing, Unavailable

log = logging.getLogger("gatepost.pages")
MACHINES = (
    "/access/",
    *("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/userinfo"),
    *("/api/", "/ca/", "/device/", "/.well-known/est/"),
)
"""Paths that programs ask: their faults are JSON."""


def pages_app(pages: Pages, *rooms: Sequence[BaseRoute]) -> Starlette:
    """Return the application that serves the rooms' routes (sign-in, portal, provider, console, API) and the static
    files. Earlier rooms come first where paths meet."""
    faults = _Faults(pages)
    return Starlette(
        routes=[*pages.assets.routes(), *(route for room in rooms for route in room)],
        exception_handlers={
            BadForm: faults.bad_form,
            TooLarge: faults.too_large,
            HTTPException: faults.http,
            Missing: faults.missing,
            Unavailable: faults.unavailable,
            ClientDisconnect: faults.gone,
            500: faults.broken,
        },
    )


class _Faults:
    """Turns exceptions into pages; no stranger ever reads an exception's text."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def bad_form(self, request: Request, fault: Exception) -> Response:
        return self._answer(request, fault.status if isinstance(fault, BadForm) else 400)

    async def too_large(self, request: Request, fault: Exception) -> Response:
        del fault
        return self._answer(request, 413)

    async def http(self, request: Request, fault: Exception) -> Response:
        return self._answer(request, fault.status_code if isinstance(fault, HTTPException) else 500)

    async def missing(self, request: Request, fault: Exception) -> Response:
        del fault
        return self._answer(request, 404)

    async def unavailable(self, request: Request, fault: Exception) -> Response:
        log.warning("cannot answer %s: %s", request.url.path, fault)
        return self._answer(request, 503)

    async def gone(self, request: Request, fault: Exception) -> Response:
        """Say nothing: whoever sent half a request is no fault of ours, and must not fill the log."""
        del fault
        return Response(status_code=400)

    async def broken(self, request: Request, fault: Exception) -> Response:
        log.error("fault at %s %s", request.method, request.url.path, exc_info=fault)
        return self._answer(request, 500)

    def _answer(self, request: Request, status: int) -> Response:
        if request.url.path.startswith(MACHINES):
            return JSONResponse({"error": "server_error" if status >= 500 else "invalid_request"}, status)
        return self._pages.problem(request, status)
