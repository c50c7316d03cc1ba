"""``gatepost policy``: one module per family of verbs, each with ``register(verbs)``. Most call the admin API; a verb
registered with ``alone`` needs no server."""

from gatepost.admin_client import AdminCalls
from gatepost.commands.frame import Subparsers, Verbs, Words, perform
from gatepost.commands.policy import (
    checking,
    explaining,
    exporting,
    importing,
    meaning,
    proposing,
    publishing,
    replaying,
    revisions,
    templates,
    testing,
    trial,
    who_can,
)

NAME = "policy"
FAMILIES = (
    *(checking, testing, explaining, meaning, who_can, replaying, trial),
    *(revisions, publishing, proposing, exporting, importing, templates),
)


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    verbs = Verbs(subparsers, NAME, "the access policy")
    for family in FAMILIES:
        family.register(verbs)


def offline(args: Words) -> bool:
    """Say whether this call needs no server: the verb can do without one, nobody asked for it with ``--online``, and
    what it names is not at the server alone (``served``)."""
    served = getattr(args, "served", None)
    return args.alone is not None and not getattr(args, "online", False) and not (served and served(args))


def run(args: Words, client: AdminCalls | None) -> int:
    """Run the verb."""
    if client is None and args.alone is not None:
        code: int = args.alone(args)
        return code
    return perform(args, client)
