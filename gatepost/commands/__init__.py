"""The admin's commands: modules with ``NAME``, ``register(subparsers)``, ``offline(args)`` and ``run(args, client)``.

``run`` returns the exit code: 0 done, 1 refused or failed, 2 usage. They only call the admin API and show its answer.
"""

from collections.abc import Sequence
from typing import Protocol

from gatepost.admin_client import AdminCalls
from gatepost.commands import audit, client, device, group, policy, session, user
from gatepost.commands.frame import Subparsers, Words


class Command(Protocol):
    """What a module of this package offers."""

    NAME: str

    def register(self, subparsers: Subparsers) -> None:
        """Add this command to the command line."""
        ...

    def offline(self, args: Words) -> bool:
        """Say whether this call needs no server at all."""
        ...

    def run(self, args: Words, client: AdminCalls | None) -> int:
        """Do it and return the exit code."""
        ...


COMMANDS: Sequence[Command] = (user, group, device, session, policy, client, audit)
