"""``gatepost policy proposals``, ``approve``, ``decline`` and ``withdraw``: publishing by two."""

from collections.abc import Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, Verbs, Words, argument, flag, order, output, refused
from gatepost.commands.policy.conflicts import conflict_lines
from gatepost.commands.policy.publishing import in_force, show_details
from gatepost.commands.policy.reading import COMMENT
from gatepost.commands.showing import facts, moment, plain, table

NUMBER = argument("number", "number of the proposal", type=int)


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    verbs.add(
        "proposals",
        "list what waits for another admin, or show one with what it changes",
        _proposals,
        argument("number", "number of the proposal to show", type=int, nargs="?"),
        flag("--closed", "those too that were answered, withdrawn or have expired"),
        argument("--limit", "how many", type=int, default=50),
    )
    verbs.add(
        "approve",
        "put a proposal in force; here, on the server, by --force alone",
        _approve,
        NUMBER,
        COMMENT,
        flag("--force", "in the place of another admin, and even if it locks every admin out"),
    )
    verbs.add("decline", "turn a proposal down", _decline, NUMBER, COMMENT)
    verbs.add("withdraw", "take your own proposal back", _withdraw, NUMBER, COMMENT)


def _proposals(args: Words, client: AdminCalls) -> int:
    if args.number is not None:
        return order(args, client, "GET", _path(args), None, _shown)
    path = address("policy", "proposals", closed=args.closed and "true", limit=args.limit)
    return order(args, client, "GET", path, None, _listed)


def _approve(args: Words, client: AdminCalls) -> int:
    body = {"comment": args.comment, "force": args.force}
    status, answer = client.call("POST", _path(args, "approve"), body)
    if status < 400:
        output(args, answer, in_force)
        return DONE
    if not args.json:
        show_details(answer)
    return refused(args, answer)


def _decline(args: Words, client: AdminCalls) -> int:
    return order(args, client, "POST", _path(args, "decline"), {"comment": args.comment}, _closed)


def _withdraw(args: Words, client: AdminCalls) -> int:
    return order(args, client, "POST", _path(args, "withdraw"), {"comment": args.comment}, _closed)


def _path(args: Words, *act: str) -> str:
    return address("policy", "proposals", str(args.number), *act)


def _closed(one: Json) -> list[str]:
    return [f"Proposal {one['number']} is {one['state']}."]


def _listed(answer: Json) -> Sequence[str]:
    rows = [
        (each["number"], moment(each["at"]), each["author"], _state(each), moment(each["expires_at"]), each["comment"])
        for each in answer["items"]
    ]
    return table(("PROPOSAL", "AT", "AUTHOR", "STATE", "EXPIRES", "COMMENT"), rows, "Nothing waits for approval.")


def _shown(one: Json) -> Sequence[str]:
    answered = f"{one['answered_by']}, {moment(one['answered_at'])}" if one["answered_by"] else ""
    lines = facts(
        (
            ("proposal", f"{one['number']} ({_state(one)})"),
            ("by", one["author"] + (f" for {one['behalf']}" if one["behalf"] else "")),
            ("at", moment(one["at"])),
            ("comment", one["comment"]),
            ("made from", f"revision {one['base']}" if one["base"] else "nothing"),
            ("restores", one["restores"]),
            ("expires", moment(one["expires_at"]) if one["state"] == "open" else ""),
            ("answered", answered),
            ("answer", one["answer"]),
            ("acknowledged", "what could not be decided in time" if one["acknowledged"] else ""),
        )
    )
    changed = [plain(line) for line in one["changed"].splitlines()] or ["(the text is the same)"]
    stale = conflict_lines(one["conflict"]) if one["conflict"] else []
    return [*lines, "", *changed, *(["", *stale] if stale else [])]


def _state(one: Json) -> str:
    return f"{one['state']}, stale" if one["stale"] else str(one["state"])
