"""``gatepost serve``: runs every role of this machine and keeps them running; ``--role`` runs one alone."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from gatepost.household.configuration import find, keep_in_force, load, load_in_force
from gatepost.household.lifeline import stop_event
from gatepost.household.supervise import Role, Supervisor, role_command
from kernel.config.settings import Settings
from kernel.problems import Refused

NAME = "serve"
IDP, PROXY = "idp", "proxy"
GRACE_BEYOND_DRAIN = 5.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="run the identity side and the proxies of this machine")
    parser.add_argument("--role", choices=(IDP, PROXY), help="run one role alone, unsupervised")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    path = find(args.config)
    if args.role:
        _run(_one(args.role, load_in_force(path)))
    else:
        _run(_all(load(path)))
    return 0


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop, which costs a third; on asyncio's own loop where it is not to be had."""
    try:
        import uvloop  # here, and the roles below: the other commands start faster without them
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


async def _one(role: str, settings: Settings) -> None:
    """Run one role in this process, which loads that role's side of the house and no other."""
    reloads: list[Callable[[], None]] = []
    stop = stop_event(asyncio.get_running_loop(), lambda: [reload() for reload in reloads])
    if role == IDP:
        from gatepost.household.identity_role import identity_role

        gc.freeze()
        await identity_role(settings, stop)
    else:
        from gatepost.household.proxy_role import proxy_role

        await proxy_role(settings, stop, reloads.append)


async def _all(settings: Settings) -> None:
    supervisor = Supervisor(roles(settings), settings.proxy.drain + GRACE_BEYOND_DRAIN, say)
    loop = asyncio.get_running_loop()
    stop = stop_event(loop, lambda: reload(settings, supervisor))
    running = asyncio.ensure_future(supervisor.run(stop))
    announcing = asyncio.ensure_future(_announce(supervisor))
    await running
    announcing.cancel()


def reload(settings: Settings, supervisor: Supervisor) -> None:
    """Have certificates read anew, if the configuration is still a good one; say so loudly when it is not."""
    if settings.source is None:
        return
    try:
        fresh = load(settings.source)
    except Refused as refused:
        say(f"reload refused, the old configuration stays in force:\n{refused}")
        return
    if fresh != settings:
        say("the configuration has changed: restart to put it in force; certificates are read anew now")
    supervisor.forward(signal.SIGHUP)


async def _announce(supervisor: Supervisor) -> None:
    await supervisor.ready.wait()
    say("ready")


def roles(settings: Settings) -> list[Role]:
    """Return the roles of this machine: one identity side, and as many proxies as the configuration asks for.

    Raises:
        Refused: the configuration changed since ``settings`` were read, or cannot be kept for the roles.
    """
    config = ("--config", str(settings.source), "serve", "--role")
    told = keep_in_force(settings)
    names = [f"proxy {number + 1}" for number in range(settings.proxy.workers)]
    return [
        Role("idp", role_command(*config, IDP), told),
        *(Role(name, role_command(*config, PROXY), told) for name in names),
    ]


def say(line: str) -> None:
    """Print one line for the operator."""
    print(f"gatepost: {line}", file=sys.stderr, flush=True)
