"""A document that an admin wants in force, the refusal when somebody else's came first, and how it comes into force."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from idp.admin.merging import Merge, difference, merge
from idp.admin.refusals import AdminRefused, spoken
from idp.admin.revisions import newest
from kernel.audit import PolicyChanged
from kernel.ports import Reader, Writer
from kernel.problems import Conflict
from kernel.records.changes import POLICY
from kernel.records.policy import PolicyRevision

LONGEST_COMMENT = 500
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """``base`` is the revision that the draft was made from (0: none yet; None: whatever is in force, for scripts).

    ``tests`` is its table of expected decisions (None: the one of the revision in force goes on; ``""``: none).
    ``behalf``: whose work it is, as the publisher says. ``acknowledged``: a ``never`` that could not be decided in time
    is taken as it is. ``restores``: the number of the revision that this brings back.
    """

    text: str = field(repr=False)
    comment: str = ""
    base: int | None = None
    tests: str | None = field(default=None, repr=False)
    behalf: str = ""
    acknowledged: bool = False
    restores: int = 0

    def onto(self, current: PolicyRevision | None) -> "Draft":
        """Return this draft with its table of expected decisions, be it the one of the revision in force."""
        carried = current.tests if current else ""
        return replace(self, tests=carried) if self.tests is None else self


class PolicyConflict(AdminRefused, Conflict):
    """Somebody published since the draft was begun. Carries the three texts that a person needs to merge them.

    What it compares is worked out when first asked for, which can take a tenth of a second; see ``compare``.
    """

    def __init__(
        self, base: PolicyRevision | None, current: PolicyRevision, draft: str, *, proposal: int = 0, by: str = ""
    ) -> None:
        self.base, self.current, self.draft = base, current, draft
        values = {"author": current.author, "current": current.number, "base": base.number if base else 0}
        beside = {"proposal": proposal, "by": by}
        super().__init__(spoken("proposal-stale" if proposal else "conflict", values | beside))

    def compare(self) -> None:
        """Work out what the properties below and the two diffs tell."""
        _ = self._diffs, self.merged

    def theirs(self) -> str:
        """Return their change as a unified diff."""
        return self._diffs[0]

    def yours(self) -> str:
        """Return the draft's change as a unified diff."""
        return self._diffs[1]

    @cached_property
    def merged(self) -> Merge:
        """Both changes put together, as far as they do not collide."""
        return merge(self._old, self.current.text, self.draft, f"revision {self.current.number}", "your draft")

    @cached_property
    def _diffs(self) -> tuple[str, str]:
        theirs = difference(self._old, self.current.text, "base", f"r{self.current.number}")
        return theirs, difference(self._old, self.draft, "base", "draft")

    @property
    def _old(self) -> str:
        return self.base.text if self.base else ""


@asynccontextmanager
async def comparing() -> AsyncIterator[None]:
    """Let a conflict out of this block only once its texts have been compared, in a thread."""
    try:
        yield
    except PolicyConflict as conflict:
        await asyncio.to_thread(conflict.compare)
        raise


def current_base(tx: Reader, draft: Draft, *, proposal: int = 0, by: str = "") -> PolicyRevision | None:
    """Return the revision in force, on which the draft stands.

    Raises:
        PolicyConflict: the draft was made from another one. ``proposal`` and ``by`` name it for its approver.
    """
    current = newest(tx)
    if current and draft.base is not None and draft.base != current.number:
        base = tx.get(PolicyRevision, str(draft.base))
        raise PolicyConflict(base, current, draft.text, proposal=proposal, by=by)
    return current


def put_in_force(
    tx: Writer, author: str, draft: Draft, now: float, *, by: str = "", proposal: int = 0, forced: tuple[str, ...] = ()
) -> PolicyRevision:
    """Store a draft as the next revision, which everybody judges by from now on, and return it.

    ``by`` approved it, when it was a ``proposal``; ``forced`` names the guards that it did not pass by itself.
    """
    current = newest(tx)
    number = current.number + 1 if current else 1
    made = PolicyRevision(
        key=str(number),
        number=number,
        text=draft.text,
        author=author,
        at=now,
        comment=draft.comment.strip()[:LONGEST_COMMENT],
        restores=draft.restores,
        tests=draft.tests or "",
        behalf=draft.behalf.strip()[:LONGEST_NAME],
        approver=by,
        proposal=proposal,
        forced=forced,
    )
    tx.insert(made)
    tx.note(POLICY)
    act = "rolled-back" if draft.restores else "published"
    tx.log(
        PolicyChanged(
            at=now,
            actor=by or author,
            act=act,
            revision=number,
            comment=made.comment,
            proposal=proposal,
            forced=forced,
        )
    )
    return made
