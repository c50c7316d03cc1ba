"""Streams as their receivers manage them (SSF 1.0, section 8.1): each sees its own alone, and gets what it asked for.

Owns the acts. Refuses more streams or subjects than a receiver may have, addresses that no client may register, and
subjects that nobody knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from idp.oidc.addresses import fault_of
from idp.signals.bell import Bell
from idp.signals.courier import sealed_for
from idp.signals.finding import Found, find
from idp.signals.happenings import TOLD
from idp.signals.sets import VERIFICATION
from idp.signals.subjects import whom
from idp.signals.telling import forget, note, subject_key
from idp.vault import Vault
from kernel.audit import StreamChanged
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.paging import every
from kernel.ports import Reader, Store, Writer
from kernel.records.signals import NEVER, SignalNotice, SignalStream, StreamStatus, StreamSubject, ToldCompliance

PUSH: Final = "urn:ietf:rfc:8935"
POLL: Final = "urn:ietf:rfc:8936"
MOST_STREAMS: Final = 8
MOST_SUBJECTS: Final = 10_000
LONGEST: Final = 1024
VERIFY_EVERY: Final = 5.0


class StreamFault(Exception):
    """What was asked cannot be done; ``status`` is the HTTP status that says so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True, slots=True)
class Wish:
    """How a receiver wants a stream; None: as it is."""

    requested: tuple[str, ...] | None = None
    method: str | None = None
    endpoint: str = ""
    authorization: str = ""
    description: str | None = None


class Streams:
    """The acts on streams. ``issuer`` is ours."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance, issuer: str, bell: Bell) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._issuer, self._bell = issuer, bell

    async def create(self, client_id: str, wish: Wish) -> SignalStream:
        """Make a stream; it begins with what happens from now on. Polled, when no delivery is given."""
        made = SignalStream(identifier(self._chance, "ss"), client_id, TOLD, created_at=self._clock.now())
        wanted = self._wished(made, replace(wish, method=wish.method or POLL))

        def work(tx: Writer) -> SignalStream:
            if tx.count(SignalStream, client_id=client_id) >= MOST_STREAMS:
                raise StreamFault(409, f"a receiver has at most {MOST_STREAMS} streams")
            begun = replace(wanted, position=tx.audit_head()[0])
            tx.insert(begun)
            self._log(tx, begun, "created")
            return begun

        return await self._store.write(work)

    async def of(self, client_id: str) -> list[SignalStream]:
        """Return a receiver's streams."""
        return list(await self._store.read(lambda tx: tx.find(SignalStream, client_id=client_id)))

    async def get(self, client_id: str, stream_id: str) -> SignalStream:
        """Return one; StreamFault when it is not this receiver's."""
        return await self._store.read(lambda tx: _own(tx, client_id, stream_id))

    async def update(self, client_id: str, stream_id: str, wish: Wish) -> SignalStream:
        """Change a stream; what it owes goes the new way."""

        def work(tx: Writer) -> SignalStream:
            changed = self._wished(_own(tx, client_id, stream_id), wish)
            tx.put(changed)
            due = self._clock.now() if changed.endpoint else NEVER
            for owed in list(every(tx, SignalNotice, stream_id=stream_id)):
                tx.put(replace(owed, due_at=due, tries=0))
            self._log(tx, changed, "changed")
            return changed

        changed = await self._store.write(work)
        self._bell.ring()
        return changed

    async def delete(self, client_id: str, stream_id: str) -> None:
        """Remove a stream with all that belongs to it."""

        def work(tx: Writer) -> None:
            stream = _own(tx, client_id, stream_id)
            forget(tx, stream_id)
            for subject in list(every(tx, StreamSubject, stream_id=stream_id)):
                tx.take(StreamSubject, subject.id)
            for told in list(every(tx, ToldCompliance, stream_id=stream_id)):
                tx.take(ToldCompliance, told.id)
            tx.take(SignalStream, stream_id)
            self._log(tx, stream, "deleted")

        await self._store.write(work)

    async def set_status(self, client_id: str, stream_id: str, status: str, reason: str) -> SignalStream:
        """Enable, pause (events are kept) or disable (they are not) a stream."""
        if status not in list(StreamStatus):
            raise StreamFault(400, f"a status is one of {', '.join(StreamStatus)}")

        def work(tx: Writer) -> SignalStream:
            stream = _own(tx, client_id, stream_id)
            if status == StreamStatus.DISABLED:
                forget(tx, stream_id)
            position = tx.audit_head()[0] if stream.status is StreamStatus.DISABLED else stream.position
            changed = replace(stream, status=StreamStatus(status), reason=reason[:LONGEST], position=position)
            tx.put(changed)
            self._log(tx, changed, status)
            return changed

        changed = await self._store.write(work)
        self._bell.ring()
        return changed

    async def add(self, client_id: str, stream_id: str, subject: Mapping[str, Any]) -> None:
        """Tell a stream of a user, a device, or a user on a device from now on."""

        def work(tx: Writer) -> None:
            stream, found = _own(tx, client_id, stream_id), self._found(tx, subject)
            key, user_id, device_id = _ids(stream_id, found)
            if tx.get(StreamSubject, key) is None:
                if tx.count(StreamSubject, stream_id=stream_id) >= MOST_SUBJECTS:
                    raise StreamFault(403, f"a stream has at most {MOST_SUBJECTS} subjects")
                tx.insert(StreamSubject(key, stream_id, user_id, device_id))
                self._log(tx, stream, "subject-added", user_id, device_id)

        await self._store.write(work)

    async def remove(self, client_id: str, stream_id: str, subject: Mapping[str, Any]) -> None:
        """Tell a stream of a subject no more."""

        def work(tx: Writer) -> None:
            stream, found = _own(tx, client_id, stream_id), self._found(tx, subject)
            key, user_id, device_id = _ids(stream_id, found)
            if tx.take(StreamSubject, key) is not None:
                self._log(tx, stream, "subject-removed", user_id, device_id)

        await self._store.write(work)

    async def verify(self, client_id: str, stream_id: str, state: str) -> None:
        """Send a verification event through a stream (section 8.1.4.2)."""

        def work(tx: Writer) -> None:
            stream, now = _own(tx, client_id, stream_id), self._clock.now()
            if stream.status is StreamStatus.DISABLED:
                raise StreamFault(400, "the stream is disabled")
            if now - stream.verified_at < VERIFY_EVERY:
                raise StreamFault(429, f"ask once in {VERIFY_EVERY:.0f} seconds at most")
            payload = {"state": state} if state else {}
            tx.put(replace(stream, number=stream.number + 1, verified_at=now))
            subject = {"format": "opaque", "id": stream_id}
            note(tx, stream, stream.number + 1, VERIFICATION, subject, payload, now)

        await self._store.write(work)
        self._bell.ring()

    async def owed(self, client_id: str, stream_id: str, most: int) -> tuple[SignalStream, list[SignalNotice], bool]:
        """Return the next events of a stream that is polled, and whether there are more."""

        def work(tx: Reader) -> tuple[SignalStream, list[SignalNotice], bool]:
            stream = _own(tx, client_id, stream_id)
            if stream.endpoint:
                raise StreamFault(400, "this stream is pushed")
            open_ = stream.status is StreamStatus.ENABLED
            found = list(tx.find(SignalNotice, stream_id=stream_id, limit=most + 1)) if open_ else []
            return stream, found[:most], len(found) > most

        return await self._store.read(work)

    async def acknowledge(self, client_id: str, stream_id: str, tokens: list[str], refused: Mapping[str, str]) -> None:
        """Take off what a receiver has, or says that it cannot use."""

        def work(tx: Writer) -> None:
            stream = _own(tx, client_id, stream_id)
            for token in (*tokens, *refused):
                notice = tx.get(SignalNotice, token)
                if notice is not None and notice.stream_id == stream_id:
                    tx.take(SignalNotice, token)
                    if token in refused:
                        self._log(tx, stream, "event-refused", token, refused[token][:100])

        if tokens or refused:
            await self._store.write(work)

    def _wished(self, stream: SignalStream, wish: Wish) -> SignalStream:
        """Return the stream as it is wanted; StreamFault for what cannot be."""
        if wish.method not in (None, PUSH, POLL):
            raise StreamFault(400, "the delivery method is not supported")
        if wish.requested is not None:
            stream = replace(stream, requested=tuple(each for each in TOLD if each in wish.requested))
        if wish.description is not None:
            stream = replace(stream, description=wish.description)
        if wish.method == POLL:
            return replace(stream, endpoint="", sealed="")
        if wish.method == PUSH:
            fault = fault_of(wish.endpoint)
            if fault:
                raise StreamFault(400, f"the endpoint cannot be used: {fault}")
            shown = wish.authorization
            sealed = self._vault.seal(shown, sealed_for(stream.id)) if shown else ""
            return replace(stream, endpoint=wish.endpoint, sealed=sealed)
        return stream

    def _found(self, tx: Reader, subject: Mapping[str, Any]) -> Found:
        meant = whom(subject)
        found = find(tx, meant, "", self._issuer, self._issuer) if meant and not meant.session else None
        if found is None:
            raise StreamFault(404, "no such subject")
        return found

    def _log(self, tx: Writer, stream: SignalStream, act: str, *about: str) -> None:
        actor, detail = f"client:{stream.client_id}", " ".join(each for each in about if each)
        tx.log(StreamChanged(at=self._clock.now(), actor=actor, act=act, stream_id=stream.id, detail=detail))


def _own(tx: Reader, client_id: str, stream_id: str) -> SignalStream:
    stream = tx.get(SignalStream, stream_id)
    if stream is None or stream.client_id != client_id:
        raise StreamFault(404, "no such stream")
    return stream


def _ids(stream_id: str, found: Found) -> tuple[str, str, str]:
    user_id = found.user.id if found.user else ""
    device_id = found.device.id if found.device else ""
    return subject_key(stream_id, user_id, device_id), user_id, device_id
