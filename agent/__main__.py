"""The ``gatepost-agent`` command: enrol, run, report, status, configure, service.

0: done, or all is well. 1: something failed or needs attention. 2: usage, or not enrolled. 3: the server wants no more
reports of this device.
"""

import argparse
import json
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from agent import VERSION, clients, service
from agent.clients.account import NoServer, NotForTpm
from agent.keys import KeyTrouble
from agent.reporting import Reporter, enrol
from agent.server import Refusal, Server, Unreachable
from agent.signals import look
from agent.state import NotEnrolled, State
from agent.status import status
from agent.system import Machine
from agent.tpm import available, configuration
from agent.watching import FINAL, Watch

DONE, FAILED, USAGE, UNWANTED = 0, 1, 2, 3


def directory() -> Path:
    """Return where the agent keeps its state: the system's place for root, else the user's own."""
    if platform.system() == "Windows":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "Gatepost"
    if os.geteuid() == 0:
        return Path("/var/lib/gatepost-agent")
    return Path(os.environ.get("XDG_STATE_HOME", str(Path.home() / ".local/state"))) / "gatepost-agent"


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="gatepost-agent", description="Reports this device's posture to Gatepost.")
    top.add_argument("--state", type=Path, default=directory(), help="where key and certificate lie (%(default)s)")
    top.add_argument("--version", action="version", version=VERSION)
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    joins = verbs.add_parser("enrol", help="register this device with a one-time code")
    joins.add_argument("server", help="the address of the sign-in pages, such as https://id.example.com")
    joins.add_argument("--code", help="the one-time code; asked for if left out")
    joins.add_argument("--ca", type=Path, help="PEM file that verifies the server; else the system's authorities do")
    joins.add_argument(
        "--key", choices=("auto", "tpm", "file"), default="auto", help="where the key lives (%(default)s)"
    )
    verbs.add_parser("run", help="report every few minutes, and when something changes, until stopped")
    verbs.add_parser("report", help="report once, now")
    shows = verbs.add_parser("status", help="say how things stand")
    shows.add_argument("--json", action="store_true", help="print the answer as JSON")
    writes = verbs.add_parser("configure", help="print ready configuration for a program")
    writes.add_argument("program", choices=(*clients.CLIENTS, "openssl"))
    serves = verbs.add_parser("service", help="print the definition that runs the agent as a service")
    serves.add_argument("manager", choices=tuple(service.SERVICES))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    args = parser().parse_args(argv)
    state = State(args.state)
    try:
        return _VERBS[args.verb](state, args)
    except NotEnrolled as absent:
        print(f"gatepost-agent: {absent}", file=sys.stderr)
        return USAGE
    except Refusal as refusal:
        print(f"gatepost-agent: the server refused: {refusal}", file=sys.stderr)
        return UNWANTED if refusal.error in FINAL else FAILED
    except (Unreachable, KeyTrouble, NotForTpm, NoServer, OSError) as trouble:
        print(f"gatepost-agent: {trouble}", file=sys.stderr)
        return FAILED


def _enrol(state: State, args: argparse.Namespace) -> int:
    code = args.code or input("One-time code: ")
    kind = args.key if args.key != "auto" else ("tpm" if available() else "file")
    if args.ca:
        state.write(state.authority, args.ca.read_text(encoding="ascii"))
    address = args.server.rstrip("/")
    facts = enrol(state, _server(state, address), address, code, kind, look(Machine()))
    if kind == "tpm":
        state.write(state.directory / "openssl.cnf", configuration())
    print(f"Enrolled as {facts.device}, key in {'the TPM' if kind == 'tpm' else 'a file'} under {state.directory}.")
    return _report(state, args)


def _report(state: State, args: argparse.Namespace) -> int:
    facts = state.facts()
    answer = Reporter(state, _server(state, facts.server), time.time).report(look(Machine()))
    print(f"Counted. Trust: {answer['trust']}.")
    return DONE


def _run(state: State, args: argparse.Namespace) -> int:
    facts, stop = state.facts(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    reporter = Reporter(state, _server(state, facts.server), time.time)
    Watch(reporter, lambda: look(Machine()), lambda seconds: not stop.wait(seconds), _tell).run()
    return DONE


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _status(state: State, args: argparse.Namespace) -> int:
    found = status(state, look(Machine()), time.time())
    print(json.dumps({"code": found.code, "lines": found.lines}) if args.json else "\n".join(found.lines))
    return found.code


def _configure(state: State, args: argparse.Namespace) -> int:
    facts = state.facts()
    if args.program == "openssl":
        print(configuration(), end="")
        return DONE
    account = clients.Account.of(facts.mail, state, facts.keeper == "tpm", platform.system())
    print(clients.CLIENTS[args.program](account), end="")
    return DONE


def _service(state: State, args: argparse.Namespace) -> int:
    words = (sys.executable, *_program(), "--state", str(state.directory.absolute()), "run")
    print(service.SERVICES[args.manager](words, str(state.directory.absolute())), end="")
    return DONE


def _program() -> tuple[str, ...]:
    """Return how this program is named to Python: the one file that it came as, or its package."""
    file = Path(sys.argv[0]).absolute()
    return (str(file),) if file.suffix == ".pyz" else ("-m", "agent")


def _server(state: State, address: str) -> Server:
    return Server(address, state.authority if state.authority.exists() else None)


_VERBS = {
    "enrol": _enrol,
    "run": _run,
    "report": _report,
    "status": _status,
    "configure": _configure,
    "service": _service,
}


def entry() -> None:
    """Run as a program of one file."""
    sys.exit(main())


if __name__ == "__main__":
    entry()
