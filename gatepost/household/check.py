"""``gatepost check``: reads the configuration as the server would, and looks at every file it names. Changes
nothing."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict

from gatepost.household.configuration import find, load
from gatepost.household.inspection import inspect
from idp.admin.health import Row, State

NAME = "check"
GOOD, BAD = 0, 2
MARKS = {State.GOOD: "ok", State.ATTENTION: "look", State.BAD: "BAD"}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="read the configuration and point at every fault")
    parser.add_argument("--show", action="store_true", help="print every setting with its value, defaults included")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace) -> int:
    """Check, and print what was found; 2 when something would keep the server from starting."""
    settings = load(find(args.config))
    rows = list(inspect(settings))
    if args.show:
        print(json.dumps(asdict(settings), indent=2, default=str))
    elif args.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        show(rows)
    return BAD if any(row.state is State.BAD for row in rows) else GOOD


def show(rows: Iterable[Row]) -> None:
    """Print rows as a table: state, name, what was seen; advice below."""
    for row in rows:
        print(f"{MARKS[row.state]:<5} {row.name:<28} {row.seen}")
        if row.advice:
            print(f"{'':<5} {'':<28} -> {row.advice}")
