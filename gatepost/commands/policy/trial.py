"""``gatepost policy trial``: a document beside the policy in force, that decides nothing; and ``counters`` of rules."""

import json
import time
from collections.abc import Callable, Iterator, Sequence

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, Verbs, Words, argument, flag, order, output, refused
from gatepost.commands.policy.reading import COMMENT, FILE, read
from gatepost.commands.showing import facts, moment, plain, table

PAUSE = 0.5
MOST = 500

TURNS = {
    "denied": "would be refused",
    "allowed": "would be let in",
    "stepped_up": "would be asked for another factor",
    "limited": "would get other limits",
}


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    trial = verbs.family("trial", "try a policy beside the one in force: nothing of it is enforced")
    trial.add("start", "ask a file beside the policy in force from now on", _start, FILE, COMMENT)
    trial.add("stop", "ask it no more; what it said stays on record", _stop)
    trial.add(
        "show",
        "where the latest trial differs, with counts",
        _show,
        flag("--follow", "go on printing what comes, until Ctrl-C"),
        argument("--limit", "how many rows", type=int, default=20),
    )
    verbs.add("counters", "how often each rule decided, and how many sessions stand on it now", _counters)


def _start(args: Words, client: AdminCalls) -> int:
    text = read(args.file)
    status, answer = client.call("POST", "/policy/trial", {"text": text, "comment": args.comment})
    if status >= 400:
        return refused(args, answer, text, args.file)
    output(args, answer, lambda made: [f"Trial {made['number']} has begun: gatepost policy trial show --follow"])
    return DONE


def _stop(args: Words, client: AdminCalls) -> int:
    return order(args, client, "POST", "/policy/trial/stop", {}, lambda one: [f"Trial {one['number']} is over."])


def _show(args: Words, client: AdminCalls) -> int:
    if not args.follow:
        return order(args, client, "GET", address("policy", "trial", limit=args.limit), None, _shown)
    try:
        return follow(args, client, time.sleep)
    except KeyboardInterrupt:
        return DONE


def follow(args: Words, client: AdminCalls, pause: Callable[[float], None]) -> int:
    """Print rows as they come, one line (or JSON object) each, and at times the counts, until interrupted or refused;
    done when the trial has ended."""
    since, judged = 0, -1
    while True:
        status, answer = client.call(
            "GET", address("policy", "trial", since=since, limit=MOST if since else args.limit)
        )
        if status >= 400:
            return refused(args, answer)
        for row in reversed(answer["items"]):
            print(json.dumps(row, ensure_ascii=False) if args.json else line(row), flush=True)
            since = row["number"]
        counters = answer["counters"]
        if counters["judged"] != judged and not args.json:
            judged = counters["judged"]
            print(_counted(counters), flush=True)
        if not answer["trial"]["running"]:
            return DONE
        pause(PAUSE)


def line(row: Json) -> str:
    """Return one row: when, who, what, and what the trial would have made of it."""
    would = TURNS.get(row["turn"], f"could not be decided: {plain(row['fault'])}")
    rules = f"{plain(row['rule']) or '(none)'} -> {plain(row['would_rule']) or '(none)'}"
    again = "  still there" if row["again"] else ""
    return f"{row['number']}  {moment(row['at'])}  {plain(row['user'])}  {row['service']}  {would}  [{rules}]{again}"


def _shown(answer: Json) -> Sequence[str]:
    trial, counters = answer["trial"], answer["counters"]
    state = "running" if trial["running"] else f"ended {moment(trial['ended_at'])} by {plain(trial['ended_by'])}"
    head = facts(
        (
            ("trial", f"{trial['number']}, {state}"),
            ("started", f"{moment(trial['at'])} by {trial['author']}"),
            ("comment", trial["comment"]),
            ("counts", _counted(counters)),
        )
    )
    return [*head, *_rules(counters), "", *([line(row) for row in answer["items"]] or ["It has not differed yet."])]


def _rules(counters: Json) -> Iterator[str]:
    rows = [
        (each["rule"] or "(none)", each["would_rule"] or "(none)", TURNS.get(each["turn"], ""), each["decisions"])
        for each in counters["rules"]
    ]
    if rows:
        yield ""
        yield from table(("DECIDED BY", "THE TRIAL'S RULE", "THE PERSON", "DECISIONS"), rows, "")


def _counted(counters: Json) -> str:
    turned = ", ".join(f"{count:,} {TURNS.get(turn, turn)}" for turn, count in sorted(counters["turned"].items()))
    faults = f", {counters['faults']:,} FAILED" if counters["faults"] else ""
    how = f": {turned}" if turned else ""
    return f"{counters['judged']:,} decisions judged, {counters['differed']:,} differ{how}{faults}"


def _counters(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", "/policy/counters", None, _ruled)


def _ruled(answer: Json) -> Sequence[str]:
    rows = [
        (
            each["rule"] or "(no rule matched)",
            f"{each['outcome'] or 'gone'}{', report' if each['report'] else ''}",
            each["today"],
            each["day"],
            each["live"],
            moment(each["last_at"]),
            ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(each["would"].items())),
        )
        for each in answer["items"]
    ]
    return table(
        ("RULE", "OUTCOME", "TODAY", "24 H", "LIVE", "LAST AT", "WOULD HAVE, WHERE IT WAS"), rows, "No policy."
    )
