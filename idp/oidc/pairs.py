"""Names and values as a client sent them, in order, doubles kept. Pure."""

from collections.abc import Sequence

Pairs = Sequence[tuple[str, str]]


def all_of(pairs: Pairs, name: str) -> tuple[str, ...]:
    """Return every value given under ``name``; empty values count as absent (RFC 6749, section 3.1)."""
    return tuple(value for key, value in pairs if key == name and value)
