"""Secrets that people read and type: app passwords and recovery codes. Pure.

Thirty-two characters that are hard to confuse (no l, o, 0, 1), in hyphened groups; five bits each. What
comes back may have other case, spaces for hyphens, or full-width letters.
"""

import unicodedata
from typing import Final

ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
APP_PASSWORD_LETTERS: Final = 28
RECOVERY_LETTERS: Final = 12
RECOVERY_COUNT: Final = 10
_GROUP: Final = 4
_MOST_TYPED: Final = 128
_LETTERS: Final = frozenset(ALPHABET)
_DROPPED: Final = str.maketrans("", "", "- \t")


def spell(octets: bytes) -> str:
    """Return one letter for each byte, in groups of four: ``abcd-efgh-...``."""
    letters = "".join(ALPHABET[octet & 31] for octet in octets)
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def letters_of(typed: str, count: int) -> str:
    """Return the ``count`` letters in what was typed, or an empty text when it cannot be such a secret."""
    if len(typed) > _MOST_TYPED:
        return ""
    if not typed.isascii():
        typed = unicodedata.normalize("NFKC", typed)
    letters = typed.translate(_DROPPED).lower()
    return letters if len(letters) == count and _LETTERS.issuperset(letters) else ""
