"""Which passwords are refused, and why. Pure.

Follows NIST SP 800-63B section 5.1.1.2: a minimum length, no composition rules, and nothing that attackers try
first: common words however decorated, patterns of the keyboard, repetitions, the user's own name or address, the
site's name.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

from idp.accounts.common_passwords import COMMON
from idp.accounts.names import canonical
from idp.accounts.refusals import WeakPassword
from kernel.records.people import User

MOST_BYTES: Final = 1024
_SHORTEST_WORD: Final = 4
_FEWEST_DISTINCT: Final = 5
_LEET: Final = str.maketrans("0134578@$!", "oieastbasi")
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "あいうえおかきくけこさしすせそたちつてとなにぬねの",
)


def prepared(password: str) -> bytes | None:
    """Return the bytes that are hashed, or None when no password looks like this (over 1,024 bytes, no Unicode).

    Other spellings of the same characters count as one: spaces become U+0020, then NFC (RFC 8265 section 4.2.2).
    """
    if len(password) > MOST_BYTES:
        return None
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    try:
        octets = unicodedata.normalize("NFC", spaced).encode()
    except UnicodeEncodeError:
        return None
    return octets if len(octets) <= MOST_BYTES else None


def demand_strong(password: str, user: User, site: str, minimum: int) -> bytes:
    """Return the prepared bytes of a password that is good enough for this user.

    Raises:
        WeakPassword: it is not; ``rule`` names why and the words say it.
    """
    octets = prepared(password)
    if octets is None:
        raise WeakPassword("password-long", most=MOST_BYTES)
    if any(unicodedata.category(c) == "Cc" for c in password):
        raise WeakPassword("password-control")
    if len(password) < minimum:
        raise WeakPassword("password-short", minimum=minimum)
    folded = canonical(password)
    if is_pattern(folded):
        raise WeakPassword("password-pattern")
    if is_common(folded):
        raise WeakPassword("password-common")
    if any(word in folded for word in personal_words(user, site)):
        raise WeakPassword("password-personal")
    return octets


def is_pattern(folded: str) -> bool:
    """Return whether the text has under five different characters, repeats a short unit, or follows a keyboard row."""
    if len(set(folded)) < _FEWEST_DISTINCT:
        return True
    unit = _unit(folded)
    return len(unit) <= 5 or any(unit in row or unit[::-1] in row for row in _ROWS)


def is_common(folded: str) -> bool:
    """Return whether the text is a well-known password, also with digits and signs around it or in place of letters."""
    forms: set[str] = set()
    for text in (folded, _core(folded), folded.translate(_LEET), _core(folded).translate(_LEET)):
        forms |= {text, _core(text), _unit(_core(text)), "".join(c for c in text if c.isalpha())}
    return not forms.isdisjoint(COMMON)


def personal_words(user: User, site: str) -> Iterable[str]:
    """Yield the words of four characters or more that this user's password may not hold."""
    for text in (user.name, user.display_name, user.email, *user.aliases, site):
        folded = canonical(text)
        local = folded.partition("@")[0]
        for word in {local, *_words(folded)}:
            if len(word) >= _SHORTEST_WORD:
                yield word


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


def _core(text: str) -> str:
    """Return the text without the digits and signs at its ends."""
    start, end = 0, len(text)
    while start < end and not text[start].isalpha():
        start += 1
    while end > start and not text[end - 1].isalpha():
        end -= 1
    return text[start:end]


def _unit(text: str) -> str:
    """Return the shortest beginning that, repeated (the last time perhaps cut), gives the text."""
    for size in range(1, len(text)):
        if text[size:] == text[: len(text) - size]:
            return text[:size] if size * 2 <= len(text) else text
    return text
