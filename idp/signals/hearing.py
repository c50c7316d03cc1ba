"""Security event tokens taken in: each counts once, for the source that signed it, or is refused, on record.

    text --(read)--> token --(issuer, audience, time)--> meant --(key, signature)--> genuine --(jti)--> new --> effect
      |               |                |                             |                 |
      +-malformed,type+-issuer, audience, time----------unknown-key, signature---------+-replayed, subject, order, event

One transaction spends the ``jti``, has the effect, and puts it on record. What a genuine token cannot mean here (an
unknown subject, say) is acknowledged all the same, for sending it again would change nothing (RFC 8935, section 2.2).
"""

import hmac
from typing import Final

from idp.signals.effects import Effects, actor_of, short_name
from idp.signals.faults import SignalFault
from idp.signals.finding import find
from idp.signals.sets import AHEAD, SSF, STREAM_UPDATED, VERIFICATION, SecurityEvent, judge, read, verifies
from idp.signals.spending import spend
from idp.signals.subjects import whom
from idp.signals.trusted_keys import TrustedKeys
from kernel.audit import SignalHeard, SignalRefused
from kernel.clock import Clock
from kernel.config.signals import SignalSource
from kernel.ports import Store, Writer

MOST_DETAIL: Final = 200
SELDOM: Final = 60.0
"""Seconds between two records of strangers at one source's door: a flood must not fill the log."""


class Hearing:
    """Hears one source. ``issuer`` is ours; ``secret`` what the source shows when it pushes."""

    def __init__(
        self,
        source: SignalSource,
        secret: str,
        keys: TrustedKeys,
        store: Store,
        effects: Effects,
        clock: Clock,
        issuer: str,
    ) -> None:
        self.source = source
        self._secret, self._keys, self._store = secret, keys, store
        self._effects, self._clock, self._issuer = effects, clock, issuer.rstrip("/")
        self._stranger_told = float("-inf")

    async def admit(self, authorization: str, address: str) -> bool:
        """Say whether a request shows the source's secret (``Bearer ...``)."""
        shown = f"Bearer {self._secret}".encode()
        if self._secret and hmac.compare_digest(authorization.encode("utf-8", "replace"), shown):
            return True
        now = self._clock.monotonic()
        if now - self._stranger_told >= SELDOM:
            self._stranger_told = now
            await self._refuse(SignalFault.SECRET, "", address)
        return False

    async def take(self, text: str, address: str = "") -> SignalFault | None:
        """Let a token count, or return why it does not; either is on record."""
        said = read(text)
        if isinstance(said, SignalFault):
            return await self._refuse(said, "", address)
        fault = await self._fault(said)
        if fault is None:
            fault = await self._store.write(lambda tx: self._count(tx, said, address))
        return await self._refuse(fault, said.token_id, address) if fault is not None else None

    async def _fault(self, said: SecurityEvent) -> SignalFault | None:
        """Return why a token does not count, as far as nothing need be written to know it."""
        source = self.source
        fault = judge(said, source.issuer, source.audience, source.window, self._clock.now())
        if fault is not None:
            return fault
        return verifies(said, await self._keys.keys(said.key_id), source.algorithm)

    def _count(self, tx: Writer, said: SecurityEvent, address: str) -> SignalFault | None:
        now, name = self._clock.now(), self.source.name
        if not spend(tx, name, said.token_id, said.issued_at + self.source.window + AHEAD, now):
            return SignalFault.REPLAYED
        if said.event in (VERIFICATION, STREAM_UPDATED):
            self._log(tx, said, said.event.removeprefix(SSF), _state(said), address)
            return None
        event, meant = short_name(said.event), whom(said.subject)
        if event not in self.source.events:
            return SignalFault.EVENT
        found = find(tx, meant, name, self._issuer, self.source.issuer.rstrip("/")) if meant else None
        if found is None:
            return SignalFault.SUBJECT
        outcome = self._effects.apply(tx, name, said, found)
        if isinstance(outcome, SignalFault):
            return outcome
        user, device = found.user, found.device
        self._log(tx, said, event, outcome, address, user.id if user else "", device.id if device else "")
        return None

    def _log(
        self,
        tx: Writer,
        said: SecurityEvent,
        event: str,
        detail: str,
        address: str,
        user_id: str = "",
        device_id: str = "",
    ) -> None:
        tx.log(
            SignalHeard(
                at=self._clock.now(),
                actor=actor_of(self.source.name),
                user_id=user_id,
                device_id=device_id,
                address=address,
                source=self.source.name,
                event=event,
                detail=f"{detail} ({said.token_id[:64]})"[:MOST_DETAIL],
            )
        )

    async def _refuse(self, fault: SignalFault, token_id: str, address: str) -> SignalFault:
        event = SignalRefused(
            at=self._clock.now(),
            actor=actor_of(self.source.name),
            address=address,
            source=self.source.name,
            reason=fault.value,
            token=token_id[:100],
        )
        await self._store.write(lambda tx: tx.log(event))
        return fault


def _state(said: SecurityEvent) -> str:
    """Return what a verification or a change of status carries, printable and short."""
    told = said.payload.get("state", said.payload.get("status", ""))
    return "".join(each for each in str(told)[:64] if each.isprintable())
