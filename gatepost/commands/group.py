"""``gatepost group``: the names that policies speak of."""

from gatepost.admin_client import AdminCalls, address
from gatepost.commands.frame import Subparsers, Verbs, Words, argument, order, perform
from gatepost.commands.showing import table

NAME = "group"
GROUP = argument("group", "name of the group")
MEMBER = argument("user", "user name, mail address or id")


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "groups and their members")
    verbs.add("add", "make a group", _add, GROUP, argument("--description", "what it is for", default=""))
    verbs.add("list", "list groups", _list)
    verbs.add("members", "list the members of a group", _members, GROUP)
    verbs.add("join", "make a user a member", _join, GROUP, MEMBER)
    verbs.add("leave", "end a user's membership", _leave, GROUP, MEMBER)
    verbs.add("remove", "remove a group from everybody and for good", _remove, GROUP)


def offline(args: Words) -> bool:
    """Say whether this call needs no server: never."""
    return False


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    return perform(args, client)


def _add(args: Words, client: AdminCalls) -> int:
    body = {"name": args.group, "description": args.description}
    return order(args, client, "POST", "/groups", body, lambda made: [f"Group {made['name']} is made."])


def _list(args: Words, client: AdminCalls) -> int:
    return order(
        args,
        client,
        "GET",
        "/groups",
        None,
        lambda answer: table(
            ("GROUP", "MEMBERS", "DESCRIPTION"),
            [(each["name"], each["members"], each["description"]) for each in answer["items"]],
            "No groups yet. Make the first: gatepost group add NAME",
        ),
    )


def _members(args: Words, client: AdminCalls) -> int:
    return order(
        args,
        client,
        "GET",
        address("groups", args.group, "members"),
        None,
        lambda answer: table(
            ("NAME", "ADDRESS", "FULL NAME"),
            [(each["name"], each["email"], each["display_name"]) for each in answer["items"]],
            f"Nobody is in {args.group}. Let somebody join: gatepost group join {args.group} USER",
        ),
    )


def _join(args: Words, client: AdminCalls) -> int:
    path = address("groups", args.group, "members", args.user)
    return order(args, client, "PUT", path, None, lambda one: [f"{one['name']} is in {args.group}."])


def _leave(args: Words, client: AdminCalls) -> int:
    path = address("groups", args.group, "members", args.user)
    return order(args, client, "DELETE", path, None, lambda one: [f"{one['name']} is not in {args.group}."])


def _remove(args: Words, client: AdminCalls) -> int:
    path = address("groups", args.group)
    show = lambda gone: [f"Group {args.group} is removed; it had {gone['members']} members."]  # noqa: E731
    return order(args, client, "DELETE", path, None, show)
