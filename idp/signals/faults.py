"""Why a signal of others' has no effect: a closed list, each with the words that RFC 8935 section 2.4 has for it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class SignalFault(StrEnum):
    """Every reason there is. The last group is about a genuine signal that means nothing here."""

    SECRET = "secret"
    MALFORMED = "malformed"
    TYPE = "type"
    ALGORITHM = "algorithm"
    KEY = "unknown-key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TIME = "time"

    REPLAYED = "replayed"
    EVENT = "event"
    SUBJECT = "unknown-subject"
    ORDER = "out-of-order"
    SIGNAL = "signal"


GENUINE: Final = frozenset(
    {SignalFault.REPLAYED, SignalFault.EVENT, SignalFault.SUBJECT, SignalFault.ORDER, SignalFault.SIGNAL}
)
"""Nothing the transmitter could mend by sending it again: acknowledged, on record, without effect."""

ERRORS: Final[Mapping[SignalFault, str]] = {
    SignalFault.SECRET: "authentication_failed",
    SignalFault.KEY: "invalid_key",
    SignalFault.SIGNATURE: "invalid_key",
    SignalFault.ALGORITHM: "invalid_key",
    SignalFault.ISSUER: "invalid_issuer",
    SignalFault.AUDIENCE: "invalid_audience",
}
"""``err`` where it is not ``invalid_request``."""

SENTENCES: Final[Mapping[SignalFault, str]] = {
    SignalFault.SECRET: "The authorization does not name this transmitter.",
    SignalFault.MALFORMED: "This is no security event token with one event.",
    SignalFault.TYPE: "The token's type is not secevent+jwt.",
    SignalFault.ALGORITHM: "The token is not signed by the algorithm agreed on.",
    SignalFault.KEY: "The key that signed the token is not known.",
    SignalFault.SIGNATURE: "The signature does not fit.",
    SignalFault.ISSUER: "The token is of another issuer.",
    SignalFault.AUDIENCE: "The token is for another audience.",
    SignalFault.TIME: "The token is too old, or from the future.",
    SignalFault.REPLAYED: "This has counted already.",
    SignalFault.EVENT: "This event has no effect here.",
    SignalFault.SUBJECT: "The subject is not known here.",
    SignalFault.ORDER: "Something later is known already.",
    SignalFault.SIGNAL: "These signals are not set by this source.",
}


def error_of(fault: SignalFault) -> dict[str, str]:
    """Return the body of a refusal (RFC 8935, section 2.3)."""
    return {"err": ERRORS.get(fault, "invalid_request"), "description": SENTENCES[fault]}
