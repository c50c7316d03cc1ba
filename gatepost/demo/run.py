"""Runs a demo: prepares it if it is new, keeps its roles and backends running, shows what to open and type."""

import asyncio
import json
import secrets
import smtplib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from gatepost.demo import configuration, letters
from gatepost.demo.backends import embedded
from gatepost.demo.lab import laboratory, shortcomings
from gatepost.demo.plan import HOST, Plan
from gatepost.demo.seed import seed, write_facts
from gatepost.household.configuration import load
from gatepost.household.identity import open_identity
from gatepost.household.init import write_server_certificate
from gatepost.household.lifeline import stop_event
from gatepost.household.ports import claim
from gatepost.household.reloading import reload
from gatepost.household.serve import GRACE_BEYOND_DRAIN, roles, say
from gatepost.household.supervise import Supervisor
from idp.vault import Vault
from kernel.config.settings import Endpoint

MASTER = "gatepost"


async def run(plan: Plan) -> int:
    """Run the demo until SIGTERM, SIGINT or Ctrl-C; everything that was started is gone when this returns."""
    loop = asyncio.get_running_loop()
    reloads: list[Callable[[], None]] = []
    stop = stop_event(loop, lambda: [each() for each in reloads])
    fresh = not plan.facts.exists()
    if fresh:
        say("preparing people, devices and a policy")
        await prepare(plan)
    settings = load(plan.config)
    await claim({name: Endpoint("127.0.0.1", port) for name, port in plan.own_ports.items()})
    behind = await laboratory(plan) if plan.lab else embedded(plan)
    supervisor = Supervisor([*behind, *roles(settings)], settings.proxy.drain + GRACE_BEYOND_DRAIN, say)
    reloads.append(lambda: reload(settings, supervisor, say))
    running = asyncio.ensure_future(supervisor.run(stop))
    greeting = asyncio.ensure_future(_greet(plan, supervisor, fresh))
    await running
    greeting.cancel()
    return 0


async def prepare(plan: Plan) -> None:
    """Make configuration, state and people. ``demo.json`` comes last: a demo that was cut short begins anew."""
    plan.state.mkdir(mode=0o700, exist_ok=True)
    for left_over in plan.state.glob("**/*"):
        if left_over.is_file():
            left_over.unlink()
    Vault.create(plan.state / "vault.key")
    for name in ("mail.secret", "edge.secret"):
        plan.path(name).touch(0o600)
        plan.path(name).write_text(secrets.token_urlsafe(32), encoding="utf-8")
    plan.config.write_text(configuration.text(plan), encoding="utf-8")
    identity = open_identity(load(plan.config))
    try:
        await identity.load()
        write_server_certificate(identity, plan.directory, [HOST, "127.0.0.1", "::1"])
        write_facts(plan, await seed(identity, plan))
    finally:
        await identity.close()


async def _greet(plan: Plan, supervisor: Supervisor, fresh: bool) -> None:
    """Wait until everything serves, deliver the first letters to a fresh demo, and show the table."""
    await supervisor.ready.wait()
    delivered = plan.path("letters-delivered")
    if not delivered.exists():
        await asyncio.to_thread(_deliver, plan)
        delivered.touch()
    print(table(plan), flush=True)


def _deliver(plan: Plan) -> None:
    if plan.lab:
        with smtplib.LMTP("127.0.0.1", plan.ports["backend_lmtp"]) as lmtp:
            letters.deliver(lmtp)
        return
    with smtplib.SMTP("127.0.0.1", plan.ports["backend_smtp"], timeout=20) as smtp:
        smtp.ehlo()
        if "auth" in smtp.esmtp_features:
            smtp.user, smtp.password = MASTER, plan.path("mail.secret").read_text(encoding="utf-8").strip()
            smtp.auth("PLAIN", smtp.auth_plain)
        letters.deliver(smtp)


def table(plan: Plan) -> str:
    """Return what to open and type, as a short table for a terminal."""
    facts = json.loads(plan.facts.read_text(encoding="utf-8"))
    people = [("name", "password", "groups")]
    people += [(user["name"], user["password"], ", ".join(user["groups"])) for user in facts["users"]]
    ports = [f"{name} {port}" for name, port in plan.mail_ports.items()]
    lines = [
        "",
        f"  Gatepost {'lab' if plan.lab else 'demo'} is up. Trust {plan.ca} in your browser and mail client.",
        "",
        f"  webmail   {facts['webmail']}",
        f"  portal    {facts['portal']}",
        f"  console   {facts['console']}   (as ines)",
        f"  mail      localhost: {', '.join(ports)}; app passwords are in {plan.facts}",
        "",
        *_columns(people),
        "",
        f"  The second factor:  {_command(plan)} code alice",
        *(f"  {line}" for line in (shortcomings(plan) if plan.lab else [])),
        "  Ctrl-C ends everything; the state stays for the next time.",
        "",
    ]
    return "\n".join(lines)


def _command(plan: Plan) -> str:
    """Return what to type to reach this demo; from another directory than the usual one it must be named."""
    usual = Path("var", "lab" if plan.lab else "demo").absolute()
    elsewhere = "" if plan.directory == usual else f" --directory {plan.directory}"
    return f"{sys.executable} -m gatepost demo{' --lab' if plan.lab else ''}{elsewhere}"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
