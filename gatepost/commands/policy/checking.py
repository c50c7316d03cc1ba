"""``gatepost policy check``: every fault and warning of a file, with or without a server."""

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.frame import DONE, REFUSED, Verbs, Words, flag, output, refused
from gatepost.commands.policy.reading import FILE, read
from gatepost.commands.showing import plain, problem_lines
from policies.language import check


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add(
        "check",
        "find every fault of a file; needs no server",
        _check,
        FILE,
        flag("--online", "know users too, and who could still open the console"),
        alone=_check_alone,
    )


def _check_alone(args: Words) -> int:
    from idp.admin import views

    text = read(args.file)
    report = check(text)
    rows = [views.problem(each) for each in report.problems]
    warnings = [views.problem(each) for each in report.warnings]
    return _found(args, text, {"good": not rows, "problems": rows, "warnings": warnings})


def _check(args: Words, client: AdminCalls) -> int:
    text = read(args.file)
    status, answer = client.call("POST", "/policy/check", {"text": text})
    if status >= 400:
        return refused(args, answer, text, args.file)
    if answer["good"]:
        status, ways = client.call("POST", "/policy/ways-in", {"text": text})
        answer |= {"ways_in": ways} if status < 400 else {}
    return _found(args, text, answer)


def _found(args: Words, text: str, answer: Json) -> int:
    output(args, answer, lambda found: _findings(found, text, args.file))
    return DONE if answer["good"] else REFUSED


def _findings(found: Json, text: str, source: str) -> list[str]:
    lines = [line for each in found["problems"] for line in problem_lines(each, text, source)]
    for each in found["warnings"]:
        head, *rest = problem_lines(each, text, source)
        lines += [head.replace(": ", ": warning: ", 1), *rest]
    lines += _ways(found["ways_in"]) if "ways_in" in found else []
    count = len(found["problems"])
    return [*lines, f"{source}: good" if not count else f"{source}: {count} fault{'s' if count > 1 else ''}"]


def _ways(found: Json) -> list[str]:
    """Return who could still open the console under a document: what publishing it would look for."""
    ways, enough = found["items"], found["enough"]
    told = [f"{plain(each['user'])} ({plain(each['device'] or 'any device')}, {each['address']})" for each in ways]
    few = "" if len(ways) >= enough else "; too few, so that publishing it would be refused"
    return [f"can open the console: {', '.join(told) or 'nobody'}{few}"]
