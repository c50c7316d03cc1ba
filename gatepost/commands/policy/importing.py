"""``gatepost policy import``: a file, as git keeps it, becomes the next revision, unless it says what is in force."""

import json
from pathlib import Path
from typing import Any

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, Verbs, Words, argument, output, refused
from gatepost.commands.policy.publishing import ACKNOWLEDGE, BASE, NO_TESTS, publish
from gatepost.commands.policy.reading import FORCE, read
from gatepost.commands.policy.testing import beside
from kernel.problems import Refused

LARGEST = 64 * 1024


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add(
        "import",
        "publish a file unless it says what is in force; its table and JSON file beside it go with it",
        _import,
        argument("file", "policy file"),
        argument("--author", "whose work it is; the author in FILE's JSON file if left out"),
        argument("--comment", "why; the comment in FILE's JSON file if left out"),
        BASE,
        argument("--tests", "its table; the file beside it if there is one"),
        NO_TESTS,
        ACKNOWLEDGE,
        FORCE,
    )


def _import(args: Words, client: AdminCalls) -> int:
    status, current = client.call("GET", "/policy")
    if status == 404:
        current = {"number": 0, "text": None, "tests": ""}
    elif status >= 400:
        return refused(args, current)
    text, tests, about = read(args.file), _tests(args, current), _sidecar(Path(args.file).with_suffix(".json"))
    if _same(current, text, tests):
        return _unchanged(args, {"unchanged": "revision", "number": current["number"]})
    waiting = _waiting(client, text, tests)
    if waiting:
        return _unchanged(args, {"unchanged": "proposal", "number": waiting})
    body = {
        "text": text,
        "tests": tests,
        "behalf": args.author or about.get("behalf") or about.get("author") or "",
        "comment": args.comment or about.get("comment") or "",
        "base": current["number"] if args.base is None else args.base,
        "acknowledge": args.acknowledge,
        "force": args.force,
    }
    return publish(args, client, body, text)


def _tests(args: Words, current: Json) -> str:
    """Return the table that goes with the file: the one named, the one beside it, or the one in force."""
    if args.no_tests:
        return ""
    if not args.tests and beside(args.file).exists():
        args.tests = str(beside(args.file))
    return read(args.tests) if args.tests else str(current["tests"])


def _sidecar(place: Path) -> dict[str, Any]:
    """Return what ``export --all`` wrote beside the file, nothing when it did not.

    Raises:
        Refused: there is something else.
    """
    if not place.exists():
        return {}
    try:
        about = json.loads(place.read_bytes()[: LARGEST + 1])
    except ValueError:
        about = None
    fields = ("author", "behalf", "comment")
    if not isinstance(about, dict) or not all(isinstance(about.get(name, ""), str) for name in fields):
        raise Refused(f"{place} is no JSON file that `gatepost policy export --all` wrote; move it away")
    return about


def _same(kept: Json, text: str, tests: str) -> bool:
    return bool(kept["text"] == text and kept["tests"] == tests)


def _waiting(client: AdminCalls, text: str, tests: str) -> int:
    """Return the number of an open proposal that says the same, 0 when there is none."""
    status, found = client.call("GET", "/policy/proposals")
    for each in found["items"] if status < 400 else ():
        _, one = client.call("GET", address("policy", "proposals", str(each["number"])))
        if not each["stale"] and one.get("text") is not None and _same(one, text, tests):
            return int(each["number"])
    return 0


def _unchanged(args: Words, answer: Json) -> int:
    what = "is in force" if answer["unchanged"] == "revision" else "waits for approval"
    sentence = f"Nothing to do: {answer['unchanged']} {answer['number']} says the same, and {what}."
    output(args, answer, lambda _: [sentence])
    return DONE
