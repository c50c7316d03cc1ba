"""Where requests go: the servers of one application, their idle connections, and which of them seem well.

Balancing is round robin over those that answered last; one that fails rests for a while, and is tried all the same when
nobody else is left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from kernel.config.settings import Endpoint, Tls
from kernel.config.settings import Upstream as Server
from proxy.relays.channel import Channel
from proxy.relays.dial import Dialer
from proxy.relays.local import connect_local
from proxy.relays.reactor import Reactor
from proxy.web.link import Link

IDLE_LINKS = 64
IDLE_SECONDS = 60.0
REST_SECONDS = 5.0

Then = Callable[[Link | Exception], None]


class Reach(Protocol):
    """One way to a server."""

    def __call__(self, then: Callable[[Channel | Exception], None]) -> None:
        """Call ``then`` with a channel or with what went wrong."""
        ...


@dataclass(slots=True)
class Origin:
    """One server. ``host`` is what it is asked for where the client's own host is not kept."""

    name: str
    host: bytes
    reach: Reach
    idle: list[Link]
    down_until: float = 0.0


class Upstream:
    """The servers of one application."""

    def __init__(self, reactor: Reactor, origins: Sequence[Origin]) -> None:
        self._reactor = reactor
        self._origins = list(origins)
        self._turn = 0

    @property
    def origins(self) -> Sequence[Origin]:
        """Every server, for the state of health."""
        return self._origins

    def take(self) -> Link | None:
        """Return an idle connection, if there is one."""
        for origin in self._origins:
            if origin.idle:
                link = origin.idle.pop()
                link.used = True
                return link
        return None

    def open(self, then: Then) -> None:
        """Call ``then`` with a new connection, or with what went wrong at the last server that was tried."""
        self._try(self._in_turn(), then)

    def give_back(self, link: Link) -> None:
        """Keep a connection whose exchange is over for the next one."""
        origin = link.origin
        origin.down_until = 0.0
        if len(origin.idle) >= IDLE_LINKS:
            link.drop()
            return
        origin.idle.append(link)
        link.rest(IDLE_SECONDS)

    def failed(self, origin: Origin) -> None:
        """Note that a server did not answer."""
        origin.down_until = self._reactor.clock.monotonic() + REST_SECONDS

    def close(self) -> None:
        """Let go of every idle connection."""
        for origin in self._origins:
            for link in origin.idle:
                link.drop()
            origin.idle.clear()

    def _in_turn(self) -> list[Origin]:
        now, origins = self._reactor.clock.monotonic(), self._origins
        self._turn = (self._turn + 1) % len(origins)
        ordered = origins[self._turn :] + origins[: self._turn]
        return sorted(ordered, key=lambda origin: origin.down_until > now)

    def _try(self, origins: list[Origin], then: Then) -> None:
        origin, others = origins[0], origins[1:]

        def reached(channel: Channel | Exception) -> None:
            if not isinstance(channel, Exception):
                then(Link(self, origin, channel))
                return
            self.failed(origin)
            if others:
                self._try(others, then)
            else:
                then(channel)

        origin.reach(reached)


def upstream_of(reactor: Reactor, dialer: Dialer, urls: Sequence[str], ca: Path | None = None) -> Upstream:
    """Return the upstream of ``http://``, ``https://`` and ``unix:`` addresses. ``ca``: PEM file that verifies https.

    Raises:
        ValueError: an address of another kind, or none.
    """
    if not urls:
        raise ValueError("a route needs at least one upstream")
    return Upstream(reactor, [_origin(reactor, dialer, url, ca) for url in urls])


def local_upstream(reactor: Reactor, path: Path) -> Upstream:
    """Return the upstream of a unix socket."""
    return Upstream(reactor, [Origin(str(path), b"localhost", _local(reactor, path), [])])


def _origin(reactor: Reactor, dialer: Dialer, url: str, ca: Path | None) -> Origin:
    if url.startswith("unix:"):
        return Origin(url, b"localhost", _local(reactor, Path(url.removeprefix("unix:"))), [])
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"an upstream is http://host:port, https://host:port or unix:/path, not {url}")
    secure = parts.scheme == "https"
    address = Endpoint(parts.hostname, parts.port or (443 if secure else 80))
    server = Server(address, Tls.IMPLICIT if secure else Tls.NONE, ca if secure else None)

    def reach(then: Callable[[Channel | Exception], None]) -> None:
        dialer.dial(server, then)

    return Origin(url, parts.netloc.rpartition("@")[2].encode("ascii"), reach, [])


def _local(reactor: Reactor, path: Path) -> Reach:
    def reach(then: Callable[[Channel | Exception], None]) -> None:
        try:
            channel = connect_local(reactor, path)
        except OSError as trouble:
            then(trouble)
            return
        then(channel)

    return reach
