"""``gatepost policy publish`` and ``rollback``: what changes the policy in force, or proposes to."""

import sys
from pathlib import Path
from typing import Any

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.frame import DONE, Verbs, Words, argument, flag, order, output, refused
from gatepost.commands.policy.conflicts import conflict_lines, write_merged
from gatepost.commands.policy.reading import COMMENT, FILE, FORCE, number, read
from gatepost.commands.policy.testing import results
from gatepost.commands.showing import moment, plain, problem_lines

TESTS = argument("--tests", "table of expected decisions, kept with the revision and held to")
NO_TESTS = flag("--no-tests", "drop the table that the revision in force has")
BASE = argument("--base", "refuse if another revision than this is in force", type=int)
ACKNOWLEDGE = flag("--acknowledge", "publish although a `never` could not be decided in time")


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    verbs.add(
        "publish",
        "put a file in force, or propose it where a second admin must approve",
        _publish,
        FILE,
        COMMENT,
        BASE,
        argument("--merge", "on a conflict, write both changes put together to this new file", metavar="NEW-FILE"),
        TESTS,
        NO_TESTS,
        argument("--behalf", "whose work it is, for the history", default=""),
        ACKNOWLEDGE,
        FORCE,
    )
    verbs.add("rollback", "put an earlier revision in force again", _rollback, number(None), COMMENT, BASE, FORCE)


def _publish(args: Words, client: AdminCalls) -> int:
    text = read(args.file)
    body = {"text": text, "comment": args.comment, "behalf": args.behalf, "force": args.force}
    body |= {"acknowledge": args.acknowledge, **tests_of(args)}
    body |= {} if args.base is None else {"base": args.base}
    return publish(args, client, body, text)


def publish(args: Words, client: AdminCalls, body: Json, text: str) -> int:
    """Publish and show what came of it, or why it was refused: placed faults, a conflict with both changes."""
    status, answer = client.call("POST", "/policy/publish", body)
    if status >= 400:
        if not args.json:
            source, merge = args.tests or "the table in force", getattr(args, "merge", None)
            show_details(answer, tests=str(body.get("tests", "")), source=source, merge=merge)
        return refused(args, answer, text, args.file)
    output(args, answer, in_force)
    return DONE


def show_details(
    answer: Json, *, tests: str = "", source: str = "the table that goes with it", merge: str | None = None
) -> None:
    """Print what a refusal tells beside its words: a conflict, what came out otherwise, invariants that do not hold.

    ``tests`` is the text of the table, ``source`` where it is from; ``merge`` is a new file for both changes at once.
    """
    if "conflict" in answer:
        _conflict(answer["conflict"], merge)
    if "tests" in answer:
        print("\n".join(results(answer["tests"], source)))
    for each in answer.get("nevers", ()):
        print(f"line {each['line']}: {plain(each['name'])}: {plain(each['words']['en'])}")
    for problem in answer.get("tests_problems", ()):
        print("\n".join(problem_lines(problem, tests, source)), file=sys.stderr)


def tests_of(args: Words) -> dict[str, Any]:
    """Return the table that the arguments name, as the API takes it: nothing means that the one in force goes on."""
    if args.no_tests:
        return {"tests": ""}
    return {"tests": read(args.tests)} if args.tests else {}


def _conflict(conflict: Json, merge: str | None) -> None:
    print("\n".join(conflict_lines(conflict)))
    if merge:
        print(write_merged(conflict, Path(merge)), file=sys.stderr)
    elif conflict["clean"]:
        print("The two changes do not touch: --merge NEW-FILE writes them as one.", file=sys.stderr)


def _rollback(args: Words, client: AdminCalls) -> int:
    body = {"revision": args.number, "comment": args.comment, "force": args.force}
    body |= {} if args.base is None else {"base": args.base}
    return order(args, client, "POST", "/policy/rollback", body, in_force)


def in_force(made: Json) -> list[str]:
    """Return what came of publishing as lines."""
    if "proposal" in made and isinstance(made["proposal"], dict):
        one = made["proposal"]
        until = moment(one["expires_at"])
        return [f"Proposal {one['number']} waits for another admin's approval until {until}. Nothing has changed yet."]
    restores = f", which restores revision {made['restores']}" if made["restores"] else ""
    forced = f" Passed by force or acknowledgement: {', '.join(made['forced'])}." if made["forced"] else ""
    return [f"Revision {made['number']} is in force{restores}.{forced}"]
