"""The cookies of the identity pages: all ``__Host-`` (this host alone, Secure, Path=/), none readable by scripts.

``SIGNIN`` carries the only secret. ``DEVICE`` merely remembers which key this browser registered, so that we know to
ask for a proof; ``FAMILIAR`` keeps strangers' failures from shutting this browser out; ``WITHOUT`` names the sign-in
that goes on without a device. None of them proves anything. ``ONCE`` is sealed, see ``idp.web.once``.
"""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

SIGNIN: Final = "__Host-gatepost"
CSRF: Final = "__Host-gatepost-csrf"
LANGUAGE: Final = "__Host-gatepost-lang"
DEVICE: Final = "__Host-gatepost-device"
FAMILIAR: Final = "__Host-gatepost-familiar"
WITHOUT: Final = "__Host-gatepost-without"
ONCE: Final = "__Host-gatepost-once"

YEAR: Final = 365 * 86400
LONGEST: Final = 256
_PLAIN = re.compile(r"[A-Za-z0-9._~:-]+\Z")


def read(request: Request, name: str, longest: int = LONGEST) -> str:
    """Return the cookie's value, or ``""`` when it is absent, too long, not plain, or sent twice with two values."""
    found = set()
    for header in request.headers.getlist("cookie"):
        for pair in header[:16384].split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                found.add(value)
    if len(found) != 1:
        return ""
    value = found.pop()
    return value if len(value) <= longest and _PLAIN.match(value) else ""


def give(response: Response, name: str, value: str, *, seconds: int | None = None, strict: bool = False) -> None:
    """Set a cookie; without ``seconds`` it ends with the browser. ``strict``: never sent on a visit from elsewhere."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict" if strict else "lax",
    )


def drop(response: Response, name: str) -> None:
    """Tell the browser to forget a cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
