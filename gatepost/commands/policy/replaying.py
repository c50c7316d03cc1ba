"""``gatepost policy replay``: recorded decisions made again, by their own rules or by others, and who would feel it."""

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, REFUSED, Verbs, Words, argument, output, refused
from gatepost.commands.policy.reading import read, when
from gatepost.commands.showing import moment, table
from kernel.problems import Refused

DAY = 86400.0
SHOWN = 30
WAIT = 1
"""Seconds between two words about how far it is."""

TURNS = (
    ("denied", "Would be refused"),
    ("allowed", "Would be let in"),
    ("stepped_up", "Would be asked for another factor"),
    ("limited", "Would get other limits"),
)


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add(
        "replay",
        "make recorded decisions again: by a draft, or each by its own revision, which must change nothing",
        _replay,
        argument("file", "policy file, - for standard input; each record's own revision if left out", nargs="?"),
        argument("--revision", "replay by this published revision", type=int, default=0),
        argument("--against", "compare with what this revision would have decided", type=int, default=0),
        argument("--days", "of the last so many days; all if left out", type=float),
        argument("--since", "from this time on: 2026-01-31T18:30, UTC unless it says otherwise"),
        argument("--limit", "so many decisions at most, the latest", type=int, default=1_000_000),
        argument("--examples", "how many examples of each kind", type=int, default=10),
    )


def _replay(args: Words, client: AdminCalls) -> int:
    text = read(args.file) if args.file else None
    body: dict[str, Any] = {
        "revision": args.revision,
        "against": args.against,
        "since": _since(args),
        "limit": args.limit,
        "examples": args.examples,
    }
    status, answer = client.call("POST", "/policy/replay", body if text is None else {**body, "text": text})
    if status >= 400:
        return refused(args, answer, text or "", args.file or "policy")
    try:
        answer = _watched(client, answer)
    except KeyboardInterrupt:
        client.call("DELETE", address("policy", "replay", answer["id"]))
        raise
    output(args, answer, lambda told: list(_told(told, args)))
    if answer["state"] != "done":
        return REFUSED
    return DONE if text is not None or args.revision or _untouched(answer["found"]) else REFUSED


def _since(args: Words) -> float:
    if args.days is not None and args.since is not None:
        raise Refused("say either --days or --since")
    if args.days is not None:
        return max(0.0, time.time() - float(args.days) * DAY)
    return when(args.since) or 0.0


def _watched(client: AdminCalls, job: Json) -> Json:
    """Wait until a replay is over, saying on standard error how far it is; return it."""
    shown = -1
    while job["state"] == "running":
        status, answer = client.call("GET", address("policy", "replay", job["id"], wait=WAIT))
        if status >= 400:
            raise Refused(str(answer.get("error", "the replay is lost")))
        job = answer
        part = 100 * job["done"] // max(job["total"], 1)
        if part != shown and (sys.stderr.isatty() or part // 10 != shown // 10):
            shown = part
            end = "\r" if sys.stderr.isatty() and job["state"] == "running" else "\n"
            print(f"replayed {job['done']:,} of {job['total']:,} decisions ({part} %)", end=end, file=sys.stderr)
            sys.stderr.flush()
    return job


def _untouched(found: Json) -> bool:
    return found["same"] == found["replayed"] and not found["faults"]


def _told(job: Json, args: Words) -> Iterator[str]:
    found = job["found"]
    by = args.file or (f"revision {args.revision}" if args.revision else "their own revisions")
    if job["state"] != "done":
        yield f"The replay was {job['state']} after {job['done']:,} decisions."
    if not found["seen"]:
        yield "No decisions are on record there."
        return
    yield (
        f"{found['seen']:,} decisions from {moment(found['first_at'])} to {moment(found['last_at'])}, "
        f"{found['replayed']:,} made again by {by}."
    )
    yield from _apart(found)
    yield f"The same: {found['same']:,} ({_percent(found['same'], found['replayed'])})."
    for turn, title in TURNS:
        yield from _group(title, found["turned"][turn])
    yield from _group("The same outcome, by another rule", found["moved"])
    if found["reports"]:
        yield ""
        rows = [(each["rule"], each["would"], each["outcome"], each["decisions"]) for each in found["reports"]]
        yield from table(("REPORT RULE", "WOULD", "DECIDED", "DECISIONS"), rows[:SHOWN], "")


def _apart(found: Json) -> Iterator[str]:
    """Yield what could not be made again, or was not decided by a policy."""
    if found["unreadable"]:
        yield "Cannot be replayed: " + _listed(found["unreadable"], "why") + "."
    if found["others"]:
        yield "Not decided by a policy: " + _listed(found["others"], "reason") + "."
    if found["faults"]:
        yield f"FAULTS: in {found['faults']:,} decisions the policy itself failed, and refused."


def _group(title: str, group: Mapping[str, Any]) -> Iterator[str]:
    if not group["decisions"]:
        return
    yield ""
    people = group["people"]
    yield f"{title}: {group['decisions']:,} decisions, {people:,} {'person' if people == 1 else 'people'}"
    users = [
        (each["user"] or "-", each["decisions"], ", ".join(each["services"]), moment(each["last_at"]))
        for each in group["users"]
    ]
    yield from _rows(table(("USER", "DECISIONS", "SERVICES", "LAST AT"), users[:SHOWN], ""), len(users))
    rules = [(each["was"] or "(none)", each["would"] or "(none)", each["decisions"]) for each in group["rules"]]
    yield from _rows(table(("DECIDED BY", "WOULD BE DECIDED BY", "DECISIONS"), rules[:SHOWN], ""), len(rules))
    examples = [
        (each["number"], moment(each["at"]), each["user"], each["device"], each["service"], each["address"])
        + (each["reference"] or "-",)
        for each in group["examples"]
    ]
    if examples:
        heads = ("RECORD", "AT", "USER", "DEVICE", "SERVICE", "ADDRESS", "REFERENCE")
        yield from _rows(table(heads, examples, ""), 0)


def _rows(lines: list[str], count: int) -> Iterator[str]:
    yield from (f"  {line}" for line in lines)
    if count > SHOWN:
        yield f"  ... and {count - SHOWN} more (--json shows all)"


def _listed(rows: list[Json], name: str) -> str:
    return ", ".join(f"{each['decisions']:,} ({each[name] or 'no reason'})" for each in rows)


def _percent(part: int, whole: int) -> str:
    """Return a share that says 100 only when it is all."""
    if not whole:
        return "-"
    return "100 %" if part == whole else f"{min(100 * part / whole, 99.99):.2f} %"
