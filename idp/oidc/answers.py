"""How we answer clients: JSON that nobody stores, and authorization responses by redirect or self-posting form.

Every authorization response, errors too, carries ``iss`` (RFC 9207).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from idp.oidc.addresses import origin
from idp.oidc.asking import Back, Turned
from idp.oidc.seams import Pages

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}


def json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return ``body`` as JSON that no cache keeps."""
    return JSONResponse(dict(body), status, headers={**NO_STORE, **(headers or {})})


def see_other(address: str) -> Response:
    """Send the browser on with GET: 303, so that no form it just posted is posted again (RFC 9700, section 4.12)."""
    return RedirectResponse(address, 303, headers={**NO_STORE, "Referrer-Policy": "no-referrer"})


class Responder:
    """Gives authorization responses."""

    def __init__(self, pages: Pages, issuer: str) -> None:
        self._pages, self._issuer = pages, issuer

    def give(self, request: Request, back: Back, **values: str) -> Response:
        """Answer the client with ``values``, its state and our name."""
        told = {**values, **({"state": back.state} if back.state else {}), "iss": self._issuer}
        if back.mode == "form_post":
            to = (origin(back.redirect_uri),)
            return self._pages.render(
                request, "oidc/form_post.html", forms_to=to, action=back.redirect_uri, fields=told
            )
        return see_other(_with_query(back.redirect_uri, told))

    def turn(self, request: Request, fault: Turned) -> Response:
        """Answer the client with an error."""
        return self.give(request, fault.back, error=fault.error, error_description=plain(fault.description))


def plain(text: str) -> str:
    """Return ``text`` with only the characters that an error_description may hold (RFC 6749, section 4.1.2.1)."""
    return "".join(char for char in text if " " <= char <= "~" and char not in '"\\')


def _with_query(uri: str, values: Mapping[str, str]) -> str:
    joint = "&" if "?" in uri else "?"
    return uri + joint + urlencode(values, quote_via=quote)
