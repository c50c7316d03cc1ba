"""Everything that one process's web door works with, in one place; made by ``proxy.web.web_listener``."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.authority import Authority
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import Bounds, Site
from proxy.asking import Asker
from proxy.guard import Guard
from proxy.leases import Leases
from proxy.relays.reactor import Reactor
from proxy.web.response import HSTS
from proxy.web.routes import RouteTable
from proxy.web.sessions import Sessions
from proxy.web.upstream import Upstream
from proxy.whereabouts import Networks


@dataclass(frozen=True, slots=True)
class WebHouse:
    """The dependencies of the web door. ``upstreams`` is by route name; ``pages`` leads to the identity side."""

    site: Site
    bounds: Bounds
    reactor: Reactor
    clock: Clock
    chance: Chance
    authority: Authority
    asker: Asker
    guard: Guard
    leases: Leases
    sessions: Sessions
    table: RouteTable
    upstreams: Mapping[str, Upstream]
    pages: Upstream
    trusted: Networks
    hsts: bytes = HSTS
