"""The secrets that stand for a sign-in, and the keyed digests under which they are stored. Pure."""

from typing import Protocol

LONGEST = 128
"""Characters of the longest secret of ours that is looked at; ours have 43."""

SIGNIN, ROUTE, TICKET = "signin-cookie", "route-cookie", "ticket"
"""What a digest is for: a secret of one kind never passes for one of another."""


class Digester(Protocol):
    """The part of the vault that is needed here."""

    def digest(self, purpose: str, secret: str, /) -> str:
        """Return the keyed hash under which ``secret`` is found again."""
        ...


def digest_of(vault: Digester, purpose: str, secret: str) -> str:
    """Return the digest of what a browser showed; ``""``, which no record has, when it cannot be one of ours."""
    if not 16 <= len(secret) <= LONGEST or not secret.isascii():
        return ""
    return vault.digest(purpose, secret)
