"""How the command line reaches the admin API: the running server's local socket, or, when none runs, the same API
in this
very process. Either way it is the same application, with the same acts and the same audit."""

import asyncio
import getpass
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gatepost.admin_client import AdminCalls, AdminClient
from kernel.config.settings import Settings

if TYPE_CHECKING:
    from gatepost.household.identity import Identity


@contextmanager
def open_client(settings: Settings) -> Iterator[AdminCalls]:
    """Yield a way to call the admin API of the Gatepost that ``settings`` describes."""
    if answers(settings.admin_socket):
        yield AdminClient(settings.admin_socket)
        return
    # Imported here alone: with a server running, a command starts five times faster without the whole house.
    from gatepost.in_process import InProcessClient
    from idp.api.app import local_app
    from idp.api.local import with_peer

    with asyncio.Runner() as runner:
        identity = runner.run(_opened(settings))
        try:
            yield InProcessClient(with_peer(local_app(identity.acts), getpass.getuser()), runner)
        finally:
            runner.run(identity.close())


def answers(path: Path) -> bool:
    """Say whether something listens on a unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


async def _opened(settings: Settings) -> "Identity":
    from gatepost.geography.keeping import open_geography
    from gatepost.household.identity import open_identity

    geography = open_geography(settings, supervised=False, say=lambda line: print(f"gatepost: {line}", file=sys.stderr))
    identity = open_identity(settings, geography=geography)
    await identity.load()
    return identity
