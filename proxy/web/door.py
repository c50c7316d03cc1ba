"""Builds the web door of one process from the configuration, and takes in the connections of its listeners."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from kernel.authority import Authority
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import Route, Settings
from proxy.asking import Asker
from proxy.guard import Guard
from proxy.leases import Leases
from proxy.relays.channel import Channel
from proxy.relays.dial import Dialer
from proxy.relays.listen import Listening
from proxy.relays.reactor import Reactor
from proxy.web.client import Client
from proxy.web.entry import Entry
from proxy.web.house import WebHouse
from proxy.web.response import HSTS
from proxy.web.routes import RouteTable
from proxy.web.sessions import Sessions
from proxy.web.upstream import Upstream, local_upstream, upstream_of
from proxy.whereabouts import networks

ALPN = ("http/1.1",)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What the whole proxy process shares, see ``proxy.door``."""

    reactor: Reactor
    dialer: Dialer
    authority: Authority
    asker: Asker
    guard: Guard
    leases: Leases
    clock: Clock
    chance: Chance


class WebDoor:
    """The web of one process."""

    def __init__(self, settings: Settings, near: Dependencies) -> None:
        """Set up the routes.

        Raises:
            Bad, ValueError: a route's host or upstream is malformed.
        """
        self.house = WebHouse(
            site=settings.site,
            bounds=settings.bounds,
            reactor=near.reactor,
            clock=near.clock,
            chance=near.chance,
            authority=near.authority,
            asker=near.asker,
            guard=near.guard,
            leases=near.leases,
            sessions=Sessions(near.leases, near.chance, near.reactor.deadlines),
            table=RouteTable(_carried(settings), settings.site.issuer, settings.site.certificate_host),
            upstreams=_upstreams(settings, near),
            pages=local_upstream(near.reactor, settings.pages_socket),
            trusted=networks(settings.proxy.trusted_proxies),
            hsts=b"" if urlsplit(settings.site.issuer).hostname == "localhost" else HSTS,
        )
        self._near = near
        self._entry = Entry(self.house)

    def adopt(self, settings: Settings) -> None:
        """Serve connections from now on by other routes, bounds and texts. Sessions live on, and so do connections.

        Raises:
            Bad, ValueError: a route's host or upstream is malformed; everything stays as it was.
        """
        self.house = replace(
            self.house,
            site=settings.site,
            bounds=settings.bounds,
            table=RouteTable(_carried(settings), settings.site.issuer, settings.site.certificate_host),
            upstreams=_upstreams(settings, self._near),
            trusted=networks(settings.proxy.trusted_proxies),
        )
        self._entry = Entry(self.house)

    def arrived(self, channel: Channel, _: Listening) -> None:
        """Take in a connection whose TLS, if any, is done."""
        Client(self.house, self._entry, channel)

    def close(self) -> None:
        """Let go of the idle connections to applications."""
        for upstream in (*self.house.upstreams.values(), self.house.pages):
            upstream.close()


def _carried(settings: Settings) -> list[Route]:
    """Return the routes that are ours to carry; for the others somebody asks us (``proxy.decisions``)."""
    return [route for route in settings.routes if not route.enforcers]


def _upstreams(settings: Settings, near: Dependencies) -> dict[str, Upstream]:
    carried = _carried(settings)
    return {route.name: upstream_of(near.reactor, near.dialer, route.upstreams, route.ca) for route in carried}
