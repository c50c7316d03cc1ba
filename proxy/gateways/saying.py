"""What a mail client is told when it is refused or sent away: which code, which words. Pure.

Before authentication IMAP allows ASCII alone in human-readable text (RFC 3501, section 9, ``TEXT-CHAR``; RFC 9051
allows UTF-8 only after ENABLE IMAP4rev2, RFC 5255 only after LANGUAGE), SMTP allows UTF-8 only in replies within a
transaction that said SMTPUTF8 (RFC 6531, section 3.7.4). A refused login is never any of these: who speaks Japanese
reads English here, and Japanese behind the link. ManageSieve alone takes UTF-8 everywhere (RFC 5804, section 1.2).
"""

from kernel.reasons import OURS, WORDS, Reason, words
from proxy.admission import Admission

LONGEST = 300

FORGED = frozenset({Reason.CREDENTIALS, Reason.THROTTLED, Reason.CREDENTIAL_REVOKED})
"""Refused for the credential itself: the client should ask for another one. The rest of the caller's faults are
verdicts."""


def sentence(text: str, reason: Reason, *, utf8: bool = False) -> str:
    """Return ``text`` if the protocol may carry it, else the English words of ``reason``; one line, bounded."""
    plain = text if text and (utf8 or text.isascii()) else words(reason, "en")
    return "".join(sign if sign.isprintable() else " " for sign in plain)[:LONGEST].strip() or WORDS[reason]["en"]


def refusal(admission: Admission, *, utf8: bool = False) -> str:
    """Return the words and the link for a refused admission."""
    reason = admission.reason or Reason.FAULT
    said = admission.words
    if not utf8 and not said.isascii() and admission.decision is not None:
        said = admission.decision.words("en")
    line = sentence(said, reason, utf8=utf8)
    return f"{line} {admission.link}" if admission.link else line


def wrong_credential(reason: Reason) -> bool:
    """Tell whether another credential would help."""
    return reason in FORGED


def our_trouble(reason: Reason) -> bool:
    """Tell whether the client should come again and keep its password."""
    return reason in OURS
