"""Users and groups. Secrets (passwords, TOTP seeds) are records of their own, in ``credentials``."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in. ``name`` and ``email`` are canonical (NFKC, lower case) and unique."""

    id: str
    name: str
    email: str
    display_name: str = ""
    language: str = "en"
    groups: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    disabled: bool = False
    created_at: float = 0.0

    def addresses(self) -> Iterator[str]:
        """Yield every mail address that this user may send from."""
        yield self.email
        yield from self.aliases


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of users; membership stands on the user."""

    name: str
    description: str = ""
