"""What the proxy role of ``gatepost serve`` runs: one worker of the door. It loads nothing of the identity side."""

import asyncio
from collections.abc import Callable

from gatepost.household.lifeline import announce_ready
from kernel.clock import SystemClock
from kernel.config.settings import Settings
from proxy.authority import AuthorityClient
from proxy.door import serve


async def proxy_role(
    settings: Settings, stop: asyncio.Event, on_reload: Callable[[Callable[[Settings], None]], None]
) -> None:
    """Run one proxy worker until ``stop``; ``on_reload`` is handed what puts other settings in force."""
    client = AuthorityClient(settings.authority_socket, SystemClock())
    await serve(settings, client, stop, announce_ready, on_reload)
