"""``gatepost audit``: what happened (tail, search), and whether the record of it is whole (verify)."""

import json
import time
from collections.abc import Callable, Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, REFUSED, Subparsers, Verbs, Words, argument, flag, order, output, refused
from gatepost.commands.showing import moment, plain

NAME = "audit"
PAUSE = 0.5
STANDING = frozenset({"number", "hash", "kind", "at", "actor", "user", "user_id", "device_id", "address", "reference"})
QUIET = frozenset({"as_of", "facts", "words"})


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "the audit log")
    verbs.add(
        "tail",
        "print the newest entries",
        _tail,
        argument("--count", "how many", type=int, default=20),
        flag("--follow", "go on printing what comes, until Ctrl-C"),
    )
    verbs.add(
        "search",
        "find entries, newest first",
        _search,
        argument("text", "text that the entry holds", nargs="?", default=""),
        argument("--user", "user name or address", default=""),
        argument("--device", "device id", default=""),
        argument("--kind", "decided, credential-refused, policy-changed ...", default=""),
        argument("--reference", "the code that a refused person reads out", default=""),
        argument("--before", "entries with a smaller number", type=int, default=0),
        argument("--limit", "how many", type=int, default=100),
    )
    verbs.add("verify", "walk the whole chain and say whether it holds", _verify)


def offline(args: Words) -> bool:
    """Say whether this call needs no server: never."""
    return False


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    if client is None:
        raise ValueError("this verb needs the admin API")
    act: Callable[[Words, AdminCalls], int] = args.act
    return act(args, client)


def follow(args: Words, client: AdminCalls, since: int, pause: Callable[[float], None]) -> int:
    """Print entries after ``since`` as they come, one line (or JSON object) each, until interrupted or refused."""
    while True:
        status, answer = client.call("GET", address("audit", since=since, limit=500) if since else "/audit?since=0")
        if status >= 400:
            return refused(args, answer)
        for entry in answer["items"]:
            print(json.dumps(entry, ensure_ascii=False) if args.json else line(entry), flush=True)
            since = entry["number"]
        if not answer["items"]:
            pause(PAUSE)


def line(entry: Json) -> str:
    """Return an entry on one line: number, time, kind, who, on what, and what is special to its kind."""
    special = [
        f"{name}={_value(value)}"
        for name, value in sorted(entry.items())
        if name not in STANDING | QUIET and value not in ("", None, 0, False, [], {})
    ]
    concerned = [
        f"{name}={plain(entry[name])}" for name in ("user", "device_id", "address", "reference") if entry.get(name)
    ]
    parts = (str(entry["number"]), moment(entry["at"]), entry["kind"], plain(entry["actor"]), *concerned, *special)
    return "  ".join(parts)


def _tail(args: Words, client: AdminCalls) -> int:
    if not args.follow:
        return order(args, client, "GET", address("audit", limit=args.count), None, _lines)
    status, answer = client.call("GET", address("audit", limit=args.count))
    if status >= 400:
        return refused(args, answer)
    first = answer["items"][0]["number"] - 1 if answer["items"] else 0
    try:
        return follow(args, client, first, time.sleep)
    except KeyboardInterrupt:
        return DONE


def _search(args: Words, client: AdminCalls) -> int:
    path = address(
        "audit",
        "search",
        text=args.text,
        user=args.user,
        device=args.device,
        kind=args.kind,
        reference=args.reference,
        before=args.before or None,
        limit=args.limit,
    )
    return order(args, client, "GET", path, None, _lines)


def _verify(args: Words, client: AdminCalls) -> int:
    status, answer = client.call("GET", "/audit/verify")
    if status >= 400:
        return refused(args, answer)
    output(args, answer, _verdict)
    return DONE if answer["good"] else REFUSED


def _verdict(answer: Json) -> list[str]:
    if answer["good"]:
        return [f"The chain holds: {answer['entries']} entries."]
    return [f"The chain is BROKEN after {answer['entries']} entries: {answer['fault']}"]


def _lines(answer: Json) -> Sequence[str]:
    return [line(entry) for entry in answer["items"]] or ["No such entries."]


def _value(value: object) -> str:
    text = plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return json.dumps(text, ensure_ascii=False) if " " in text else text
