"""Where a browser may be sent on to: our own pages and the routes that we guard, nothing else. Pure.

A return address is a path on the identity host (``/portal``), or a full address whose origin is ours or a route's.
Whatever browsers and parsers could read differently (backslashes, control characters, ``//host``, user info) is no
address at all.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qs, urlsplit

from kernel.config.settings import Route

LONGEST: Final = 4096
_PRINTABLE = re.compile(r"[!-\[\]-~]+\Z")  # ASCII without space, control characters and the backslash
_ORIGIN = re.compile(r"(https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?)(?:[/?#]|\Z)", re.ASCII)
_SCHEME = re.compile(r"([a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:)", re.ASCII)


class Returns:
    """Judges return addresses for one installation."""

    def __init__(self, issuer: str, routes: Iterable[Route]) -> None:
        self.issuer = issuer.rstrip("/")
        self.routes = {route.name: route for route in routes}
        self._origins = {self.issuer} | {origin_of(route) for route in self.routes.values()}

    def safe(self, address: str, fallback: str = "/portal") -> str:
        """Return the address when a browser may be sent there, else ``fallback``."""
        if not address or len(address) > LONGEST or not _PRINTABLE.match(address):
            return fallback
        if address.startswith("/"):
            return fallback if address.startswith("//") else address
        found = _ORIGIN.match(address)
        return address if found and found[1] in self._origins else fallback

    def at_route(self, route: Route, path: str) -> str:
        """Return the full address of a path at a route; a path that is none becomes the route's root."""
        return origin_of(route) + self.path(path, route.path)

    def path(self, path: str, fallback: str = "/") -> str:
        """Return ``path`` when it is a plain path on whichever host it is put, else ``fallback``."""
        safe = self.safe(path, fallback)
        return safe if safe.startswith("/") else fallback

    def ends_at(self, address: str, depth: int = 3) -> tuple[str, ...]:
        """Return the foreign origins that going to our own page ``address`` may redirect to, for ``form-action``."""
        if depth == 0 or not address.startswith("/"):
            found = _ORIGIN.match(address)
            return (found[1],) if found and found[1] in self._origins - {self.issuer} else ()
        parts = urlsplit(address)
        asked = {name: values[-1] for name, values in parse_qs(parts.query, max_num_fields=100).items()}
        if parts.path in ("/enter", "/prove") and asked.get("route", "") in self.routes:
            return (origin_of(self.routes[asked["route"]]),)
        if parts.path == "/oauth2/authorize":
            return client_origin(asked.get("redirect_uri", ""))
        return self.ends_at(asked["to"], depth - 1) if "to" in asked else ()


def origin_of(route: Route) -> str:
    """Return the origin under which browsers know a route."""
    return f"https://{route.host}"


def client_origin(redirect_uri: str) -> tuple[str, ...]:
    """Return what ``form-action`` must name so that a client's redirect address can be reached; empty when odd."""
    found = _ORIGIN.match(redirect_uri) or _SCHEME.match(redirect_uri)
    return (found[1],) if found else ()
