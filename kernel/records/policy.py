"""A revision of the access policy: numbered, never changed once written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyRevision:
    """One published document. ``number`` counts from 1; the highest one is in force. ``key`` is its decimal text."""

    key: str
    number: int
    text: str
    author: str
    at: float
    comment: str = ""
    restores: int = 0
