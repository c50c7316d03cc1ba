"""``gatepost policy test``: a policy held to its table of expected decisions, without a server unless it is asked for.

Exit codes: 0 everything came out as expected, 1 something did not, 2 the policy or the table has faults.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.frame import DONE, REFUSED, USAGE, Verbs, Words, argument, flag, output, refused
from gatepost.commands.policy.explaining import traced
from gatepost.commands.policy.reading import read
from gatepost.commands.showing import plain, problem_lines, table
from kernel.problems import Invalid, Refused

BESIDE = ".tests.yaml"
HEADS = ("LINE", "TEST", "FOR", "WANTED", "GOT", "DECIDED BY")


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add(
        "test",
        "hold a file to its table of expected decisions; needs no server",
        _test_online,
        argument("file", "policy file; with --online the one in force if left out", nargs="?"),
        argument("--tests", f"the table; FILE with {BESIDE} at its end if left out"),
        flag("--online", "take what is not named from the revision in force"),
        alone=_test_alone,
    )


def beside(file: str) -> Path:
    """Return where the table of a policy file is kept: ``policy.yaml`` has ``policy.tests.yaml``."""
    path = Path(file)
    return path.with_name(f"{path.name.removesuffix('.yaml').removesuffix('.yml')}{BESIDE}")


def _test_alone(args: Words) -> int:
    if not args.file:
        raise Refused("name a policy file, or ask for the one in force with --online")
    place = args.tests or str(beside(args.file))
    if place != "-" and not Path(place).exists():
        raise Refused(f"there is no table {place}; name one with --tests")
    return _held(args, (read(args.file), args.file), (read(place), place))


def _test_online(args: Words, client: AdminCalls) -> int:
    status, current = client.call("GET", "/policy")
    if status >= 400:
        return refused(args, current)
    name = f"revision {current['number']}"
    policy = (read(args.file), args.file) if args.file else (current["text"], name)
    if not args.tests and not current["tests"]:
        raise Refused(f"{name} has no table of expected decisions; name one with --tests")
    tests = (read(args.tests), args.tests) if args.tests else (current["tests"], f"the table of {name}")
    return _held(args, policy, tests)


def _held(args: Words, policy: tuple[str, str], tests: tuple[str, str]) -> int:
    """Run the table, both given as text and where it comes from, and show what came out."""
    from idp.admin.policy_views import tested
    from policies.expected.reading import read_table
    from policies.expected.running import run
    from policies.language import load

    try:
        loaded = load(policy[0], source=policy[1])
        cases = read_table(tests[0], loaded, source=tests[1])
    except Invalid as fault:
        faulty = policy if fault.problems[0].place.source == policy[1] else tests
        return _faulty(args, fault, faulty)
    answer = tested(run(loaded, cases))
    output(args, answer, lambda told: results(told, tests[1]))
    return DONE if answer["good"] else REFUSED


def _faulty(args: Words, fault: Invalid, faulty: tuple[str, str]) -> int:
    from idp.admin import views

    found = [views.problem(each) for each in fault.problems]
    if args.json:
        output(args, {"good": False, "problems": found, "source": faulty[1]}, lambda _: ())
    for each in () if args.json else found:
        print("\n".join(problem_lines(each, *faulty)), file=sys.stderr)
    return USAGE


def results(answer: Json, source: str) -> list[str]:
    """Return what became of a table: the failures in one table, then each with the rules that matter."""
    failed, cases = answer["failed"], answer["cases"]
    rows = [_row(each) for each in answer["failures"]]
    lines = table(HEADS, rows, "") if rows else []
    for each in answer["failures"]:
        lines += ["", *_failure(each, source)]
    more = failed - len(answer["failures"])
    lines += [f"... and {more} more that came out otherwise"] if more else []
    lines += [""] if lines else []
    lines += [f"no row is decided by `{plain(name)}`" for name in answer["idle"]]
    count = f"{cases} expected decision{'' if cases == 1 else 's'}"
    return [
        *lines,
        f"{source}: {count}, {failed} came out otherwise" if failed else f"{source}: {count}, all as expected",
    ]


def _row(one: Json) -> Sequence[object]:
    wanted = {miss["what"]: miss["wanted"] for miss in one["misses"]}
    got = {miss["what"]: miss["got"] for miss in one["misses"]}
    rule = one["decision"]["rule"] or "none"
    return (one["line"], one["name"], one["about"], _told(wanted), _told(got), rule)


def _told(parts: dict[str, str]) -> str:
    """An outcome and a rule speak for themselves; the rest is told with its name."""
    return ", ".join(value if what in ("outcome", "rule") else f"{what} {value}" for what, value in parts.items())


def _nearest(one: Json, trace: Sequence[Json]) -> str:
    """Return the rule that comes nearest to letting in who was to be let in, ``""`` when nobody was: above all it is
    about this service and these people."""
    wanted = {miss["what"]: miss["wanted"] for miss in one["misses"]}.get("outcome", "deny")
    allows = [rule for rule in trace if rule["outcome"] == "allow" and not rule["report"] and not rule["matched"]]
    if wanted == "deny" or not allows:
        return ""
    return str(min(allows, key=_distance)["rule"])


def _distance(rule: Json) -> tuple[int, int]:
    missing = [each["key"] for each in rule["conditions"] if each["truth"] != "held"]
    astray = sum("service" in key or key.startswith("who.") for key in missing)
    return astray, len(missing)


def _failure(one: Json, source: str) -> list[str]:
    trace = one["decision"]["trace"]
    shown = one["expected_rule"] or _nearest(one, trace)
    lines = [f"{source}:{one['line']}: {plain(one['name'])} ({plain(one['about'])})"]
    lines += [] if one["decision"]["rule"] else ["  No rule matched."]
    for rule in trace:
        if rule["decided"] or rule["rule"] == shown:
            lines += [f"  {line}" for line in traced(rule, rule["decided"])]
    if require := one["decision"]["require"]:
        lines.append(f"  It asks for one of {', '.join(require['factors'])}.")
    return lines
