"""``gatepost demo``: the whole product on this machine with a mail system behind it; ``demo code``, ``demo traffic``,
``demo reset``."""

import argparse
import asyncio
import json
import shutil
import sys
import time
from pathlib import Path

from gatepost.commands.policy.reading import when
from gatepost.demo.ground import forget
from gatepost.demo.plan import Plan, plan
from gatepost.household.transport import answers
from kernel.problems import Refused

NAME = "demo"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="run a whole Gatepost with a mail system on this machine")
    parser.add_argument(
        "--lab", action="store_true", help="real Dovecot, Postfix and Roundcube instead of the small ones"
    )
    parser.add_argument("--directory", type=Path, help="where its state lives (default: var/demo, or var/lab)")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    code = verbs.add_parser("code", help="print a person's present TOTP code")
    code.add_argument("name", help="a name of the demo, such as alice")
    traffic = verbs.add_parser("traffic", help="record a month of an office's decisions, to try replay with")
    traffic.add_argument("--decisions", type=int, default=100_000, help="how many (default: %(default)s)")
    traffic.add_argument("--days", type=int, default=30, help="of so many days (default: %(default)s)")
    traffic.add_argument(
        "--until", help="which end then: 2026-01-31T18:30, UTC unless it says otherwise; now if left out"
    )
    traffic.add_argument(
        "--seed", type=int, default=1, help="the same seed makes the same month (default: %(default)s)"
    )
    verbs.add_parser("reset", help="forget all of the demo's state")


def run(args: argparse.Namespace) -> int:
    """Run the demo, print a code, or forget the state."""
    directory = (args.directory or Path("var") / ("lab" if args.lab else "demo")).absolute()
    if args.verb == "reset":
        return _reset(directory)
    if args.verb == "code":
        return _code(directory, args.name)
    if args.verb == "traffic":
        return _traffic(directory, args)
    from gatepost.demo.run import run as run_demo

    made = plan(directory, args.lab)
    if answers(made.state / "run" / "admin.sock"):
        raise Refused(f"the demo in {directory} runs already")
    return asyncio.run(run_demo(made))


def _code(directory: Path, name: str) -> int:
    import pyotp

    facts = Plan(directory, False, {}).facts
    if not facts.exists():
        raise Refused(f"no demo in {directory}; start it with `gatepost demo`")
    users = {user["name"]: user for user in json.loads(facts.read_text(encoding="utf-8"))["users"]}
    if name not in users:
        raise Refused(f"nobody in the demo is called {name}; there are {', '.join(users)}")
    print(pyotp.TOTP(users[name]["totp_secret"]).at(int(time.time())))
    return 0


def _traffic(directory: Path, args: argparse.Namespace) -> int:
    from gatepost.demo.traffic import Wish, traffic

    if not 1 <= args.days <= 366 or not 1 <= args.decisions <= 2_000_000:
        raise Refused("make 1 to 2,000,000 decisions, of 1 to 366 days")
    wish = Wish(args.decisions, args.days, when(args.until) or time.time(), args.seed)
    began, shown = time.monotonic(), [0]

    def progress(done: int) -> None:
        part = 100 * done // wish.decisions
        if part >= shown[0] + 10:
            shown[0] = part
            print(f"{done:,} of {wish.decisions:,} decisions ({part} %)", file=sys.stderr, flush=True)

    made = asyncio.run(traffic(plan(directory, args.lab), wish, progress))
    counts = ", ".join(f"{count:,} {name}" for name, count in made.outcomes.most_common())
    print(f"recorded {wish.decisions:,} decisions in {time.monotonic() - began:.1f} s: {counts}")
    return 0


def _reset(directory: Path) -> int:
    if answers(directory / "state" / "run" / "admin.sock"):
        raise Refused(f"the demo in {directory} is running; end it first")
    if directory.exists() and not (directory / "plan.json").exists():
        raise Refused(f"{directory} is not a demo; nothing was removed")
    forget(directory)
    shutil.rmtree(directory, ignore_errors=True)
    print(f"forgot {directory}")
    return 0
