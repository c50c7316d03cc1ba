"""What a SEARCH, SORT or THREAD looks for (RFC 9051, section 6.4.4; RFC 5256). Pure.

Who may not have attachments may not ask what words stand in them either: searching bodies is an oracle.
"""

import re
from collections.abc import Mapping

from proxy.gateways.imap.inspection.values import Malformed, Value, values

_NUMBERS = re.compile(rb"(?:\$|[0-9*][0-9:*,]*)\Z")
_ALONE = (
    *("ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN", "UNANSWERED", "UNDELETED"),
    *("UNDRAFT", "UNFLAGGED", "UNSEEN", "SAVEDATESUPPORTED"),
    *("NOT", "OR", "FUZZY"),  # what stands behind them are keys again
)
_OF_ONE = (
    *("BCC", "BEFORE", "CC", "FROM", "KEYWORD", "LARGER", "OLDER", "ON", "SAVEDBEFORE", "SAVEDON", "SAVEDSINCE"),
    *("SENTBEFORE", "SENTON", "SENTSINCE", "SINCE", "SMALLER", "SUBJECT", "TO", "UID", "UNKEYWORD", "YOUNGER"),
    *("EMAILID", "THREADID", "X-GM-MSGID", "X-GM-THRID"),
)
TAKES: Mapping[bytes, int] = {
    **{word.encode(): 0 for word in _ALONE},
    **{word.encode(): 1 for word in _OF_ONE},
    b"HEADER": 2,
}
"""How many words each key takes behind it."""

_RETURNS = frozenset((b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"))


def harmless(verb: bytes, arguments: bytes) -> bool:
    """Tell whether a search (with its CR LF, and its literals) looks at nothing but flags, dates, sizes and headers."""
    try:
        given = values(arguments, 0)
    except Malformed:
        return False
    if verb in (b"SORT", b"THREAD"):
        given = _without_return(given)[2:]
        return _keys(given)
    given = _without_return(given)
    if given and given[0] is not None and not isinstance(given[0], list) and given[0].upper() == b"CHARSET":
        given = given[2:]
    return _keys(given)


def _without_return(given: list[Value]) -> list[Value]:
    if len(given) > 1 and isinstance(given[0], bytes) and given[0].upper() == b"RETURN" and isinstance(given[1], list):
        known = all(isinstance(word, bytes) and word.upper() in _RETURNS for word in given[1])
        return given[2:] if known else [b"?"]
    return given


def _keys(given: list[Value]) -> bool:
    at = 0
    while at < len(given):
        one = given[at]
        at += 1
        if isinstance(one, list):
            if not _keys(one):
                return False
            continue
        word = (one or b"").upper()
        if word == b"MODSEQ":  # RFC 7162, section 3.1.5: a name and a type may stand before the number
            at += 1 if at < len(given) and _number(given[at]) else 3
        elif word in TAKES:
            if any(not isinstance(taken, bytes) for taken in given[at : at + TAKES[word]]):
                return False
            at += TAKES[word]
        elif not _NUMBERS.match(word):
            return False
    return at == len(given)


def _number(one: Value) -> bool:
    return isinstance(one, bytes) and one.isdigit()
