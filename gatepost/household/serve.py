"""``gatepost serve``: runs every role of this machine and keeps them running; ``--role`` runs one alone."""

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from gatepost.geography.keeping import keep
from gatepost.household.configuration import find, keep_in_force, load, load_in_force
from gatepost.household.lifeline import stop_event
from gatepost.household.ports import claim, public_ports
from gatepost.household.reloading import Renewal, fresh_settings, reload
from gatepost.household.supervise import Role, Supervisor, role_command
from kernel.config.settings import Settings

R = TypeVar("R")
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
    if not args.role:
        _run(_all(load(path)))
    elif args.role == IDP:
        renewal = _run(_identity(load_in_force(path)))
        renewal.begin_anew()
    else:
        _run_proxy(_proxy(load_in_force(path)))
    return 0


def _run_proxy(work: Coroutine[Any, Any, None]) -> None:
    """Run on the loop that serves channels itself."""
    from proxy.relays.loop import channel_loop

    with asyncio.Runner(loop_factory=channel_loop) as runner:
        runner.run(work)


def _run(work: Coroutine[Any, Any, R]) -> R:
    """Run on uvloop, which costs a third; on asyncio's own loop where it is not to be had."""
    try:
        import uvloop  # here, and the roles below: the other commands start faster without them
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


async def _identity(settings: Settings) -> Renewal:
    """Run the identity side in this process, which loads no other; return whether to begin anew."""
    looks: list[Callable[[], None]] = []
    stop = stop_event(asyncio.get_running_loop(), lambda: [look() for look in looks])
    renewal = Renewal(settings, stop, say)
    looks.append(renewal.look)
    from gatepost.household.identity_role import identity_role

    gc.freeze()
    await identity_role(settings, stop, say)
    return renewal


async def _proxy(settings: Settings) -> None:
    """Run one proxy worker in this process, which loads nothing of the identity side."""
    adopts: list[Callable[[Settings], None]] = []

    def look() -> None:
        fresh = fresh_settings(settings, say)
        if fresh is not None:
            for adopt in adopts:
                adopt(fresh)

    stop = stop_event(asyncio.get_running_loop(), look)
    from gatepost.household.proxy_role import proxy_role

    await proxy_role(settings, stop, adopts.append, say)


async def _all(settings: Settings) -> None:
    await claim(public_ports(settings))
    supervisor = Supervisor(roles(settings), settings.proxy.drain + GRACE_BEYOND_DRAIN, say)
    loop = asyncio.get_running_loop()
    stop = stop_event(loop, lambda: reload(settings, supervisor, say))
    running = asyncio.ensure_future(supervisor.run(stop))
    announcing = asyncio.ensure_future(_announce(supervisor))
    await running
    announcing.cancel()


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
    keep(settings, say)
    names = [f"proxy {number + 1}" for number in range(settings.proxy.workers)]
    return [
        Role("idp", role_command(*config, IDP), told),
        *(Role(name, role_command(*config, PROXY), told) for name in names),
    ]


def say(line: str) -> None:
    """Print one line for the operator."""
    print(f"gatepost: {line}", file=sys.stderr, flush=True)
