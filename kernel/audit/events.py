"""What is remembered for ever: one frozen class per event, no secrets, no message bodies.

Every event says when, who acted (``actor``: ``user:NAME``, ``admin:NAME``, ``client:ID``, ``proxy:NODE`` or
``system``), and whom or
what it concerned. ``reference`` is the short code that a refused person reads out.
"""

from typing import Any, ClassVar

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True):
    """What all events share. Two are made for every session, with all of their fields: a ``Struct`` is made in a tenth
    of the time of a frozen dataclass."""

    kind: ClassVar[str] = "event"
    at: float
    actor: str = "system"
    user: str = ""
    user_id: str = ""
    device_id: str = ""
    address: str = ""
    reference: str = ""


class Decided(Event, frozen=True, kw_only=True):
    """The guard judged a session: at its start (``session`` begins), or again while it lived.

    ``facts`` is what was judged, as ``policies.snapshot`` keeps it, so that it can be judged again; ``as_of`` the
    change up to which it was known. ``reports`` names the ``mode: report`` rules that would have decided, ``trial``
    the trial that was asked beside (0: none).
    """

    kind: ClassVar[str] = "decided"
    session: str
    service: str
    outcome: str
    rule: str
    revision: int
    reason: str = ""
    again: bool = False
    client: str = ""
    node: str = ""
    words: dict[str, str] = {}
    facts: dict[str, Any] = {}
    as_of: int = 0
    reports: tuple[str, ...] = ()
    trial: int = 0


class TrialDiffered(Event, frozen=True, kw_only=True):
    """A trial would have decided otherwise: ``would`` by ``would_rule``, where ``outcome`` was decided by ``rule``.

    ``turn`` says what that means for the person (``policies.turning``); ``fault`` is set, and ``turn`` empty, when the
    trial's document failed. Nothing was enforced.
    """

    kind: ClassVar[str] = "trial-differed"
    trial: int
    session: str
    service: str
    outcome: str
    rule: str
    revision: int
    would: str
    would_rule: str
    turn: str
    fault: str = ""
    again: bool = False
    client: str = ""
    node: str = ""


class SessionEnded(Event, frozen=True, kw_only=True):
    """A live session is over; ``reason`` is one of ``kernel.reasons`` or ``closed``."""

    kind: ClassVar[str] = "session-ended"
    session: str
    service: str
    reason: str
    seconds: float = 0.0
    octets_in: int = 0
    octets_out: int = 0


class SessionOrdered(Event, frozen=True, kw_only=True):
    """Somebody ordered a live session to end; its own SessionEnded follows from the proxy that carries it."""

    kind: ClassVar[str] = "session-ordered"
    session: str
    service: str


class CredentialRefused(Event, frozen=True, kw_only=True):
    """A credential did not verify, or was throttled. ``user`` is what was typed, cut to 128 characters, escaped."""

    kind: ClassVar[str] = "credential-refused"
    service: str
    reason: str


class SignedIn(Event, frozen=True, kw_only=True):
    """A browser signed in, stepped up, or signed out; ``step`` names which. ``country`` is where it began, ``odd`` how
    it differs from earlier ones: ``new-device``, ``new-country``, ``impossible-travel``."""

    kind: ClassVar[str] = "signed-in"
    signin_id: str
    step: str
    factors: tuple[str, ...] = ()
    country: str = ""
    odd: tuple[str, ...] = ()


class FactorChanged(Event, frozen=True, kw_only=True):
    """A password, TOTP seed, passkey, recovery code or app password was made, used up, changed or revoked."""

    kind: ClassVar[str] = "factor-changed"
    factor: str
    act: str
    detail: str = ""


class DeviceChanged(Event, frozen=True, kw_only=True):
    """A device was registered, renamed, approved, lost, revoked, given a key or a signal."""

    kind: ClassVar[str] = "device-changed"
    act: str
    device: str = ""
    detail: str = ""


class ReportRefused(Event, frozen=True, kw_only=True):
    """A posture report did not count: forged, replayed, out of order, foreign, or of a device that is out."""

    kind: ClassVar[str] = "report-refused"
    reason: str
    key: str = ""


class AuthorityChanged(Event, frozen=True, kw_only=True):
    """A key of the certificate authority was made, or taken off this machine; ``authority`` is its key identifier."""

    kind: ClassVar[str] = "authority-changed"
    act: str
    authority: str


class UserChanged(Event, frozen=True, kw_only=True):
    """A user or group was made, changed, disabled or removed."""

    kind: ClassVar[str] = "user-changed"
    act: str
    detail: str = ""


class PolicyChanged(Event, frozen=True, kw_only=True):
    """A policy revision was published or rolled back to, or a publish was refused; or what became of a proposal.

    ``forced`` names the guards that were passed by force or acknowledgement. ``trial``: the one that began or ended.
    """

    kind: ClassVar[str] = "policy-changed"
    act: str
    revision: int
    comment: str = ""
    proposal: int = 0
    forced: tuple[str, ...] = ()
    trial: int = 0


class GrantChanged(Event, frozen=True, kw_only=True):
    """Tokens were granted, refreshed, revoked, or a family was ended for reuse."""

    kind: ClassVar[str] = "grant-changed"
    act: str
    grant_id: str
    client_id: str
    detail: str = ""


class ClientChanged(Event, frozen=True, kw_only=True):
    """A relying party was registered, changed or removed."""

    kind: ClassVar[str] = "client-changed"
    act: str
    client_id: str


class LetterPassed(Event, frozen=True, kw_only=True):
    """A letter went through submission: its envelope, size and the next hop's answer; never its content."""

    kind: ClassVar[str] = "letter-passed"
    session: str
    sender: str
    recipients: int
    octets: int
    answer: str


class Consulted(Event, frozen=True, kw_only=True):
    """A program of others' asked our decision point, and no rule was read for one person's sake: a search, or a
    question about what does not exist. ``what``: which question; ``about``: its nouns; ``answer``: in a word."""

    kind: ClassVar[str] = "consulted"
    what: str
    about: str = ""
    answer: str = ""


class Fault(Event, frozen=True, kw_only=True):
    """Something of ours failed: ``where`` and ``what``, for the operator."""

    kind: ClassVar[str] = "fault"
    where: str
    what: str


EVENTS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        Decided,
        TrialDiffered,
        SessionEnded,
        SessionOrdered,
        CredentialRefused,
        SignedIn,
        FactorChanged,
        DeviceChanged,
        AuthorityChanged,
        ReportRefused,
        UserChanged,
        PolicyChanged,
        GrantChanged,
        ClientChanged,
        LetterPassed,
        Consulted,
        Fault,
    )
}
