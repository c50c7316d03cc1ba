"""Who asks for an admin act, and how far they are trusted."""

from dataclasses import dataclass

ADMIN = "admin:"


@dataclass(frozen=True, slots=True)
class Actor:
    """An admin. ``name`` is what the audit log shows: ``admin:NAME``, or ``admin:local:UNIXUSER`` on the local socket.

    ``local``: asks from this machine's own admin socket, which alone may force what would lock every admin out.
    """

    name: str
    local: bool = False

    @property
    def user(self) -> str:
        """The name of the user who acts, ``""`` at the local socket: who sits there nobody knows."""
        return "" if self.local else self.name.removeprefix(ADMIN)

    @classmethod
    def of(cls, user_name: str) -> "Actor":
        """Return the actor for a signed-in admin."""
        return cls(f"{ADMIN}{user_name}")

    @classmethod
    def on_this_machine(cls, unix_user: str) -> "Actor":
        """Return the actor for whoever may open the local admin socket."""
        return cls(f"admin:local:{unix_user}", local=True)
