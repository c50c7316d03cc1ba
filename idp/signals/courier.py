"""Pushes events to receivers (RFC 8935), each stream's in order, until they are taken.

    first of the stream due --202--> gone, the next
        |---- 400: the receiver says that it is wrong --> gone, with a Fault
        |---- anything else --> due again after 1 s, 2 s, 4 s ... at most 15 minutes; a week of that disables the stream

At worst a token comes twice: it is taken off after the answer.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Final

from idp.oidc.posting import NotSent
from idp.signals.bell import Bell
from idp.signals.signing import Signer
from idp.signals.telling import disable
from idp.signals.trusted_keys import Exchange
from idp.vault import Vault
from kernel.audit import Fault
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.problems import Unavailable
from kernel.records.signals import SignalNotice, SignalStream, StreamStatus

FIRST: Final = 1.0
LONGEST: Final = 900.0
GIVEN_UP: Final = 7 * 86400.0
EVERY: Final = 1.0
AT_A_TIME: Final = 200
"""Events of one stream that are sent before another look at all streams."""


class Courier:
    """Delivers to every stream that is pushed. ``run`` until cancelled, or ``deliver`` once."""

    def __init__(self, store: Store, signer: Signer, vault: Vault, poster: Exchange, clock: Clock, bell: Bell) -> None:
        self._store, self._signer, self._vault = store, signer, vault
        self._poster, self._clock, self._bell = poster, clock, bell

    async def run(self) -> None:
        """Deliver whenever there is something new, and what is due again."""
        while True:
            with suppress(Unavailable):
                while await self.deliver():
                    pass
            await self._bell.wait(EVERY)

    async def deliver(self) -> int:
        """Send what is due, streams side by side; return how many events were taken."""
        streams = await self._store.read(_pushed)
        return sum(await asyncio.gather(*(self._stream(each) for each in streams)))

    async def _stream(self, stream: SignalStream) -> int:
        sent = 0
        while sent < AT_A_TIME and await self._first(stream):
            sent += 1
        return sent

    async def _first(self, stream: SignalStream) -> bool:
        """Send the first event that a stream owes; return whether it is off."""
        found = await self._store.read(lambda tx: tx.find(SignalNotice, stream_id=stream.id, limit=1))
        if not found or found[0].due_at > self._clock.now():
            return False
        try:
            status = await asyncio.to_thread(self._post, stream, found[0])
            why = f"answered {status}"
        except NotSent as fault:
            status, why = 0, str(fault)
        if 200 <= status < 300:
            await self._store.write(lambda tx: tx.take(SignalNotice, found[0].id))
            return True
        await self._store.write(lambda tx: self._failed(tx, stream.id, found[0], status, why))
        return status == 400

    def _post(self, stream: SignalStream, notice: SignalNotice) -> int:
        headers = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
        if stream.sealed:
            headers["Authorization"] = self._vault.open(stream.sealed, sealed_for(stream.id))
        token = self._signer.token(stream, notice)
        return self._poster.exchange("POST", stream.endpoint, token, headers).status

    def _failed(self, tx: Writer, stream_id: str, notice: SignalNotice, status: int, why: str) -> None:
        present, now, what = tx.take(SignalNotice, notice.id), self._clock.now(), f"stream {stream_id}: {why}"
        stream = tx.get(SignalStream, stream_id)
        if present is None or stream is None:
            return
        if status == 400:
            tx.log(Fault(at=now, where="signals.push", what=f"{what}, to {notice.id}"[:300]))
            return
        if now - notice.created_at > GIVEN_UP:
            disable(tx, stream, f"nothing was taken for a week: {why}"[:200], now)
            return
        wait = min(FIRST * 2 ** min(notice.tries, 20), LONGEST)
        tx.put(replace(notice, tries=notice.tries + 1, due_at=now + wait))
        if notice.tries == 0:
            tx.log(Fault(at=now, where="signals.push", what=what[:300]))


def sealed_for(stream_id: str) -> str:
    """Return the place that a receiver's authorization is sealed for."""
    return f"signal-stream:{stream_id}"


def _pushed(tx: Reader) -> list[SignalStream]:
    return [each for each in tx.find(SignalStream) if each.endpoint and each.status is StreamStatus.ENABLED]
