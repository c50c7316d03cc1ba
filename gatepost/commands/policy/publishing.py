"""``gatepost policy publish`` and ``rollback``: what changes the policy in force."""

from gatepost.admin_client import AdminCalls, Json
from gatepost.commands.frame import DONE, Verbs, Words, argument, order, output, refused
from gatepost.commands.policy.reading import COMMENT, FILE, FORCE, number, read


def register(verbs: Verbs) -> None:
    """Add the verbs."""
    verbs.add(
        "publish",
        "put a file in force",
        _publish,
        FILE,
        COMMENT,
        argument("--base", "refuse if another revision than this is in force", type=int),
        FORCE,
    )
    verbs.add("rollback", "put an earlier revision in force again", _rollback, number(None), COMMENT, FORCE)


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
