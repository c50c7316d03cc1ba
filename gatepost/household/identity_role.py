"""What the identity role of ``gatepost serve`` runs: answers for proxies, pages, admin socket, couriers, sweepers.

A role that loses one of its parts ends, and is started again. The answers come first: what only the pages need is not
even loaded before proxies can ask.
"""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from gatepost.geography.keeping import Say, open_geography
from gatepost.household.configuration import supervised
from gatepost.household.identity import Identity, open_identity
from gatepost.household.lifeline import announce_ready
from idp.authority.server import AuthorityServer
from idp.oidc.logout import LogoutCourier
from idp.oidc.posting import Poster
from idp.signins.sweeping import Sweeper
from kernel.config.settings import Settings


async def identity_role(settings: Settings, stop: asyncio.Event, say: Say) -> None:
    """Run the identity side until ``stop``: answers for proxies, pages, admin socket, couriers."""
    identity = open_identity(settings, geography=open_geography(settings, supervised=supervised(), say=say))
    try:
        await identity.load()
        settings.authority_socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = AuthorityServer(identity.answers, identity.answers.live)
        await authority.start(settings.authority_socket)
        await _together(
            stop,
            [
                identity.judge.run(),
                identity.answers.run(),
                identity.acts.counting.run(),
                Sweeper(identity.store, identity.clock).run(),
                _courier(identity).run(),
                *await asyncio.to_thread(_doors, identity),
            ],
        )
        await authority.close()
    finally:
        await identity.close()


def _doors(identity: Identity) -> list[Coroutine[Any, Any, None]]:
    """Load the pages and the admin API, and return what serves them."""
    from gatepost.household.pages import pages_application
    from gatepost.household.sockets import PagesServer
    from idp.api.app import local_app
    from idp.api.local import LocalServer

    settings = identity.settings
    pages, admin = PagesServer(pages_application(identity)), LocalServer(local_app(identity.acts))
    return [pages.serve(settings.pages_socket), admin.serve(settings.admin_socket, announce_ready)]


def _courier(identity: Identity) -> LogoutCourier:
    settings = identity.settings
    poster = Poster(private=settings.idp.logout_networks, tls=identity.trust())
    return LogoutCourier(
        identity.store, identity.keys, poster, identity.clock, identity.chance, settings.site.issuer.rstrip("/")
    )


async def _together(stop: asyncio.Event, parts: list[Coroutine[Any, Any, None]]) -> None:
    """Run parts side by side until ``stop``, or until the first of them ends, which is a fault."""
    running = [asyncio.ensure_future(part) for part in parts]
    stopped = asyncio.ensure_future(stop.wait())
    done, _ = await asyncio.wait({stopped, *running}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopped, *running):
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for task in done - {stopped}:
        print(f"gatepost: a part of this role ended: {task.exception()!r}", file=sys.stderr)
        raise SystemExit(1)
