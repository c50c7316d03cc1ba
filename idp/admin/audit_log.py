"""The audit log as admins read it: what is new, what matches, whether the chain holds. Nothing here writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from idp.admin.finding import canonical
from idp.admin.refusals import missing
from kernel.audit import EVENTS, Entry
from kernel.ports import Store

MOST = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: how many entries, and the first fault (empty when the chain holds)."""

    entries: int
    fault: str


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions of a search, all of which must hold; empty ones are not asked. ``before`` is an entry number."""

    user: str = ""
    device: str = ""
    kind: str = ""
    reference: str = ""
    text: str = ""
    before: int = 0
    limit: int = 100


class AuditLog:
    """The acts on the audit log. ``verify`` walks the whole chain and may take seconds; it is given by the wiring."""

    def __init__(self, store: Store, verify: Callable[[], "Verdict"]) -> None:
        self._store, self._verify = store, verify

    async def since(self, number: int, limit: int = 100) -> Sequence[Entry]:
        """Return entries after ``number``, oldest first."""
        return await self._store.read(lambda tx: tx.audit(max(number, 0), _bounded(limit)))

    async def latest(self, limit: int = 20) -> Sequence[Entry]:
        """Return the newest entries, oldest first."""
        head = await self._store.read(lambda tx: tx.audit_head()[0])
        return await self.since(head - _bounded(limit), limit)

    async def search(self, query: Query) -> Sequence[Entry]:
        """Return matching entries, newest first. ``user`` is a name or an address.

        Raises:
            Missing: no such kind of event.
        """
        if query.kind and query.kind not in EVENTS:
            raise missing("no-kind", query.kind, EVENTS)
        return await self._store.read(
            lambda tx: tx.audit_search(
                user=canonical(query.user),
                device=query.device,
                kind=query.kind,
                reference=query.reference.strip().upper(),
                text=query.text,
                before=max(query.before, 0),
                limit=_bounded(query.limit),
            )
        )

    def verify(self) -> Verdict:
        """Walk the whole chain and say whether it holds; blocks, so call it in a thread."""
        return self._verify()


def _bounded(limit: int) -> int:
    return max(1, min(limit, MOST))
