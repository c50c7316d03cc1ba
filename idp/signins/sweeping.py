"""Ends what has expired, so that sessions standing on it end too, and removes what nobody can use any more."""

import asyncio
from dataclasses import replace
from typing import Any

from idp.oidc.grants import end_grant
from idp.signins.ending import end_signin, grants_of
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.problems import Unavailable
from kernel.reasons import Reason
from kernel.records.sessions import Grant, SignIn
from kernel.tables import TABLES

EVERY = 10.0
"""Seconds between two rounds: how much longer than its time a sign-in's sessions can live."""

BATCH = 500
SHORT_LIVED: tuple[type[Any], ...] = tuple(
    kind for kind, table in TABLES.items() if "expires_at" in table.indexed and kind not in (SignIn, Grant)
)
"""What simply goes when its time is over: tickets, cookies, codes, refresh tokens, invitations, spent challenges."""


class Sweeper:
    """Goes round in the background."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def run(self) -> None:
        """Sweep every 10 s until cancelled; a store that cannot write now is tried again the next time."""
        while True:
            try:
                await self.sweep()
            except Unavailable:
                await asyncio.sleep(EVERY)
            await asyncio.sleep(EVERY)

    async def sweep(self) -> int:
        """Do one round, at most 500 of each kind; return how many records ended or went."""
        now = self._clock.now()
        if not await self._store.read(lambda tx: _anything(tx, now)):
            return 0
        return await self._store.write(lambda tx: _sweep(tx, now))


def _anything(tx: Reader, now: float) -> bool:
    kinds: tuple[type[Any], ...] = (*SHORT_LIVED, SignIn, Grant)
    return any(tx.below(kind, "expires_at", now, limit=1) for kind in kinds)


def _sweep(tx: Writer, now: float) -> int:
    gone = _grants(tx, now) + _signins(tx, now)
    for kind in SHORT_LIVED:
        key = TABLES[kind].key
        for record in tx.below(kind, "expires_at", now, limit=BATCH):
            gone += tx.take(kind, getattr(record, key)) is not None
    return gone


def _grants(tx: Writer, now: float) -> int:
    expired = tx.below(Grant, "expires_at", now, limit=BATCH)
    for grant in expired:
        end_grant(tx, grant, act="expired", actor="system", now=now)
        tx.take(Grant, grant.id)
    return len(expired)


def _signins(tx: Writer, now: float) -> int:
    expired = tx.below(SignIn, "expires_at", now, limit=BATCH)
    for signin in expired:
        end_signin(tx, signin, "system", Reason.SIGNIN_ENDED, now)
        _forget(tx, signin.id)
    return len(expired)


def _forget(tx: Writer, signin_id: str) -> None:
    """Remove a sign-in that is over; one that gave a longer grant stays as long, to say how its person was known."""
    signin = tx.get(SignIn, signin_id)
    last = max((grant.expires_at for grant in grants_of(tx, signin_id) if not grant.ended_at), default=0.0)
    if signin is not None and last > signin.expires_at:
        tx.put(replace(signin, expires_at=last))
    else:
        tx.take(SignIn, signin_id)
