"""``gatepost session``: who is in now, and throwing them out."""

import time
from collections.abc import Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import Subparsers, Verbs, Words, argument, order, perform, refused
from gatepost.commands.showing import span, table

NAME = "session"


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "live sessions")
    verbs.add(
        "list",
        "list live sessions",
        _list,
        argument("--user", "of this user alone", default=""),
        argument("--device", "of this device alone", default=""),
        argument("--service", "of this service alone", default=""),
    )
    verbs.add(
        "end",
        "end a session, or everything of a user or a device with their sign-ins",
        _end,
        argument("session", "id of the session", nargs="?", default=""),
        argument("--user", "end everything of this user", default=""),
        argument("--device", "end everything of this device", default=""),
    )


def offline(args: Words) -> bool:
    """Say whether this call needs no server: never."""
    return False


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    return perform(args, client)


def _list(args: Words, client: AdminCalls) -> int:
    path = address("sessions", user=args.user, device=args.device, service=args.service)
    return order(args, client, "GET", path, None, _rows)


def _end(args: Words, client: AdminCalls) -> int:
    if sum(map(bool, (args.session, args.user, args.device))) != 1:
        return refused(args, {"error": "name one of: SESSION, --user, --device", "problems": []})
    if args.session:
        path = address("sessions", args.session)
        return order(args, client, "DELETE", path, None, lambda gone: [f"{gone['id']} of {gone['user']} is ended."])
    body = {"user": args.user} if args.user else {"device": args.device}
    show = lambda gone: [f"{gone['sessions']} sessions and {gone['signins']} sign-ins are ended."]  # noqa: E731
    return order(args, client, "POST", "/sessions/end", body, show)


def _rows(answer: Json) -> Sequence[str]:
    now = time.time()
    rows = [
        (
            each["id"],
            each["user"],
            each["device"] or "-",
            each["service"],
            each["address"],
            each["client"][:30],
            span(now - each["since"]),
            each["rule"],
        )
        for each in answer["items"]
    ]
    return table(("SESSION", "USER", "DEVICE", "SERVICE", "FROM", "CLIENT", "FOR", "RULE"), rows, "Nobody is in.")
