"""What the console's health page looks at beyond the identity side itself: certificates, mail backends, web upstreams.

A probe opens a connection and closes it again; it sends nothing, and never waits longer than ``PATIENCE``.
"""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

from gatepost.household.inspection import certificate
from idp.admin.health import Probe, Row, State
from kernel.config.settings import Endpoint, Listener, Settings, Tls

PATIENCE = 3.0


def probes(settings: Settings) -> tuple[Probe, ...]:
    """Return a probe for everything that this installation stands on."""
    ports = (_port(name, about, address) for name, about, address in _addresses(settings))
    return (*(_certificate(listener) for listener in settings.listen if listener.tls is not Tls.NONE), *ports)


def _addresses(settings: Settings) -> Iterator[tuple[str, str, Endpoint]]:
    for backend in settings.backends:
        for service, upstream in backend.upstreams:
            yield f"backend-{service}", backend.name, upstream.address
    for route in settings.routes:
        for address in route.upstreams:
            yield "upstream", route.name, endpoint(address)


def endpoint(url: str) -> Endpoint:
    """Return host and port of an upstream's address."""
    parts = urlsplit(url)
    return Endpoint(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def _certificate(listener: Listener) -> Probe:
    async def look() -> Row:
        found = await asyncio.to_thread(certificate, listener)
        return Row("certificate", found.state, found.seen.removeprefix("good until "), found.advice, listener.name)

    return look


def _port(name: str, about: str, address: Endpoint) -> Probe:
    async def look() -> Row:
        try:
            async with asyncio.timeout(PATIENCE):
                _, writer = await asyncio.open_connection(address.host, address.port)
        except OSError as fault:  # a TimeoutError is one
            why = fault.strerror or type(fault).__name__
            return Row(name, State.BAD, f"{address}: {why}", "start it, or mend its address", about)
        writer.close()
        return Row(name, State.GOOD, str(address), "", about)

    return look
