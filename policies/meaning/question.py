"""Everything that one question needs, put together: the space of all facts that some policies tell apart, each policy
as formulas, and a search."""

from collections.abc import Sequence

from kernel.clock import Clock
from policies.facts import Facts
from policies.meaning.describing import Found
from policies.meaning.fields.table import Fields
from policies.meaning.logic import Deadline, Logic
from policies.meaning.reading import Reading
from policies.meaning.search import Search
from policies.meaning.space import Space
from policies.model import Policy

LIMIT = 5.0
"""Seconds that an answer may take."""


class Question:
    """``readings`` are the policies in their order. The facts that count are those from now on.

    Raises:
        OutOfTime: the limit was reached while reading.
        Unmodelled: a condition that the prover does not know.
    """

    def __init__(self, policies: Sequence[Policy], clock: Clock, limit: float) -> None:
        self.deadline = Deadline(clock, limit)
        self.logic = Logic(self.deadline)
        space = Space(self.logic)
        self._fields = Fields(space, clock.now())
        self._fields.learn(policies)
        self.readings = [Reading(self.logic, self._fields, policy) for policy in policies]
        self.search = Search(self.logic, space)

    def facts(self, found: Found) -> Facts:
        """Return the facts of an example."""
        return self._fields.draft(found.choice).facts()
