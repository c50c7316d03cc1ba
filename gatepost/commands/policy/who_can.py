"""``gatepost policy who-can``: users and devices that could reach services right now."""

from typing import Any

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.frame import DONE, Verbs, Words, argument, output, refused
from gatepost.commands.policy.reading import read
from gatepost.commands.showing import table

PAGES = 1000
"""Pages that are asked for at most."""
HEADS = ("USER", "DEVICE", "TRUST", "SERVICE", "WITH", "FROM", "RULE")


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add(
        "who-can",
        "users and devices that could reach a service right now, at their best",
        _who_can,
        argument("service", "portal, imap, client:ID ...; every service if none is named", nargs="*"),
        argument("--user", "this user alone", default=""),
        argument("--group", "members of this group alone", default=""),
        argument("--address", "as if all were here (IP); from anywhere if left out", default=""),
        argument("--file", "under this draft instead of the policy in force"),
        argument("--revision", "under this revision", type=int, default=0),
        argument("--limit", "how many rows at most, about", type=int, default=1000),
    )


def _who_can(args: Words, client: AdminCalls) -> int:
    text = read(args.file) if args.file else ""
    body: dict[str, Any] = {
        "service": args.service,
        "user": args.user,
        "group": args.group,
        "address": args.address,
        "revision": args.revision,
    } | ({"text": text} if args.file else {})
    rows: list[Json] = []
    after = ""
    for _ in range(PAGES):
        status, answer = client.call("POST", "/policy/who-can", {**body, "after": after, "limit": 500})
        if status >= 400:
            return refused(args, answer, text, args.file or "policy")
        rows += answer["items"]
        after = answer["after"]
        if not after or len(rows) >= args.limit:
            break
    output(args, {"items": rows, "after": after}, _listed)
    return DONE


def _listed(answer: Json) -> list[str]:
    rows = [
        (
            each["user"],
            each["device"] or "(any)",
            each["trust"],
            each["service"],
            each["proof"],
            each["place"] or "anywhere",
            each["rule"],
        )
        for each in answer["items"]
    ]
    lines = table(HEADS, rows, "Nobody could.")
    return [*lines, "And more: ask for one service, user or group, or raise --limit."] if answer["after"] else lines
