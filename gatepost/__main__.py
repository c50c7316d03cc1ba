"""The ``gatepost`` command: finds the subcommand, runs it, and turns what went wrong into words and an exit code.

0: done. 1: refused or failed. 2: usage or configuration.
"""

import argparse
import sys
from collections.abc import Sequence

from gatepost.commands import COMMANDS
from gatepost.household.commands import HOUSEHOLD
from gatepost.household.configuration import add_config_option, load_settings
from gatepost.household.transport import open_client
from kernel.problems import Invalid, Refused, Unavailable

DONE, FAILED, USAGE = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    """Return the whole command line: the household's commands, then the admin's."""
    top = argparse.ArgumentParser(prog="gatepost", description="Zero-trust access proxy and single sign-on for mail.")
    add_config_option(top)
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for household in HOUSEHOLD:
        household.register(subparsers)
    for admin in COMMANDS:
        admin.register(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    args = parser().parse_args(argv)
    try:
        return _run(args)
    except Invalid as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return USAGE
    except (Refused, Unavailable, OSError) as error:
        print(f"gatepost: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED


def _run(args: argparse.Namespace) -> int:
    for household in HOUSEHOLD:
        if args.command == household.NAME:
            code: int = household.run(args)
            return code
    admin = next(module for module in COMMANDS if args.command == module.NAME)
    if admin.offline(args):
        return admin.run(args, None)
    with open_client(load_settings(args)) as client:
        return admin.run(args, client)


if __name__ == "__main__":
    sys.exit(main())
