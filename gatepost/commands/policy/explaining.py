"""``gatepost policy explain``: what would be decided, with the trace of every rule."""

from collections.abc import Mapping
from typing import Any

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.frame import DONE, Verbs, Words, argument, flag, output, refused
from gatepost.commands.policy.reading import read, when
from gatepost.commands.showing import facts, moment, plain

SIGNS = {"held": "+", "not held": "-", "unknown": "?"}


def register(verbs: Verbs) -> None:
    """Add the verb."""
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


def _explain(args: Words, client: AdminCalls) -> int:
    body: dict[str, Any] = {
        "service": args.service,
        "user": args.user,
        "device": args.device,
        "address": args.address,
        "revision": args.revision,
    }
    text = read(args.file) if args.file else ""
    optional = {"at": when(args.at), "proof": args.proof, "factors": args.factor, "text": text or None}
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
    return [*lines, "", *(line for rule in decision["trace"] for line in traced(rule, whole))]


def traced(rule: Mapping[str, Any], whole: bool) -> list[str]:
    """Return how one rule came out; with ``whole``, also the conditions that held of one that did not match."""
    verdict = "DECIDES" if rule["decided"] else "matches" if rule["matched"] else "no match"
    lines = [f"[{verdict}] {plain(rule['rule'])} ({rule['outcome']}{', report only' if rule['report'] else ''})"]
    for each in rule["conditions"]:
        if not (whole or rule["matched"] or each["truth"] != "held"):
            continue
        wanted, seen = plain(each["wanted"]), plain(each["seen"])
        hint = f"  ({plain(each['hint'])})" if each["hint"] else ""
        lines.append(f"    {SIGNS.get(each['truth'], ' ')} {each['key']}: wants {wanted}, sees {seen}{hint}")
    return lines
