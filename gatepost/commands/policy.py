"""``gatepost policy``: check (with or without a server), explain, show, publish, roll back, history."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, REFUSED, Subparsers, Verbs, Words, argument, flag, order, output, refused
from gatepost.commands.showing import facts, moment, plain, problem_lines, table
from kernel.problems import Refused
from policies.language import check

NAME = "policy"
LARGEST = 1024 * 1024
FILE = argument("file", "policy file, - for standard input")
FORCE = flag("--force", "even if it locks every admin out of the console")
COMMENT = argument("--comment", "why, for the history", default="")

SIGNS = {"held": "+", "not held": "-", "unknown": "?"}


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "the access policy")
    verbs.add("check", "find every fault of a file; needs no server", _check, FILE, flag("--online", "know users too"))
    verbs.add(
        "explain",
        "what would be decided, and why",
        _explain,
        argument("service", "portal, console, imap, submission, a web route, client:ID"),
        argument("--user", "user name or address", default=""),
        argument("--device", "device id or OWNER/NAME", default=""),
        argument("--address", "where they are (IP)", default=""),
        argument("--at", "when: 2026-01-31T18:30, UTC unless it says otherwise; now if left out"),
        argument("--proof", "how the device is proved; the best it has if left out"),
        argument("--factor", "a factor shown at sign-in (repeat); all they have if left out", action="append"),
        argument("--file", "ask this draft instead of the policy in force"),
        argument("--revision", "ask this revision", type=int, default=0),
        flag("--all", "show rules that did not match with all their conditions"),
    )
    verbs.add("show", "print a revision, the one in force if none is named", _show, _number("?"))
    verbs.add(
        "publish",
        "put a file in force",
        _publish,
        FILE,
        COMMENT,
        argument("--base", "refuse if another revision than this is in force", type=int),
        FORCE,
    )
    verbs.add("rollback", "put an earlier revision in force again", _rollback, _number(None), COMMENT, FORCE)
    verbs.add("history", "list revisions", _history, argument("--limit", "how many", type=int, default=50))


def offline(args: Words) -> bool:
    """Say whether this call needs no server: ``check`` does not, unless it shall know the users."""
    return args.verb == "check" and not args.online


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    if client is None:
        return _check_alone(args)
    act: Callable[[Words, AdminCalls], int] = args.act
    return act(args, client)


def read(name: str) -> str:
    """Return a policy file's text.

    Raises:
        Refused: not UTF-8, or larger than 1 MiB.
    """
    content = sys.stdin.buffer.read(LARGEST + 1) if name == "-" else Path(name).read_bytes()[: LARGEST + 1]
    if len(content) > LARGEST:
        raise Refused(f"{name} is larger than 1 MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused(f"{name} is not UTF-8: byte {fault.start} ({content[fault.start]:#04x})") from fault


def _check_alone(args: Words) -> int:
    text = read(args.file)
    report = check(text)
    rows = [_plain_problem(each) for each in report.problems]
    warnings = [_plain_problem(each) for each in report.warnings]
    return _found(args, text, {"good": not rows, "problems": rows, "warnings": warnings})


def _check(args: Words, client: AdminCalls) -> int:
    text = read(args.file)
    status, answer = client.call("POST", "/policy/check", {"text": text})
    return refused(args, answer, text, args.file) if status >= 400 else _found(args, text, answer)


def _found(args: Words, text: str, answer: Json) -> int:
    output(args, answer, lambda found: _findings(found, text, args.file))
    return DONE if answer["good"] else REFUSED


def _findings(found: Json, text: str, source: str) -> list[str]:
    lines = [line for each in found["problems"] for line in problem_lines(each, text, source)]
    for each in found["warnings"]:
        head, *rest = problem_lines(each, text, source)
        lines += [head.replace(": ", ": warning: ", 1), *rest]
    count = len(found["problems"])
    return [*lines, f"{source}: good" if not count else f"{source}: {count} fault{'s' if count > 1 else ''}"]


def _explain(args: Words, client: AdminCalls) -> int:
    body: dict[str, Any] = {
        "service": args.service,
        "user": args.user,
        "device": args.device,
        "address": args.address,
        "revision": args.revision,
    }
    text = read(args.file) if args.file else ""
    optional = {"at": _moment(args.at), "proof": args.proof, "factors": args.factor, "text": text or None}
    body |= {name: value for name, value in optional.items() if value is not None}
    status, answer = client.call("POST", "/policy/explain", body)
    if status >= 400:
        return refused(args, answer, text, args.file or "policy")
    output(args, answer, lambda told: _told(told, args.all))
    return DONE


def _told(answer: Json, whole: bool) -> list[str]:
    decision, asked = answer["decision"], answer["facts"]
    require = decision["require"]
    lines = facts(
        (
            ("decision", decision["outcome"].replace("_", "-")),
            ("rule", decision["rule"] or "none matched"),
            ("revision", decision["revision"] or "draft"),
            ("says", decision["words"]["en"] if decision["outcome"] != "allow" else ""),
            ("needs", "one of " + ", ".join(require["factors"]) if require else ""),
            ("valid until", moment(decision["valid_until"]) if decision["valid_until"] else ""),
            (
                "asked for",
                f"{asked['user'] or 'nobody'} on {asked['device'] or 'an unknown device'} ({asked['trust']})",
            ),
            ("shown", f"{asked['proof']}; {', '.join(asked['factors']) or 'no factor'}"),
            ("fault", decision["fault"]),
        )
    )
    return [*lines, "", *(line for rule in decision["trace"] for line in _traced(rule, whole))]


def _traced(rule: Mapping[str, Any], whole: bool) -> list[str]:
    verdict = "DECIDES" if rule["decided"] else "matches" if rule["matched"] else "no match"
    lines = [f"[{verdict}] {plain(rule['rule'])} ({rule['outcome']}{', report only' if rule['report'] else ''})"]
    for each in rule["conditions"]:
        if not (whole or rule["matched"] or each["truth"] != "held"):
            continue
        wanted, seen = plain(each["wanted"]), plain(each["seen"])
        hint = f"  ({plain(each['hint'])})" if each["hint"] else ""
        lines.append(f"    {SIGNS.get(each['truth'], ' ')} {each['key']}: wants {wanted}, sees {seen}{hint}")
    return lines


def _show(args: Words, client: AdminCalls) -> int:
    path = address("policy", "revisions", str(args.number)) if args.number else "/policy"
    return order(args, client, "GET", path, None, lambda found: [found["text"].rstrip("\n")])


def _publish(args: Words, client: AdminCalls) -> int:
    text = read(args.file)
    body = {"text": text, "comment": args.comment, "force": args.force}
    body |= {} if args.base is None else {"base": args.base}
    status, answer = client.call("POST", "/policy/publish", body)
    if status == 409 and "conflict" in answer and not args.json:
        print(f"--- their change\n{answer['conflict']['theirs']}\n--- your change\n{answer['conflict']['yours']}")
    if status >= 400:
        return refused(args, answer, text, args.file)
    output(args, answer, _in_force)
    return DONE


def _rollback(args: Words, client: AdminCalls) -> int:
    body = {"revision": args.number, "comment": args.comment, "force": args.force}
    return order(args, client, "POST", "/policy/rollback", body, _in_force)


def _in_force(made: Json) -> list[str]:
    restores = f", which restores revision {made['restores']}" if made["restores"] else ""
    return [f"Revision {made['number']} is in force{restores}."]


def _history(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", address("policy", "history", limit=args.limit), None, _revisions)


def _revisions(answer: Json) -> Sequence[str]:
    rows = [(each["number"], moment(each["at"]), each["author"], _comment(each)) for each in answer["items"]]
    return table(("REVISION", "AT", "AUTHOR", "COMMENT"), rows, "No policy yet: gatepost policy publish FILE")


def _comment(revision: Json) -> str:
    restored = f"(restores {revision['restores']}) " if revision["restores"] else ""
    return f"{restored}{revision['comment']}"


def _number(count: str | None) -> tuple[str, Mapping[str, Any]]:
    return argument("number", "number of the revision", type=int, nargs=count)


def _moment(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"`{text}` is no time; write it like 2026-01-31T18:30") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _plain_problem(problem: Any) -> Json:
    place = problem.place
    return {
        "line": place.line,
        "column": place.column,
        "what": problem.what,
        "text": problem.text,
        "hint": problem.hint,
    }
