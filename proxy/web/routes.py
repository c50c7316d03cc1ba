"""Which application a request is for: by host and by the longest path, both in normal form. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from kernel.config.settings import Route
from proxy.web.paths import normal_host

OWN_PREFIX = b"/.gatepost/"
FOR_DEVICES = (b"/device/", b"/ca/", b"/.well-known/est/")
"""What the identity side serves at the host where devices show their certificate."""


@dataclass(frozen=True, slots=True)
class Place:
    """One route as the engine needs it: its prefix as octets with a slash at the end, and its normal host."""

    route: Route
    host: str
    prefix: bytes


class RouteTable:
    """Every route of this installation, and the host of the identity pages.

    Raises:
        Bad: a host in the configuration is malformed.
    """

    def __init__(self, routes: Iterable[Route], issuer: str, devices_host: str = "") -> None:
        self.issuer_host = normal_host(urlsplit(issuer).netloc.encode())
        self.devices_host = normal_host(devices_host.encode()) if devices_host else ""
        self._hosts: dict[str, list[Place]] = {}
        for route in routes:
            for name in filter(None, (route.host, route.certificate_host)):
                host = normal_host(name.encode())
                place = Place(route, host, route.path.rstrip("/").encode() + b"/")
                self._hosts.setdefault(host, []).append(place)
        for places in self._hosts.values():
            places.sort(key=lambda place: len(place.prefix), reverse=True)

    def __iter__(self) -> Iterator[Place]:
        return (place for places in self._hosts.values() for place in places)

    def knows(self, host: str) -> bool:
        """Say whether this host is one of ours."""
        return host in (self.issuer_host, self.devices_host) or host in self._hosts

    def is_pages(self, host: str, path: bytes) -> bool:
        """Say whether the identity side answers at this host and path."""
        if self.on(host):
            return False
        return host == self.issuer_host or (host == self.devices_host and path.startswith(FOR_DEVICES))

    def find(self, host: str, path: bytes) -> Place | None:
        """Return the route of a normal host and path, or None."""
        for place in self._hosts.get(host, ()):
            prefix = place.prefix
            if path.startswith(prefix) or path == prefix[:-1]:
                return place
        return None

    def on(self, host: str) -> list[Place]:
        """Return every route of a host."""
        return self._hosts.get(host, [])
