"""What the proxy role of ``gatepost serve`` runs: one worker of the door. It loads nothing of the identity side."""

import asyncio
from collections.abc import Callable

from gatepost.geography.keeping import Say, open_geography
from gatepost.household.configuration import supervised
from gatepost.household.lifeline import announce_ready
from kernel.clock import SystemClock
from kernel.config.settings import Settings
from kernel.geography import Geography
from proxy.authority import AuthorityClient
from proxy.door import serve

Adopt = Callable[[Settings, Geography | None], None]


async def proxy_role(
    settings: Settings,
    stop: asyncio.Event,
    on_reload: Callable[[Callable[[Settings], None]], None],
    say: Say,
) -> None:
    """Run one proxy worker until ``stop``; ``on_reload`` is handed what puts other settings in force."""
    client = AuthorityClient(settings.authority_socket, SystemClock())
    geography = open_geography(settings, supervised=supervised(), say=say)
    await serve(settings, client, stop, announce_ready, lambda adopt: on_reload(Renewing(adopt, say).renew), geography)


class Renewing:
    """Puts other settings in force, one after the other: the files that tell of addresses are read beside the traffic,
    not in its way."""

    def __init__(self, adopt: Adopt, say: Say) -> None:
        self._adopt, self._say = adopt, say
        self._last: asyncio.Task[None] | None = None

    def renew(self, settings: Settings) -> None:
        """Begin to; returns at once."""
        self._last = asyncio.ensure_future(self._renew(settings, self._last))

    async def _renew(self, settings: Settings, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait({before})
        geography = await asyncio.to_thread(open_geography, settings, supervised=supervised(), say=self._say)
        self._adopt(settings, geography)
