"""``python -m bench [NAME ...] [--rounds N] [--json FILE]``: Gatepost beside nginx, HAProxy and Dovecot's proxy.

One run, one table; see README.md beside this file for what each measure is and how to read it.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import ending_rows, mail_rows, policy_rows, web_rows
from bench.ground import Ground, Unstarted
from bench.imap_load import Broken
from bench.scene import Scene
from bench.verdicts import MISSED, Line, table

ROWS: dict[str, Callable[[Scene], list[Line]]] = {
    "idle": mail_rows.idle,  # first: memory is measured on processes that are fresh
    "session": mail_rows.session,
    "noop": mail_rows.noop,
    "bulk": mail_rows.bulk,
    "http": web_rows.small,
    "http-large": web_rows.large,
    "decision": policy_rows.decision,
    "engines": policy_rows.others,
    "compile": policy_rows.compiling,
    "rejudge": policy_rows.rejudging,
    "revocation": ending_rows.revocation,
}
ROUNDS = 5


def main() -> int:
    """Run what was asked for and print the table; 1 when a must is missed."""
    arguments = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("name", nargs="*", choices=[[], *ROWS], help=f"rows to run (all): {', '.join(ROWS)}")
    arguments.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured, in turns")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    options = arguments.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # whoever ends a run gets its servers ended, and its table so far
        signal.signal(number, signal.default_int_handler)
    begun = time.monotonic()
    found: list[Line] = []
    try:
        run(options.name or list(ROWS), max(options.rounds, 1), found)
    except KeyboardInterrupt:
        print("interrupted; this is what was measured until then:", file=sys.stderr)
    print(table(found))
    print(f"\nmedians of {options.rounds} interleaved rounds, {time.monotonic() - begun:.0f} s in all")
    if options.json:
        options.json.write_text(json.dumps([line.facts() for line in found], indent=2), encoding="utf-8")
    return 1 if any(line.verdict == MISSED for line in found) else 0


def run(names: list[str], rounds: int, found: list[Line]) -> None:
    """Run some rows on one scene, and add what was ``found``."""
    with Ground() as ground:
        scene = Scene(ground, rounds)
        for name, row in ROWS.items():
            if name in names:
                print(f"{name} ...", file=sys.stderr, flush=True)
                found += attempted(name, row, scene)


def attempted(name: str, row: Callable[[Scene], list[Line]], scene: Scene) -> list[Line]:
    """Run one row; one that fails says so in the table, and does not keep the others from running."""
    try:
        return row(scene)
    except (Broken, Unstarted, OSError, subprocess.SubprocessError) as fault:
        return [Line(name, "", verdict=MISSED, note=f"FAILED: {str(fault)[:200]}")]


if __name__ == "__main__":
    sys.exit(main())
