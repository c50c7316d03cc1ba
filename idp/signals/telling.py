"""Turns the audit into events for each stream, behind a position that is kept with them: killed at any moment, nothing
is lost and nothing is told twice.

    entry after the position --(a subject the receiver asked for?)--> notice, and the position, in one transaction
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from idp.signals.bell import Bell
from idp.signals.happenings import Happening, concerns, happenings, subject_of
from idp.signals.sets import CAEP
from kernel.audit import Entry, StreamChanged
from kernel.clock import Clock
from kernel.config.signals import DEVICE_COMPLIANCE_CHANGE
from kernel.ports import Reader, Store, Writer
from kernel.problems import Unavailable
from kernel.records.signals import NEVER, SignalNotice, SignalStream, StreamStatus, StreamSubject, ToldCompliance

AT_ONCE: Final = 500
MOST_HELD: Final = 10_000
"""Events that one stream may owe; one that owes more is disabled, and says so."""
EVERY: Final = 5.0


class Teller:
    """Follows the audit for all streams. ``run`` until cancelled, or ``tell`` once."""

    def __init__(self, store: Store, clock: Clock, issuer: str, bell: Bell, every: float = EVERY) -> None:
        self._store, self._clock, self._issuer, self._bell, self._every = store, clock, issuer, bell, every
        self._seen: dict[str, int] = {}
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Tell whenever the store changes, and every few seconds."""
        unwatch = self._store.watch(lambda number: self._wake.set())
        try:
            while True:
                self._wake.clear()
                with suppress(Unavailable):
                    while await self.tell():
                        pass
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._every):
                        await self._wake.wait()
        finally:
            unwatch()

    async def tell(self) -> int:
        """Look at the next entries for every stream; return how many entries there were."""
        streams = await self._store.read(lambda tx: tx.find(SignalStream))
        self._seen = {each.id: self._seen.get(each.id, each.position) for each in streams}
        return sum([await self._stream(each) for each in streams if each.status is not StreamStatus.DISABLED])

    async def _stream(self, stream: SignalStream) -> int:
        since = max(self._seen[stream.id], stream.position)
        entries = await self._store.read(lambda tx: tx.audit(since, AT_ONCE))
        if not entries:
            return 0
        wanted = [each for each in entries if concerns(each.kind)]
        lag = entries[-1].number - stream.position
        if wanted or lag > AT_ONCE:
            told = await self._store.write(lambda tx: self._tell(tx, stream.id, wanted, entries))
            if told:
                self._bell.ring()
        self._seen[stream.id] = entries[-1].number
        return len(entries)

    def _tell(self, tx: Writer, stream_id: str, wanted: Sequence[Entry], entries: Sequence[Entry]) -> int:
        """Note what the stream is to be told, and how far it was looked; return how many events those are."""
        stream = tx.get(SignalStream, stream_id)
        if stream is None or stream.status is StreamStatus.DISABLED:
            return 0
        number = stream.number
        fresh = (each for each in wanted if each.number > stream.position)
        for at, told in ((float(each.fields["at"]), told) for each in fresh for told in happenings(tx, each)):
            payload = self._payload(tx, stream, told)
            if payload is not None:
                number += 1
                stamp = {"event_timestamp": int(at)}
                subject = subject_of(tx, told, self._issuer)
                note(tx, stream, number, CAEP + told.event, subject, {**payload, **stamp}, self._clock.now())
        moved = replace(stream, position=max(stream.position, entries[-1].number), number=number)
        tx.put(moved)
        if tx.count(SignalNotice, stream_id=stream_id) > MOST_HELD:
            disable(tx, moved, f"more than {MOST_HELD} events were not taken", self._clock.now())
        return number - stream.number

    def _payload(self, tx: Writer, stream: SignalStream, told: Happening) -> dict[str, Any] | None:
        """Return what an event says to this stream, None when it is not told."""
        if CAEP + told.event not in stream.requested or not any(_asked(tx, stream, told)):
            return None
        if told.event != DEVICE_COMPLIANCE_CHANGE:
            return dict(told.payload)
        key = f"{stream.id}\n{told.device_id}"
        last = tx.get(ToldCompliance, key)
        now = told.compliant if told.compliant is not None else (True if last else None)
        if now is None or (last is not None and last.compliant is now):
            return None
        tx.put(ToldCompliance(key, stream.id, now))
        before = last.compliant if last else not now
        return {"previous_status": _status(before), "current_status": _status(now)}


def note(
    tx: Writer,
    stream: SignalStream,
    number: int,
    event: str,
    subject: dict[str, Any],
    payload: dict[str, Any],
    now: float,
) -> None:
    """Keep an event until the receiver has it. Its identifier counts upwards within the stream."""
    claims = json.dumps({"sub_id": subject, "events": {event: payload}}, ensure_ascii=False, separators=(",", ":"))
    due = now if stream.endpoint else NEVER
    tx.put(SignalNotice(f"{stream.id}.{number:012d}", stream.id, claims, now, due))


def disable(tx: Writer, stream: SignalStream, reason: str, now: float) -> None:
    """Give a stream up, with what it owes; on record."""
    tx.put(replace(stream, status=StreamStatus.DISABLED, reason=reason))
    forget(tx, stream.id)
    tx.log(StreamChanged(at=now, act="disabled", stream_id=stream.id, detail=reason))


def forget(tx: Writer, stream_id: str) -> None:
    """Drop everything that a stream owes."""
    while found := tx.find(SignalNotice, stream_id=stream_id, limit=AT_ONCE):
        for each in found:
            tx.take(SignalNotice, each.id)


def _asked(tx: Reader, stream: SignalStream, told: Happening) -> Iterator[bool]:
    """Yield whether the receiver asked for the user, for the device, for that user on that device."""
    for user_id, device_id in ((told.user_id, ""), ("", told.device_id), (told.user_id, told.device_id)):
        if user_id or device_id:
            yield tx.get(StreamSubject, subject_key(stream.id, user_id, device_id)) is not None


def subject_key(stream_id: str, user_id: str, device_id: str) -> str:
    """Return the key of a stream's subject."""
    return f"{stream_id}\n{user_id}\n{device_id}"


def _status(compliant: bool) -> str:
    return "compliant" if compliant else "not-compliant"
