"""``gatepost policy diff`` and ``prove``: what changes in meaning, what can never happen. Files alone need no server.

Exit codes: 0 asked and answered (of ``prove``: everything holds); 1 refused, broken, or not decided in time; 2 usage.
"""

from collections.abc import Sequence

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.frame import DONE, REFUSED, Verbs, Words, argument, flag, output, refused
from gatepost.commands.policy.examples import decision, example
from gatepost.commands.policy.reading import read
from gatepost.commands.showing import plain
from kernel.clock import SystemClock
from kernel.problems import Refused
from policies.language import load
from policies.model import Policy

WHICH = "a file, or the number of a revision"
LANGUAGE = argument("--language", "in which language", choices=("en", "ja"), default="en")


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    diff = verbs.add(
        "diff",
        "what changes in meaning between two policies, over all facts; needs no server for two files",
        _diff,
        argument("one", f"from {WHICH}; alone: from the policy in force to it; nothing: the last change", nargs="?"),
        argument("other", f"to {WHICH}", nargs="?"),
        flag("--rules", "also where another rule decides the same, or reports"),
        LANGUAGE,
        alone=_diff_alone,
    )
    prove = verbs.add(
        "prove",
        "whether a `never` can be broken by any facts, and which rules decide nothing; needs no server for a file",
        _prove,
        argument("policy", f"{WHICH}; the policy in force if left out", nargs="?"),
        LANGUAGE,
        alone=_prove_alone,
    )
    diff.set_defaults(served=lambda args: args.other is None or any(map(_number, (args.one, args.other))))
    prove.set_defaults(served=lambda args: args.policy is None or bool(_number(args.policy)))


def _diff_alone(args: Words) -> int:
    from idp.admin import meaning_views  # here alone: z3 takes a moment to load
    from policies.meaning.comparing import diff

    old, new = _loaded(args.one), _loaded(args.other)
    return _differs(args, meaning_views.difference(diff(old, new, SystemClock(), authorship=args.rules)))


def _diff(args: Words, client: AdminCalls) -> int:
    old, new = (args.one, args.other) if args.other else ("0", args.one)
    if new is None:
        status, current = client.call("GET", "/policy")
        if status >= 400:
            return refused(args, current)
        if current["number"] == 1:
            raise Refused("there is one revision only; name a file to compare it with")
        old, new = str(current["number"] - 1), str(current["number"])
    body = {**_side(old, "old_"), **_side(new, ""), "authorship": args.rules}
    status, answer = client.call("POST", "/policy/diff", body)
    return refused(args, answer, "", new) if status >= 400 else _differs(args, answer)


def _prove_alone(args: Words) -> int:
    from idp.admin import meaning_views
    from policies.meaning.proving import prove
    from policies.meaning.reaching import dead_rules

    policy, clock = _loaded(args.policy), SystemClock()
    items = [meaning_views.proof(each) for each in prove(policy, clock)]
    return _proven(args, {"items": items, "rules": [meaning_views.dead(each) for each in dead_rules(policy, clock)]})


def _prove(args: Words, client: AdminCalls) -> int:
    status, answer = client.call("POST", "/policy/prove", _side(args.policy or "0", ""))
    return refused(args, answer) if status >= 400 else _proven(args, answer)


def _differs(args: Words, answer: Json) -> int:
    output(args, answer, lambda found: _differences(found, args.language))
    return DONE if answer["decided"] else REFUSED


def _proven(args: Words, answer: Json) -> int:
    output(args, answer, lambda found: _proofs(found, args.language))
    return DONE if all(each["verdict"] == "holds" for each in answer["items"]) else REFUSED


def _differences(answer: Json, language: str) -> list[str]:
    lines = [line for each in answer["rows"] for line in _row(each, language)]
    if answer["more"]:
        lines.append(f"And more: not every row is shown of {_kinds(answer['more'])}.")
    if answer["undecided"]:
        lines.append(f"Not decided in time: {_kinds(answer['undecided'])}.")
    lines += [plain(fault) for fault in answer["faults"]]
    return lines or ["The same: nobody is let in, denied, asked or limited otherwise, whatever the facts."]


def _row(row: Json, language: str) -> list[str]:
    before, after = row["before"], row["after"]
    return [
        plain(row["words"][language]),
        f"    for example {example(row['example'])}",
        f"    before: {decision(before)}",
        f"    now:    {decision(after)}",
    ]


def _proofs(answer: Json, language: str) -> list[str]:
    lines = []
    for each in answer["items"]:
        lines.append(f"line {each['line']}: {plain(each['name'])}: {plain(each['words'][language])}")
        if each["example"]:
            lines.append(f"    for example {example(each['example'])}")
            lines.append(f"    comes to {decision(each['decision'])}")
        lines += [plain(each["fault"])] if each["fault"] else []
    lines = lines or ["There is no `never` in this policy."]
    return [
        *lines,
        *(f"line {each['line']}: {plain(each['name'])}: {each['words'][language]}" for each in answer["rules"]),
    ]


def _kinds(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _number(name: str) -> int:
    return int(name) if name.isascii() and name.isdigit() and len(name) < 10 else 0


def _side(name: str, prefix: str) -> Json:
    if name == "0" or _number(name):
        return {f"{prefix}revision": _number(name)}
    return {f"{prefix}text": read(name)}


def _loaded(name: str) -> Policy:
    return load(read(name), source=name)
