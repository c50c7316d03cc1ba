"""A trial of an access policy: a document that is asked beside the one in force, and decides nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyTrial:
    """One trial. ``number`` counts from 1, and ``key`` is its decimal text; only the highest one can be running.

    It runs until ``ended_at`` is set, by ``ended_by``.
    """

    key: str
    number: int
    text: str
    author: str
    at: float
    comment: str = ""
    ended_at: float = 0.0
    ended_by: str = ""

    @property
    def running(self) -> bool:
        """Whether it is asked now."""
        return not self.ended_at
