"""``gatepost user``: the people who sign in."""

import getpass
import sys
from collections.abc import Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import Subparsers, Verbs, Words, argument, flag, order, perform, refused
from gatepost.commands.showing import facts, moment, table

NAME = "user"
WHO = argument("name", "user name, mail address or id")
PASSWORD = flag("--password-stdin", "read the password from standard input instead of asking")


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "users: add, change, disable, invite")
    verbs.add(
        "add",
        "add a user and print the invitation link",
        _add,
        argument("name", "user name"),
        argument("--email", "mail address", required=True),
        argument("--display-name", "full name", default=""),
        argument("--language", "en or ja", choices=("en", "ja"), default="en"),
        argument("--group", "a group to join (may be repeated)", action="append", default=[]),
        flag("--no-invite", "make no invitation link"),
    )
    verbs.add(
        "list",
        "list users",
        _list,
        argument("text", "part of a name or address", nargs="?", default=""),
        argument("--group", "members of this group alone", default=""),
    )
    verbs.add("show", "show a user with devices, factors and sign-ins", _show, WHO)
    verbs.add(
        "set",
        "change a user",
        _set,
        WHO,
        argument("--email", "new mail address"),
        argument("--display-name", "new full name"),
        argument("--language", "en or ja", choices=("en", "ja")),
        argument("--alias", "an address they may also send from (repeat; replaces all)", action="append"),
        argument("--attribute", "NAME=VALUE for policies (repeat; replaces all)", action="append"),
    )
    verbs.add("disable", "disable a user: every session ends", _disable, WHO)
    verbs.add("enable", "enable a user again", _enable, WHO)
    verbs.add("invite", "print a new single-use invitation link", _invite, WHO)
    verbs.add("reset", "take all credentials away, end all sign-ins, print an invitation link", _reset, WHO)
    verbs.add("password", "set a user's password", _password, WHO, PASSWORD)
    verbs.add("remove", "remove a user for good", _remove, WHO)


def offline(args: Words) -> bool:
    """Say whether this call needs no server: never."""
    return False


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    return perform(args, client)


def _add(args: Words, client: AdminCalls) -> int:
    body = {
        "name": args.name,
        "email": args.email,
        "display_name": args.display_name,
        "language": args.language,
        "groups": args.group,
        "invite": not args.no_invite,
    }
    return order(args, client, "POST", "/users", body, lambda made: [*_card(made), *_link(made)])


def _list(args: Words, client: AdminCalls) -> int:
    path = address("users", q=args.text, group=args.group, limit=1000)
    return order(args, client, "GET", path, None, _rows)


def _show(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", address("users", args.name), None, _whole)


def _set(args: Words, client: AdminCalls) -> int:
    changes = {
        name: value
        for name, value in (
            ("email", args.email),
            ("display_name", args.display_name),
            ("language", args.language),
            ("aliases", args.alias),
        )
        if value is not None
    }
    for each in args.attribute or ():
        name, equals, value = each.partition("=")
        if not equals or not name:
            return refused(args, {"error": f"`{each}` is not NAME=VALUE", "problems": []})
        changes.setdefault("attributes", {})[name] = value
    return order(args, client, "PATCH", address("users", args.name), changes, _card)


def _disable(args: Words, client: AdminCalls) -> int:
    return order(args, client, "POST", address("users", args.name, "disable"), {}, _card)


def _enable(args: Words, client: AdminCalls) -> int:
    return order(args, client, "POST", address("users", args.name, "enable"), {}, _card)


def _invite(args: Words, client: AdminCalls) -> int:
    return order(args, client, "POST", address("users", args.name, "invite"), {}, _link)


def _reset(args: Words, client: AdminCalls) -> int:
    return order(args, client, "POST", address("users", args.name, "reset"), {}, _link)


def _password(args: Words, client: AdminCalls) -> int:
    word = sys.stdin.readline().rstrip("\r\n") if args.password_stdin else getpass.getpass("New password: ")
    path = address("users", args.name, "password")
    return order(args, client, "POST", path, {"password": word}, lambda _: [f"The password of {args.name} is set."])


def _remove(args: Words, client: AdminCalls) -> int:
    path = address("users", args.name)
    return order(args, client, "DELETE", path, None, lambda gone: [f"{gone['name']} is removed."])


def _rows(answer: Json) -> Sequence[str]:
    rows = [
        (each["name"], each["email"], each["display_name"], ",".join(each["groups"]), state(each))
        for each in answer["items"]
    ]
    return table(
        ("NAME", "ADDRESS", "FULL NAME", "GROUPS", "STATE"),
        rows,
        "No users yet. Add the first: gatepost user add NAME --email ADDRESS",
    )


def _card(one: Json) -> list[str]:
    return facts(
        (
            ("id", one["id"]),
            ("name", one["name"]),
            ("address", one["email"]),
            ("full name", one["display_name"]),
            ("language", one["language"]),
            ("groups", ", ".join(one["groups"])),
            ("aliases", ", ".join(one["aliases"])),
            ("attributes", ", ".join(f"{name}={value}" for name, value in one["attributes"].items())),
            ("state", state(one)),
        )
    )


def _whole(one: Json) -> list[str]:
    devices = [(each["id"], each["name"], each["trust"], moment(each["last_seen_at"])) for each in one["devices"]]
    signins = [(each["id"], each["address"], moment(each["created_at"])) for each in one["signins"]]
    return [
        *_card(one),
        *facts((("factors", ", ".join(one["factors"])), ("invited", "yes" if one["invited"] else ""))),
        "",
        *table(("DEVICE", "NAME", "TRUST", "LAST SEEN"), devices, "No devices yet."),
        "",
        *table(("SIGN-IN", "FROM", "SINCE"), signins, "Not signed in."),
    ]


def _link(answer: Json) -> list[str]:
    link = answer.get("invitation")
    return [f"invitation (works once): {link}"] if link else []


def state(one: Json) -> str:
    """Return whether a user is enabled, in a word."""
    return "disabled" if one["disabled"] else "enabled"
