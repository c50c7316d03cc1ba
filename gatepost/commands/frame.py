"""What every command is made of: verbs with their arguments, one call to the API, and an answer shown or explained."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.showing import problem_lines

DONE, REFUSED, USAGE = 0, 1, 2

Words = argparse.Namespace
Subparsers = Any
"""argparse's own type is private."""

Act = Callable[[Words, AdminCalls], int]
Alone = Callable[[Words], int]
Show = Callable[[Json], Sequence[str]]


class Verbs:
    """The verbs of one command, such as ``add`` and ``list`` of ``gatepost user``."""

    def __init__(self, subparsers: Subparsers, name: str, about: str) -> None:
        parser = subparsers.add_parser(name, help=about, description=about)
        self._subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def add(
        self, name: str, about: str, act: Act, *arguments: tuple[str, Mapping[str, Any]], alone: Alone | None = None
    ) -> argparse.ArgumentParser:
        """Add one verb; ``arguments`` are names with argparse's keywords. Every verb understands ``--json``.

        ``alone`` does it without a server, for a command that knows such verbs.
        """
        parser: argparse.ArgumentParser = self._subparsers.add_parser(name, help=about, description=about)
        for argument, keywords in arguments:
            parser.add_argument(argument, **keywords)
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")
        parser.set_defaults(act=act, alone=alone)
        return parser

    def family(self, name: str, about: str) -> "Verbs":
        """Add a verb that has verbs of its own, such as ``start`` and ``stop`` of ``gatepost policy trial``."""
        return Verbs(self._subparsers, name, about)


def argument(name: str, about: str, **keywords: Any) -> tuple[str, Mapping[str, Any]]:
    """Return one argument of a verb."""
    return name, {"help": about, **keywords}


def flag(name: str, about: str) -> tuple[str, Mapping[str, Any]]:
    """Return a switch of a verb."""
    return name, {"help": about, "action": "store_true"}


def perform(args: Words, client: AdminCalls | None) -> int:
    """Run the verb that was chosen."""
    if client is None:
        raise ValueError("this verb needs the admin API")
    act: Act = args.act
    return act(args, client)


def order(
    args: Words,
    client: AdminCalls,
    method: str,
    path: str,
    body: Mapping[str, Any] | None,
    show: Show,
) -> int:
    """Make one call; print its answer, or why it was refused, and return the exit code."""
    status, answer = client.call(method, path, body)
    if status >= 400:
        return refused(args, answer)
    output(args, answer, show)
    return DONE


def output(args: Words, answer: Json, show: Show) -> None:
    """Print an answer as JSON or as lines."""
    if args.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for line in show(answer):
        print(line)


def refused(args: Words, answer: Json, text: str = "", source: str = "policy") -> int:
    """Print why something was refused; the places of problems are shown in ``text`` when it is at hand."""
    if args.json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return REFUSED
    for problem in answer.get("problems", ()):
        for line in problem_lines(problem, text, source):
            print(line, file=sys.stderr)
    print(f"gatepost: {answer.get('error', 'refused')}", file=sys.stderr)
    return REFUSED
