"""``gatepost policy show`` and ``history``: the revisions that were published."""

from collections.abc import Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import Verbs, Words, argument, flag, order
from gatepost.commands.policy.reading import number
from gatepost.commands.showing import moment, table


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    verbs.add(
        "show",
        "print a revision, the one in force if none is named",
        _show,
        number("?"),
        flag("--tests", "print its table of expected decisions"),
    )
    verbs.add("history", "list revisions", _history, argument("--limit", "how many", type=int, default=50))


def _show(args: Words, client: AdminCalls) -> int:
    path = address("policy", "revisions", str(args.number)) if args.number else "/policy"
    part = "tests" if args.tests else "text"
    return order(args, client, "GET", path, None, lambda found: [found[part].rstrip("\n")])


def _history(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", address("policy", "history", limit=args.limit), None, _revisions)


def _revisions(answer: Json) -> Sequence[str]:
    rows = [(each["number"], moment(each["at"]), each["author"], _comment(each)) for each in answer["items"]]
    return table(("REVISION", "AT", "AUTHOR", "COMMENT"), rows, "No policy yet: gatepost policy publish FILE")


def _comment(revision: Json) -> str:
    remarks = (
        ("restores", revision["restores"]),
        ("for", revision["behalf"]),
        ("approved by", revision["approver"]),
        ("passed by force:", ", ".join(revision["forced"])),
    )
    beside = "; ".join(f"{what} {value}" for what, value in remarks if value)
    return " ".join(part for part in (f"({beside})" if beside else "", revision["comment"]) if part)
