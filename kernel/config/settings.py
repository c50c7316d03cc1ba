"""What an operator can set, as frozen dataclasses with their defaults; every key of ``gatepost.toml`` is a field
here.

Durations are seconds, sizes bytes. Paths are absolute once read. Secrets are never fields: only the files that hold
them.
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
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port; an IPv6 host stands without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Listener:
    """One public port. ``service``: web, decisions, or a mail protocol. ``client_certificate``: ask for one."""

    name: str
    service: str
    address: Endpoint
    tls: Tls = Tls.IMPLICIT
    certificate: Path | None = None
    key: Path | None = None
    client_certificate: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A web application behind the gate, or behind a proxy of others' that asks us (``enforcers``: which ones may).

    ``host`` is what browsers type, with the port when it is not 443; ``certificate_host`` the same application for
    devices that show a certificate. ``name`` is the policy's service name.
    ``cookie`` lives
    ``session`` seconds at most. A page load asks the browser's key for a new proof after ``prove_every`` seconds, and
    no request
    passes with a proof older than ``prove_within`` (0: never asked). ``headers`` maps extra request headers to facts
    (``email``,
    ``name``, ``groups``, ``device``) for applications that need them. ``ca`` verifies ``https://`` upstreams (default:
    the system's authorities).
    """

    name: str
    host: str
    upstreams: tuple[str, ...] = ()
    path: str = "/"
    session: float = 12 * 3600.0
    prove_every: float = 600.0
    prove_within: float = 3600.0
    headers: dict[str, str] = field(default_factory=dict)
    mail_token: bool = False
    preserve_host: bool = True
    ca: Path | None = None
    enforcers: tuple[str, ...] = ()
    certificate_host: str = ""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a backend speaks one protocol. ``ca`` verifies it; ``server_name`` is checked against its certificate."""

    address: Endpoint
    tls: Tls = Tls.IMPLICIT
    ca: Path | None = None
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Backend:
    """A mail system. ``domains`` picks it by the user's address (empty: everybody). ``forward``: tell it the client's
    address and session id (IMAP ID and POP3 and ManageSieve XCLIENT as Dovecot takes them, SMTP XCLIENT)."""

    name: str
    imap: Upstream | None = None
    pop3: Upstream | None = None
    submission: Upstream | None = None
    sieve: Upstream | None = None
    login: Login = Login.TOKEN
    master_user: str = ""
    secret_file: Path | None = None
    domains: tuple[str, ...] = ()
    forward: bool = True
    audience: str = ""

    @property
    def upstreams(self) -> tuple[tuple[str, Upstream], ...]:
        """What it speaks, and where: service and upstream."""
        spoken = (("imap", self.imap), ("pop3", self.pop3), ("submission", self.submission), ("sieve", self.sieve))
        return tuple((service, upstream) for service, upstream in spoken if upstream is not None)


@dataclass(frozen=True, slots=True)
class MailServers:
    """Where nginx's mail proxy connects for whoever was let in: addresses, in clear, for it speaks no TLS to a server.
    ``backend`` is the one whose login it is handed, and whose ``domains`` pick it."""

    backend: str
    imap: Endpoint | None = None
    pop3: Endpoint | None = None
    smtp: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Enforcer:
    """A proxy of others' (nginx, Caddy, Traefik, Envoy) that asks before it lets anything through, at a listener for
    ``decisions``. It is believed when it stands in ``networks`` and shows the secret in ``secret_file``, or has
    ``certificate`` (PEM) and its key; both, where both are given."""

    name: str
    secret_file: Path | None = None
    certificate: Path | None = None
    networks: tuple[str, ...] = ("127.0.0.1/32", "::1/128")
    mail: tuple[MailServers, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a stranger may make us hold, before a proxy knows who it is."""

    line: int = 8192
    head: int = 32768
    header_fields: int = 200
    literal: int = 16384
    commands: int = 50
    errors: int = 5
    preauth_seconds: float = 60.0
    handshake_seconds: float = 20.0
    idle_seconds: float = 1860.0
    sessions_per_address: int = 200
    sessions: int = 20000
    letter: int = 100 * 1024 * 1024
    recipients: int = 1000


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """One proxy role. ``workers``: processes that share the listeners. ``max_stale``: how long it may go on
    unconfirmed."""

    workers: int = 1
    max_stale: float = 30.0
    remember: float = 300.0
    drain: float = 20.0
    trusted_proxies: tuple[str, ...] = ()
    webmails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdpSettings:
    """The identity role. ``new_browsers`` and ``new_certificates``: the trust that self-registered devices begin
    with."""

    new_browsers: str = "enrolled"
    new_certificates: str = "enrolled"
    certificate_days: float = 90.0
    report_every: float = 300.0
    signin_hours: float = 12.0
    access_token_seconds: float = 300.0
    refresh_days: float = 30.0
    argon2_memory_kib: int = 19456
    argon2_passes: int = 2
    argon2_parallel: int = 2
    minimum_password: int = 10
    logout_networks: tuple[str, ...] = ()
    logout_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """Who we are. ``issuer`` is the identity pages' origin (scheme, host, port); ``state`` the directory of all
    state. ``certificate_host``: where devices that show a certificate reach what is for devices alone."""

    name: str
    issuer: str
    state: Path
    domains: tuple[str, ...] = ()
    language: str = "en"
    help: str = ""
    certificate_host: str = ""


@dataclass(frozen=True, slots=True)
class GeographySettings:
    """Where facts about addresses come from: MaxMind DB files for ``country`` (or city), ``asn`` and ``anonymous``
    addresses, and a text file of anonymising networks. One older than ``max_age`` seconds is called old (0: never).
    ``travel_speed``: km/h beyond which nobody travels between two sign-ins."""

    country: Path | None = None
    asn: Path | None = None
    anonymous: Path | None = None
    anonymous_list: Path | None = None
    max_age: float = 45 * 86400.0
    travel_speed: int = 1000


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """How a policy comes into force. ``second_approver``: a publish is a proposal, until another admin approves it
    within ``proposals_last`` seconds. ``rollback_alone``: one admin alone may bring back what was in force within these
    last seconds (0: never)."""

    second_approver: bool = False
    proposals_last: float = 7 * 86400.0
    rollback_alone: float = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything. ``state`` holds gatepost.db, vault.key, run/ (sockets) and ca/."""

    site: Site
    listen: tuple[Listener, ...] = ()
    routes: tuple[Route, ...] = ()
    backends: tuple[Backend, ...] = ()
    enforcers: tuple[Enforcer, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    proxy: ProxySettings = field(default_factory=ProxySettings)
    idp: IdpSettings = field(default_factory=IdpSettings)
    geography: GeographySettings = field(default_factory=GeographySettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    source: Path | None = None

    @property
    def database(self) -> Path:
        return self.site.state / "gatepost.db"

    @property
    def vault_key(self) -> Path:
        return self.site.state / "vault.key"

    @property
    def authority_socket(self) -> Path:
        """Where idp answers the proxies' questions."""
        return self.site.state / "run" / "authority.sock"

    @property
    def pages_socket(self) -> Path:
        """Where idp serves its pages, to the proxy alone."""
        return self.site.state / "run" / "pages.sock"

    @property
    def admin_socket(self) -> Path:
        """Where idp takes orders from the command line of this machine."""
        return self.site.state / "run" / "admin.sock"

    @property
    def device_ca(self) -> Path:
        """The device certificate authority's certificates, PEM, for TLS listeners that ask for a client
        certificate."""
        return self.site.state / "ca" / "devices.pem"
