"""``gatepost device``: the machines that people use, how far they are trusted, and what is known of them."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, Subparsers, Verbs, Words, argument, order, perform, refused
from gatepost.commands.showing import facts, moment, span, table
from idp.admin.machines import signal_value

NAME = "device"
WHICH = argument("device", "device id, name, or OWNER/NAME")
NOTE = argument("--note", "why, for the record", default="")
LONGEST_CSR = 32768

MOVES = (
    ("approve", "let a pending device in"),
    ("manage", "mark a device as managed by the organisation"),
    ("lose", "mark a device as lost: its sessions end as the policy says"),
    ("revoke", "revoke a device: its sessions end as the policy says"),
    ("restore", "take a lost or revoked device back"),
)


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "devices: approve, lose, revoke, signals, certificates")
    verbs.add(
        "list",
        "list devices",
        _list,
        argument("text", "part of an id, name or owner", nargs="?", default=""),
        argument("--owner", "devices of this user alone", default=""),
        argument("--trust", "pending, enrolled, managed, lost, revoked or expired", default=""),
    )
    verbs.add("show", "show a device with its signals and keys", _show, WHICH)
    verbs.add(
        "add",
        "register a device for a user",
        _add,
        argument("owner", "user name, mail address or id; - for a shared device"),
        argument("name", "what to call it"),
        argument("--platform", "macos, windows, debian, ios, android ...", default=""),
        argument("--kind", "computer, phone, browser ...", default="computer"),
    )
    verbs.add(
        "invite",
        "print a one-time code that makes a device, for the agent or an EST client",
        _invite,
        argument("owner", "user name, mail address or id; - for a shared device"),
        argument("name", "what to call it"),
        argument("--platform", "macos, windows, debian, ios, android ...", default=""),
        argument("--kind", "computer, phone ...", default="computer"),
        argument("--trust", "pending, enrolled or managed", default="enrolled"),
    )
    for act, about in MOVES:
        verbs.add(act, about, _mover(act), WHICH, NOTE)
    verbs.add("rename", "give a device another name", _rename, WHICH, argument("name", "the new name"))
    verbs.add("signal", "set facts of a device's posture", _signal, WHICH, argument("facts", "NAME=VALUE", nargs="+"))
    verbs.add(
        "sign",
        "sign a certificate request of a device",
        _sign,
        WHICH,
        argument("csr", "file with the request in PEM, - for standard input"),
        argument("--out", "write the certificate to this file"),
    )
    verbs.add(
        "ssh-sign",
        "certify an SSH key of a device's owner for some hours",
        _ssh_sign,
        WHICH,
        argument("key", "file with the public key, - for standard input"),
        argument("--hours", "how long it counts, 1 to 24", type=int, default=8),
    )
    verbs.add("ssh-authority", "print the key that signs them, for TrustedUserCAKeys", _ssh_authority)
    verbs.add("remove", "forget a device, its keys and app passwords", _remove, WHICH)


def offline(args: Words) -> bool:
    """Say whether this call needs no server: never."""
    return False


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    return perform(args, client)


def _list(args: Words, client: AdminCalls) -> int:
    path = address("devices", q=args.text, owner=args.owner, trust=args.trust, limit=1000)
    return order(args, client, "GET", path, None, _rows)


def _show(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", address("devices", args.device), None, _card)


def _add(args: Words, client: AdminCalls) -> int:
    body = {
        "owner": args.owner if args.owner != "-" else "",
        "name": args.name,
        "platform": args.platform,
        "kind": args.kind,
    }
    return order(args, client, "POST", "/devices", body, _card)


def _invite(args: Words, client: AdminCalls) -> int:
    body = {"owner": args.owner if args.owner != "-" else "", "name": args.name, "platform": args.platform}
    body |= {"kind": args.kind, "trust": args.trust}
    return order(args, client, "POST", "/devices/invitations", body, lambda answer: [answer["code"]])


def _ssh_sign(args: Words, client: AdminCalls) -> int:
    key = _read(args.key)
    path = address("devices", args.device, "ssh-certificates")
    body = {"key": key, "hours": args.hours}
    return order(args, client, "POST", path, body, lambda answer: [answer["certificate"]])


def _ssh_authority(args: Words, client: AdminCalls) -> int:
    return order(args, client, "GET", address("devices", "ssh-authority"), None, lambda answer: [answer["key"]])


def _mover(act: str) -> Callable[[Words, AdminCalls], int]:
    def move(args: Words, client: AdminCalls) -> int:
        path = address("devices", args.device, act)
        return order(args, client, "POST", path, {"note": args.note}, _stands)

    return move


def _rename(args: Words, client: AdminCalls) -> int:
    return order(args, client, "PATCH", address("devices", args.device), {"name": args.name}, _stands)


def _signal(args: Words, client: AdminCalls) -> int:
    pairs = [each.partition("=") for each in args.facts]
    for name, equals, _ in pairs:
        if not name or not equals:
            return refused(args, {"error": f"`{name}` is not NAME=VALUE", "problems": []})
    for name, _, text in pairs[:-1]:
        status, answer = client.call(
            "PUT", address("devices", args.device, "signals", name), {"value": signal_value(text)}
        )
        if status >= 400:
            return refused(args, answer)
    name, _, text = pairs[-1]
    path = address("devices", args.device, "signals", name)
    return order(args, client, "PUT", path, {"value": signal_value(text)}, _card)


def _sign(args: Words, client: AdminCalls) -> int:
    csr = _read(args.csr)
    path = address("devices", args.device, "certificates")
    if not args.out:
        return order(args, client, "POST", path, {"csr": csr}, lambda answer: [answer["certificate"].rstrip()])
    status, answer = client.call("POST", path, {"csr": csr})
    if status >= 400:
        return refused(args, answer)
    Path(args.out).write_text(answer["certificate"])
    return DONE


def _read(name: str) -> str:
    """Return a request or key out of a file; - is standard input."""
    return sys.stdin.read(LONGEST_CSR) if name == "-" else Path(name).read_text()[:LONGEST_CSR]


def _remove(args: Words, client: AdminCalls) -> int:
    path = address("devices", args.device)
    return order(args, client, "DELETE", path, None, lambda gone: [f"{gone['id']} ({gone['name']}) is forgotten."])


def _rows(answer: Json) -> Sequence[str]:
    rows = [
        (each["id"], each["owner"], each["name"], each["trust"], each["platform"], moment(each["last_seen_at"]))
        for each in answer["items"]
    ]
    heads = ("DEVICE", "OWNER", "NAME", "TRUST", "PLATFORM", "LAST SEEN")
    return table(heads, rows, "No devices. People register theirs at sign-in, or: gatepost device add OWNER NAME")


def _stands(one: Json) -> list[str]:
    return [f"{one['id']} ({one['name']}, {one['owner']}): {one['trust']}"]


SIGNAL_HEADS = ("SIGNAL", "VALUE", "REPORTED", "AGE", "BELIEVED", "BY", "MEANS")


def _told(name: str, each: Json) -> tuple[object, ...]:
    age, believed = max(0.0, time.time() - each["at"]), each["believed"]
    state = "as the policy says" if believed is None else f"{span(believed)}{'' if age < believed else ', too old'}"
    return (name, each["value"], moment(each["at"]), span(age), state, each["by"], each["means"])


def _card(one: Json) -> list[str]:
    signals = [_told(name, each) for name, each in sorted(one["signals"].items())]
    keys = [(each["id"], each["proof"], "revoked" if each["revoked"] else "good") for each in one["keys"]]
    return [
        *facts(
            (
                ("id", one["id"]),
                ("name", one["name"]),
                ("owner", one["owner"] or "shared"),
                ("trust", one["trust"]),
                ("platform", one["platform"]),
                ("kind", one["kind"]),
                ("last seen", moment(one["last_seen_at"])),
                ("note", one["note"]),
            )
        ),
        "",
        *table(SIGNAL_HEADS, signals, "No signals: gatepost device signal DEVICE NAME=VALUE"),
        "",
        *table(("KEY", "PROOF", "STATE"), keys, "No keys yet."),
    ]
