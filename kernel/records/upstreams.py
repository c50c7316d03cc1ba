"""What logs one person in at one mail backend: a refresh token or a secret of theirs there, sealed by idp's vault."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UpstreamGrant:
    """One person's refresh token, or secret, at one backend. ``id`` is ``grant_id(backend, user_id)``, ``account`` the
    name that it belongs to there. ``broken`` is what the other side said when it took it no more (``""``: it does)."""

    id: str
    user_id: str
    backend: str
    account: str
    sealed: str
    linked_at: float
    broken: str = ""
    broken_at: float = 0.0


@dataclass(frozen=True, slots=True)
class UpstreamLinking:
    """A person who was sent to a provider to consent and has not come back. ``digest`` is the keyed hash of ``state``,
    ``sealed`` the PKCE verifier, ``signin_id`` the browser's sign-in (``""``: begun on the command line)."""

    digest: str
    user_id: str
    backend: str
    sealed: str
    expires_at: float
    signin_id: str = ""


def grant_id(backend: str, user_id: str) -> str:
    """Return the key of a person's grant at a backend."""
    return f"{backend}:{user_id}"
