"""What the account desk answers. None of these says whether a user exists, except to whoever proved to be that user."""

from dataclasses import dataclass, field

from kernel.records.people import User


@dataclass(frozen=True, slots=True)
class PasswordAnswer:
    """``user`` when the password is right, else None. ``retry_after`` (seconds) above 0: too many failures, nothing was
    tried. ``must_change``: the password was set by somebody else and has to be replaced."""

    user: User | None
    retry_after: float = 0.0
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class FactorAnswer:
    """Whether a code was good, and used up by this. ``retry_after`` as in ``PasswordAnswer``. ``left``: how many
    recovery codes remain."""

    good: bool
    retry_after: float = 0.0
    left: int = 0


@dataclass(frozen=True, slots=True)
class TotpEnrolment:
    """A new TOTP seed to show once: ``secret`` (base32) for typing, ``uri`` (otpauth) for the QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
