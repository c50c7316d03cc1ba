"""Mail systems behind the gate, as an operator describes them: where they are, whom they serve, how we log in there.

Part of ``kernel.config.settings``, by which everybody else knows these names.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Tls(StrEnum):
    """How a listener, or an upstream, speaks TLS."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


class Login(StrEnum):
    """How the gate logs in at a mail backend."""

    TOKEN = "token"
    MASTER = "master"
    AUTHZID = "authzid"
    OAUTH = "oauth"
    STORED = "stored"
    EXTERNAL = "external"
    NONE = "none"


class Provider(StrEnum):
    """Whose token endpoint it is: shapes that we know, or one that is described in full."""

    MICROSOFT = "microsoft"
    GOOGLE = "google"
    OTHER = "other"


class Ground(StrEnum):
    """What an access token stands on: each person's own consent, or the organisation's (app-only)."""

    PERSON = "person"
    APP = "app"


@dataclass(frozen=True, slots=True)
class OAuth:
    """Where access tokens for a backend come from, see ``kernel.config.providers``. ``secret_file`` holds the client's
    secret, ``key_file`` a Google service account's JSON key. ``networks``: the non-public ones where the token endpoint
    may be; ``ca`` verifies it (default: the system's authorities)."""

    client_id: str = ""
    provider: Provider = Provider.OTHER
    ground: Ground = Ground.PERSON
    tenant: str = "common"
    secret_file: Path | None = None
    key_file: Path | None = None
    authorize_url: str = ""
    token_url: str = ""
    scope: str = ""
    networks: tuple[str, ...] = ()
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port; an IPv6 host stands without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a backend speaks one protocol. ``ca`` verifies it; ``server_name`` is checked against its certificate.
    ``standby``: further addresses of the same system, tried in this order while those before cannot be reached.
    ``certificate`` and ``key`` (PEM) are what we show there; ``login = "external"`` stands on them."""

    address: Endpoint
    tls: Tls = Tls.IMPLICIT
    ca: Path | None = None
    server_name: str = ""
    standby: tuple[Endpoint, ...] = ()
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Backend:
    """A mail system. Whom it serves is said by ``domains`` (of the user's address) and ``attributes`` (of the user; all
    must hold), see ``kernel.config.choosing``; without either, everybody. ``forward``: tell it the client's address and
    session id (IMAP ID and POP3 and ManageSieve XCLIENT as Dovecot takes them, SMTP XCLIENT).
    ``certificate`` and ``key`` (PEM) are what we show there, and what ``login = "external"`` stands on."""

    name: str
    imap: Upstream | None = None
    pop3: Upstream | None = None
    submission: Upstream | None = None
    sieve: Upstream | None = None
    login: Login = Login.TOKEN
    master_user: str = ""
    secret_file: Path | None = None
    oauth: OAuth | None = None
    certificate: Path | None = None
    key: Path | None = None
    domains: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    forward: bool = True
    audience: str = ""

    @property
    def upstreams(self) -> tuple[tuple[str, Upstream], ...]:
        """What it speaks, and where: service and upstream."""
        spoken = (("imap", self.imap), ("pop3", self.pop3), ("submission", self.submission), ("sieve", self.sieve))
        return tuple((service, upstream) for service, upstream in spoken if upstream is not None)


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """Whose mailbox is where: ``lookup`` is a file of lines ``user backend``, read again when it changes. It comes
    before what the backends say of themselves."""

    lookup: Path | None = None
