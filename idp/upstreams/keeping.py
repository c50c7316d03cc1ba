"""Keeps what logs people in at backends: sealed in the store, each act on record, and a grant that broke remembered."""

from collections.abc import Sequence
from dataclasses import replace

from idp.vault import Vault
from kernel.audit import UpstreamChanged
from kernel.clock import Clock
from kernel.paging import every
from kernel.ports import Reader, Store, Writer
from kernel.problems import Missing
from kernel.records.changes import user_handle
from kernel.records.people import User
from kernel.records.upstreams import UpstreamGrant, grant_id


class GrantKeeper:
    """The only reader and writer of ``UpstreamGrant``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    async def get(self, backend: str, user_id: str) -> UpstreamGrant | None:
        """Return a person's grant at a backend, if there is one."""
        return await self._store.read(lambda tx: tx.get(UpstreamGrant, grant_id(backend, user_id)), small=True)

    async def all(self, user_id: str = "") -> Sequence[tuple[UpstreamGrant, User | None]]:
        """Return every grant (of one person) with whom it belongs to."""
        equals = {"user_id": user_id} if user_id else {}

        def work(tx: Reader) -> Sequence[tuple[UpstreamGrant, User | None]]:
            return [(each, tx.get(User, each.user_id)) for each in every(tx, UpstreamGrant, **equals)]

        return await self._store.read(work)

    def open(self, grant: UpstreamGrant) -> str:
        """Return the refresh token or secret. Raises Tampered."""
        return self._vault.open(grant.sealed, _context(grant.id))

    async def link(self, actor: str, user: User, backend: str, account: str, secret: str) -> UpstreamGrant:
        """Store a refresh token or secret in place of the one before; durable once this returns."""
        made = grant_id(backend, user.id)
        sealed = self._vault.seal(secret, _context(made))
        grant = UpstreamGrant(made, user.id, backend, account, sealed, self._clock.now())

        def work(tx: Writer) -> UpstreamGrant:
            tx.put(grant)
            tx.note(user_handle(user.id))
            tx.log(self._event(actor, "linked", grant, user.name))
            return grant

        return await self._store.write(work)

    async def rotate(self, grant: UpstreamGrant, secret: str) -> UpstreamGrant:
        """Store the refresh token that came in place of this grant's; nothing if it was linked anew meanwhile."""
        fresh = replace(grant, sealed=self._vault.seal(secret, _context(grant.id)), broken="", broken_at=0.0)

        def work(tx: Writer) -> UpstreamGrant:
            if tx.get(UpstreamGrant, grant.id) == grant:
                tx.put(fresh)
                return fresh
            return grant

        return await self._store.write(work)

    async def broke(self, grant: UpstreamGrant, why: str) -> None:
        """Remember that the other side takes this grant no more, unless it was linked anew meanwhile."""

        def work(tx: Writer) -> None:
            if tx.get(UpstreamGrant, grant.id) != grant:
                return
            tx.put(replace(grant, broken=why, broken_at=self._clock.now()))
            user = tx.get(User, grant.user_id)
            tx.log(self._event("system", "broken", grant, user.name if user else "", why))

        await self._store.write(work)

    async def unlink(self, actor: str, user: User, backend: str) -> None:
        """Forget a grant. Raises Missing: there is none."""

        def work(tx: Writer) -> None:
            grant = tx.take(UpstreamGrant, grant_id(backend, user.id))
            if grant is None:
                raise Missing(f"{user.name} is not linked at `{backend}`")
            tx.note(user_handle(user.id))
            tx.log(self._event(actor, "unlinked", grant, user.name))

        await self._store.write(work)

    def _event(self, actor: str, act: str, grant: UpstreamGrant, name: str, detail: str = "") -> UpstreamChanged:
        return UpstreamChanged(
            at=self._clock.now(),
            actor=actor,
            user=name,
            user_id=grant.user_id,
            act=act,
            backend=grant.backend,
            account=grant.account,
            detail=detail,
        )


def _context(name: str) -> str:
    return f"upstream:{name}"
