"""The short list of questions that a proxy may ask of the identity side. It is the only seam between the two.

The proxy is exposed to strangers and holds neither secrets nor a database. What it may know, it learns by these
questions.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from kernel.audit import Event
from kernel.reasons import Reason
from kernel.records.changes import Change
from kernel.records.devices import Device, Proof
from kernel.records.people import User
from kernel.records.sessions import LiveSession, SignIn


class Attempt(Struct, frozen=True):
    """A stranger's claim to be somebody. Exactly one of the credential fields is used, ``certificate`` may come
    beside it.

    ``name`` with ``password``: an app password (or, where configured, account password and code). ``token``: an
    access token,
    ``name`` optional and, if given, binding. ``cookie``: a route cookie. ``ticket`` with ``state``: hand-over from
    the identity pages.
    ``certificate``: DER of a client certificate whose chain TLS has verified; alone it means EXTERNAL, ``name`` the
    authzid.
    """

    service: str
    address: str
    name: str = ""
    password: str = ""
    token: str = ""
    cookie: str = ""
    ticket: str = ""
    state: str = ""
    route: str = ""
    certificate: bytes = b""
    client: str = ""

    def __repr__(self) -> str:
        return f"Attempt({self.service!r}, {self.address!r}, {self.name!r})"


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """What a session stands on, by name: enough to look its facts up again.

    ``credential_id`` names an app password or a device key; both, separated by a space, when a certificate came beside
    an app password.
    """

    user_id: str
    device_id: str = ""
    proof: Proof = Proof.NONE
    signin_id: str = ""
    grant_id: str = ""
    credential_id: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """The facts behind a session, as of change ``number``.

    ``fallen`` is set when something it stands on no longer does (app password or key revoked, sign-in or grant
    ended): whatever the
    policy says, the session is over. ``handles`` are the changes that concern it. ``proved_at`` is when a browser's
    key last answered.
    """

    key: SubjectKey
    user: User
    device: Device | None
    signin: SignIn | None
    handles: tuple[str, ...]
    number: int
    fallen: Reason | None = None
    proved_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Verified:
    """The credential is good. ``good_until`` bounds how long the proxy may remember so (0: not at all).

    ``cookie`` is the route cookie to set, when a ticket was redeemed. ``denied`` names a reason that refuses this
    service whatever the policy says.
    """

    subject: Subject
    good_until: float = 0.0
    cookie: str = field(default="", repr=False)
    denied: Reason | None = None


@dataclass(frozen=True, slots=True)
class NotVerified:
    """The credential is not good; the stranger learns nothing more. ``retry_after`` seconds when throttled."""

    reason: Reason
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy in force, as text: the proxy compiles it itself. ``trial`` is the number of a trial to be asked beside
    it, whose document is ``trial_text`` (0: none)."""

    revision: int
    text: str
    trial: int = 0
    trial_text: str = ""


class MintOrder(Struct, frozen=True):
    """Asks for what opens the upstream for one admitted session. ``backend`` is a name from the configuration."""

    backend: str
    key: SubjectKey
    session: str
    service: str
    address: str


@dataclass(frozen=True, slots=True)
class UpstreamLogin:
    """How to log in upstream. ``mechanism``: ``XOAUTH2``, ``OAUTHBEARER``, ``PLAIN``, ``LOGIN`` or ``NONE``.

    For PLAIN, ``authzid`` is the user to act as and ``name`` the master; for a Dovecot master user without authzid,
    ``name`` is ``user*master``.
    ``good_until`` bounds reuse for the same session (0: once).
    """

    mechanism: str
    name: str
    secret: str = field(repr=False)
    authzid: str = ""
    good_until: float = 0.0


class Authority(Protocol):
    """Answers a proxy's questions. Every method raises ``kernel.problems.Unavailable`` when the identity side cannot
    answer."""

    async def verify(self, attempt: Attempt) -> Verified | NotVerified:
        """Check a credential; failures are throttled and audited here."""
        ...

    async def facts(self, key: SubjectKey) -> Subject | None:
        """Return the present facts, or None when the user is gone."""
        ...

    async def policy(self) -> Policy:
        """Return the policy in force. Revision 0 with an empty text: none yet, deny everything."""
        ...

    def changes(self, since: int) -> AsyncIterator[Sequence[Change]]:
        """Yield changes after ``since`` as they happen, and an empty sequence at least every 5 s as a sign of
        life."""
        ...

    async def record(self, node: str, events: Sequence[Event]) -> None:
        """Append events to the audit chain; returns when they are durable."""
        ...

    async def sessions(self, node: str, opened: Sequence[LiveSession], closed: Sequence[str], whole: bool) -> None:
        """Tell which sessions this proxy carries; ``whole`` means that ``opened`` is all of them (after a
        reconnect)."""
        ...

    async def mint(self, order: MintOrder) -> UpstreamLogin:
        """Return what logs this session in upstream.

        Raises:
            Refused: no such backend, or the subject has fallen.
        """
        ...

    async def assertion(self, key: SubjectKey, session: str, audience: str) -> tuple[str, float]:
        """Return a signed identity (ES256 JWT, at most 5 minutes) for a web application, and when it expires.

        Raises:
            Refused: the subject has fallen.
        """
        ...

    async def keys(self) -> str:
        """Return the public keys (JWK set as JSON text) that signed identities verify with."""
        ...
