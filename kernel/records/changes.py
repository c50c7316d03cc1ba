"""The change log: what may turn a decision, numbered without gaps, so that a follower can miss nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """Something that decisions stand on has changed. ``handle`` names it, see the functions below."""

    number: int
    at: float
    handle: str


POLICY = "policy"
"""The handle of the policy as a whole."""

PROPOSALS = "proposals"
"""The handle of what waits for a second admin. No decision stands on it; pages that show it do."""


def user_handle(user_id: str) -> str:
    """Name a user: profile, groups, disabled."""
    return f"user:{user_id}"


def device_handle(device_id: str) -> str:
    """Name a device: trust, owner, signals, keys."""
    return f"device:{device_id}"


def signin_handle(signin_id: str) -> str:
    """Name a sign-in: factors, device proof, end."""
    return f"signin:{signin_id}"


def grant_handle(grant_id: str) -> str:
    """Name a grant of tokens: its end."""
    return f"grant:{grant_id}"


def credential_handle(credential_id: str) -> str:
    """Name an app password or a device key: its revocation."""
    return f"credential:{credential_id}"


def session_handle(session_id: str) -> str:
    """Name one live session: an admin or its owner ended it."""
    return f"session:{session_id}"
