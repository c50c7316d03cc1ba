"""Sees that every port we are about to open is ours alone. Several workers share a port on purpose (SO_REUSEPORT), so
the system itself would let another Gatepost of the same user share it too, and hand it some of our connections."""

import asyncio
import socket
from collections.abc import Mapping

from kernel.config.settings import Endpoint, Settings
from kernel.problems import Refused

PATIENCE = 5.0
"""Seconds that an earlier Gatepost has to let go of its ports: it may have been killed a moment ago."""
PAUSE = 0.1


def public_ports(settings: Settings) -> dict[str, Endpoint]:
    """Return the ports that the proxies of this machine will open: listener's name -> address."""
    return {listener.name: listener.address for listener in settings.listen}


async def claim(ports: Mapping[str, Endpoint], patience: float = PATIENCE) -> None:
    """Return once every port is free.

    Raises:
        Refused: one is not, even after ``patience`` seconds, or may not be opened by this user.
    """
    for _ in range(max(1, round(patience / PAUSE))):
        if not taken(ports):
            return
        await asyncio.sleep(PAUSE)
    if faults := taken(ports):
        raise Refused("; ".join(f"port {ports[name]} of `{name}`: {why}" for name, why in faults.items()))


def taken(ports: Mapping[str, Endpoint]) -> dict[str, str]:
    """Return why ports cannot be opened now, by name."""
    found = {name: _fault(address) for name, address in ports.items()}
    return {name: why for name, why in found.items() if why}


def _fault(address: Endpoint) -> str:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            return error.strerror or str(error)
    return ""
