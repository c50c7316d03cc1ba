"""What a session is offered of a server's capabilities. Pure.

With limits: those that are known to leave them whole, and nothing else. Without, but between client and server all the
same: all but what would lead around the gate.
"""

import re
from functools import lru_cache

from policies.model import Limits

SPENT = re.compile(
    rb"(?:AUTH=.*|LOGINDISABLED|STARTTLS|LOGIN-REFERRALS|MAILBOX-REFERRALS|SASL-IR|UNAUTHENTICATE)\Z", re.IGNORECASE
)
"""Capabilities of the server that are spent once one is logged in, or that would lead around the gate."""
BLINDING = re.compile(rb"COMPRESS=.*\Z", re.IGNORECASE)

KNOWN = re.compile(
    rb"(?:IMAP4(?:REV1|REV2)?|ID|IDLE|ENABLE|NAMESPACE|CHILDREN|UNSELECT|UIDPLUS|ACL|RIGHTS=\S*|QUOTA|QUOTA=\S*|"
    rb"LIST-EXTENDED|LIST-STATUS|LIST-MYRIGHTS|SPECIAL-USE|STATUS=SIZE|OBJECTID|SAVEDATE|WITHIN|UTF8=ACCEPT|LITERAL[+-]|"
    rb"SORT|SORT=DISPLAY|THREAD=\S*|ESEARCH|ESORT|SEARCHRES|I18NLEVEL=[12]|CONDSTORE|QRESYNC|INPROGRESS|XLIST|"
    rb"MOVE|MULTIAPPEND|CREATE-SPECIAL-USE|APPENDLIMIT(?:=\d+)?|BINARY|METADATA|METADATA-SERVER|"
    rb"PREVIEW|PREVIEW=\S*|X-GM-EXT-1)\Z",
    re.IGNORECASE,
)
CHANGING = re.compile(rb"(?:MOVE|MULTIAPPEND|CREATE-SPECIAL-USE|APPENDLIMIT.*|UIDPLUS)\Z", re.IGNORECASE)
SHOWING = re.compile(rb"(?:PREVIEW.*|BINARY|X-GM-EXT-1)\Z", re.IGNORECASE)
"""What shows more of a message than its text: a preview may be of an attachment."""
NAMING = re.compile(rb"X-GM-EXT-1\Z", re.IGNORECASE)
"""What knows mailboxes by other ways than their names: labels."""

LIST = re.compile(rb"(\[CAPABILITY |\A\* CAPABILITY )([^\]\r\n]*)", re.IGNORECASE)


@lru_cache(maxsize=256)
def offers_of(capability: bytes) -> bytes:
    """Return what a session without limits may use; upstreams are few, so their lists are remembered."""
    return b" ".join(word for word in capability.split() if not SPENT.match(word))


@lru_cache(maxsize=256)
def watched_offers(capability: bytes) -> bytes:
    """Return what a session without limits may use between which and the server somebody stands."""
    return b" ".join(word for word in offers_of(capability).split() if not BLINDING.match(word))


@lru_cache(maxsize=256)
def limited_offers(capability: bytes, limits: Limits) -> bytes:
    """Return what a session with these limits may use."""
    barred = [CHANGING] if limits.read_only else []
    barred += [SHOWING] if limits.attachments_block else []
    barred += [NAMING] if limits.folders else []
    words = [word for word in capability.split() if KNOWN.match(word)]
    return b" ".join(word for word in words if not any(each.match(word) for each in barred))


@lru_cache(maxsize=256)
def becomes_another(capability: bytes) -> bool:
    """Tell whether the server lets a session become somebody else's (RFC 8437)."""
    return b"UNAUTHENTICATE" in capability.upper().split()
