"""``gatepost doctor``: looks at a running installation as an operator would, from the files to the last upstream,
and says for
each thing what it saw and what to do. It changes nothing."""

import argparse
import json
import socket
from collections.abc import Iterator
from dataclasses import asdict

from gatepost.admin_client import AdminCalls
from gatepost.household.check import show
from gatepost.household.configuration import find, load
from gatepost.household.inspection import inspect
from gatepost.household.probes import endpoint
from gatepost.household.transport import answers, open_client
from idp.admin.health import Row, State
from kernel.config.settings import Backend, Endpoint, Settings

NAME = "doctor"
PATIENCE = 3.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="examine this installation and what stands behind it")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace) -> int:
    """Examine everything; 1 when something is bad."""
    settings = load(find(args.config))
    rows = list(examine(settings))
    if args.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        show(rows)
    return 1 if any(row.state is State.BAD for row in rows) else 0


def examine(settings: Settings) -> Iterator[Row]:
    """Yield every row: files first, then processes, ports, upstreams, and what the identity side knows of itself."""
    yield from inspect(settings)
    for name, path in (("identity side", settings.authority_socket), ("admin socket", settings.admin_socket)):
        there = answers(path)
        yield Row(name, State.GOOD if there else State.BAD, str(path), "" if there else "start it: `gatepost serve`")
    for listener in settings.listen:
        yield _port(f"port {listener.name}", listener.address, "is `gatepost serve` running, and the port free?")
    for backend in settings.backends:
        yield from _backend(backend)
    for route in settings.routes:
        for upstream in route.upstreams:
            yield _port(f"upstream of {route.name}", endpoint(upstream), "start the application, or mend `upstreams`")
    with open_client(settings) as client:
        yield from _own(client)


def _backend(backend: Backend) -> Iterator[Row]:
    for service, upstream in backend.upstreams:
        yield _port(f"{service} of {backend.name}", upstream.address, "start the mail server, or mend `address`")


def _port(name: str, address: Endpoint, advice: str) -> Row:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104 - a wildcard to look at
    try:
        socket.create_connection((host, address.port), PATIENCE).close()
    except OSError as error:
        return Row(name, State.BAD, f"{address}: {error.strerror or error}", advice)
    return Row(name, State.GOOD, f"{address} answers")


def _own(client: AdminCalls) -> Iterator[Row]:
    """Ask the identity side how it is, and whether the audit chain holds."""
    status, health = client.call("GET", "/health")
    for row in health.get("rows", []):
        if row.get("about"):  # a port or certificate, which was looked at from here already
            continue
        yield Row(row["name"], State(row["state"]), row["seen"], row.get("advice", ""))
    if status != 200:
        yield Row("health", State.BAD, str(health.get("error", status)), "look at the server's log")
    _, chain = client.call("GET", "/audit/verify")
    fault = str(chain.get("fault") or chain.get("error") or "")
    seen = fault or f"{chain.get('entries', 0)} entries hold"
    advice = "somebody or something changed the log; keep a copy of the disk and find out who" if fault else ""
    yield Row("audit chain", State.BAD if fault else State.GOOD, seen, advice)
