"""``gatepost serve``: runs every role of this machine and keeps them running; ``--role`` runs one alone."""

import argparse
import asyncio
import gc
import signal
import sys

from gatepost.household.configuration import find, load
from gatepost.household.lifeline import stop_event
from gatepost.household.supervise import Role, Supervisor, role_command
from kernel.config.settings import Settings

NAME = "serve"
IDP, PROXY = "idp", "proxy"
GRACE_BEYOND_DRAIN = 5.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="run the identity side and the proxies of this machine")
    parser.add_argument("--role", choices=(IDP, PROXY), help="run one role alone, unsupervised")


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    import uvloop  # here, and the roles below: the other commands start faster without them

    settings = load(find(args.config))
    if args.role:
        uvloop.run(_one(args.role, settings))
    else:
        uvloop.run(_all(settings))
    return 0


async def _one(role: str, settings: Settings) -> None:
    from gatepost.household.roles import identity_role, proxy_role

    stop = stop_event(asyncio.get_running_loop(), lambda: None)
    gc.freeze()
    await {IDP: identity_role, PROXY: proxy_role}[role](settings, stop)


async def _all(settings: Settings) -> None:
    supervisor = Supervisor(roles(settings), settings.proxy.drain + GRACE_BEYOND_DRAIN, say)
    loop = asyncio.get_running_loop()
    stop = stop_event(loop, lambda: supervisor.forward(signal.SIGHUP))
    running = asyncio.ensure_future(supervisor.run(stop))
    announcing = asyncio.ensure_future(_announce(supervisor))
    await running
    announcing.cancel()


async def _announce(supervisor: Supervisor) -> None:
    await supervisor.ready.wait()
    say("ready")


def roles(settings: Settings) -> list[Role]:
    """Return the roles of this machine: one identity side, and as many proxies as the configuration asks for."""
    config = ("--config", str(settings.source), "serve", "--role")
    proxies = [Role(f"proxy {number + 1}", role_command(*config, PROXY)) for number in range(settings.proxy.workers)]
    return [Role("idp", role_command(*config, IDP)), *proxies]


def say(line: str) -> None:
    """Print one line for the operator."""
    print(f"gatepost: {line}", file=sys.stderr, flush=True)
