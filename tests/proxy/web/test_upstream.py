"""Which servers a route's upstreams are, and what they are verified with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from kernel.config.settings import Endpoint, Tls
from kernel.config.settings import Upstream as Server
from proxy.relays.dial import Dialer
from proxy.relays.reactor import Reactor
from proxy.web.upstream import upstream_of

OWN = Path("/etc/gatepost/own.pem")


class Asked:
    """A dialer that only writes down whom it was asked for."""

    def __init__(self) -> None:
        self.servers: list[Server] = []

    def dial(self, server: Server, then: Callable[..., None]) -> None:
        self.servers.append(server)


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("https://app.example:8443", Server(Endpoint("app.example", 8443), Tls.IMPLICIT, OWN)),
        ("https://app.example", Server(Endpoint("app.example", 443), Tls.IMPLICIT, OWN)),
        ("http://[::1]:8080", Server(Endpoint("::1", 8080), Tls.NONE)),
    ],
)
def test_an_own_authority_verifies_what_is_reached_over_tls(address: str, server: Server) -> None:
    dialer = Asked()
    upstream = upstream_of(cast(Reactor, None), cast(Dialer, dialer), (address,), OWN)
    nobody: Callable[[Any], None] = lambda came: None  # noqa: E731
    upstream.origins[0].reach(nobody)
    assert dialer.servers == [server]


def test_a_route_without_any_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        upstream_of(cast(Reactor, None), cast(Dialer, None), ())
