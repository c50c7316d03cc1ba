"""``gatepost upstream``: what logs people in at mail backends that keep something of each person's."""

import sys
import time
from collections.abc import Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import Subparsers, Verbs, Words, argument, order, perform, refused
from gatepost.commands.showing import span, table

NAME = "upstream"
LARGEST = 16384


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "links of people to mail backends")
    user, backend = argument("user", "name, address or id"), argument("--backend", "which one", default="")
    verbs.add("list", "list what is linked", _list, argument("--user", "of this user alone", default=""))
    verbs.add(
        "link",
        "link a user: by the provider's consent, or by a token or secret from standard input",
        _link,
        user,
        backend,
        argument("--account", "the name there, when it is not the user's address", default=""),
        argument("--stdin", "read a refresh token, or the secret, from standard input", action="store_true"),
    )
    verbs.add("unlink", "forget what is stored for a user", _unlink, user, backend)


def offline(args: Words) -> bool:
    """Say whether this call needs no server: never."""
    return False


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    return perform(args, client)


def _list(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", address("upstreams", user=args.user), None, _rows)


def _link(args: Words, client: AdminCalls) -> int:
    backend = _backend(args, client)
    if not backend:
        return refused(args, {"error": "name one backend: --backend NAME", "problems": []})
    if args.stdin:
        body = {"secret": sys.stdin.read(LARGEST).strip("\r\n"), "account": args.account}
        return order(args, client, "PUT", address("upstreams", backend, args.user), body, _linked)
    status, answer = client.call("POST", address("upstreams", backend, args.user, "link"), {})
    if status >= 400:
        return refused(args, answer)
    print(f"Open this in a browser, and consent as the user:\n\n{answer['address']}\n", file=sys.stderr)
    print("Then paste the whole address that you are led to (its page need not open):", file=sys.stderr)
    led_to = sys.stdin.readline(LARGEST).strip()
    return order(args, client, "POST", "/upstreams/finish", {"address": led_to}, _linked)


def _unlink(args: Words, client: AdminCalls) -> int:
    backend = _backend(args, client)
    if not backend:
        return refused(args, {"error": "name one backend: --backend NAME", "problems": []})
    path = address("upstreams", backend, args.user)
    return order(args, client, "DELETE", path, None, lambda gone: [f"{gone['user']} is unlinked at {gone['backend']}."])


def _backend(args: Words, client: AdminCalls) -> str:
    """Return the backend that was named, or the only one there is."""
    if args.backend:
        return str(args.backend)
    _, answer = client.call("GET", "/upstreams")
    known = answer.get("backends", [])
    return str(known[0]) if len(known) == 1 else ""


def _linked(answer: Json) -> Sequence[str]:
    return [f"{answer['account']} is linked at {answer['backend']}."]


def _rows(answer: Json) -> Sequence[str]:
    now = time.time()
    rows = [
        (
            each["user"],
            each["backend"],
            each["account"],
            span(now - each["linked_at"]),
            f"broken: {each['broken']}" if each["broken"] else "good",
        )
        for each in answer["items"]
    ]
    return table(("USER", "BACKEND", "ACCOUNT", "FOR", "STATE"), rows, "Nobody is linked.")
