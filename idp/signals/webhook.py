"""Where products post signals of devices: POST /signals/webhook/{source}, signed (``signed``), each message once.

    request --(time, signature)--> genuine --(body)--> said --(once, device, allowed signals)--> set
       |            |                         |                         |
       +--- time, signature, malformed -------+----- replayed, unknown-subject, signal, out-of-order --> refused

Every refusal is on record with its reason; a stranger's at most once a minute.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.devices.registry import Registry
from idp.signals import signed
from idp.signals.effects import actor_of
from idp.signals.faults import SignalFault, error_of
from idp.signals.finding import device_by, device_named, device_of
from idp.signals.signed import Said
from idp.signals.spending import spend
from idp.web.bodies import bounded
from idp.web.peer import peer_of
from kernel.audit import SignalHeard, SignalRefused
from kernel.clock import Clock
from kernel.config.signals import SignalWebhook
from kernel.ports import Reader, Store, Writer
from kernel.problems import Unavailable
from kernel.records.devices import Device
from policies.vocabulary import SignalKind

PATH: Final = "/signals/webhook"
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
SELDOM: Final = 60.0
STRANGE: Final = frozenset({SignalFault.SECRET, SignalFault.SIGNATURE, SignalFault.TIME, SignalFault.MALFORMED})
"""What anybody can cause; the rest only who holds the secret."""
STATUS: Final = {SignalFault.SECRET: 401, SignalFault.SIGNATURE: 401, SignalFault.REPLAYED: 409, SignalFault.ORDER: 409}


class Webhook:
    """Takes the messages of one source. ``kinds``: the vocabulary."""

    def __init__(
        self,
        source: SignalWebhook,
        secret: str,
        store: Store,
        registry: Registry,
        clock: Clock,
        kinds: Mapping[str, SignalKind],
    ) -> None:
        self.source = source
        self._secret, self._store, self._registry, self._clock, self._kinds = secret, store, registry, clock, kinds
        self._told: dict[SignalFault, float] = {}

    async def take(self, timestamp: str, signature: str, body: bytes, address: str = "") -> SignalFault | None:
        """Set what a message says, or return why not."""
        now = self._clock.now()
        at = signed.stamp(timestamp, self.source.window, now)
        if not signed.fits(self._secret, timestamp, body, signature):
            return await self._refuse(SignalFault.SIGNATURE, "", address)
        said = signed.read(body)
        if isinstance(at, SignalFault):
            return await self._refuse(at, "", address)
        if isinstance(said, SignalFault):
            return await self._refuse(said, "", address)
        digest = hashlib.sha256(timestamp.encode() + b"." + body).hexdigest()
        fault = await self._store.write(lambda tx: self._count(tx, said, digest, min(at, now), address))
        return await self._refuse(fault, digest, address) if fault is not None else None

    def _count(self, tx: Writer, said: Said, digest: str, at: float, address: str) -> SignalFault | None:
        name, now = self.source.name, self._clock.now()
        if not spend(tx, name, digest, now + 2 * self.source.window, now):
            return SignalFault.REPLAYED
        if not all(self._may(signal, value) for signal, value in said.signals.items()):
            return SignalFault.SIGNAL
        device = _device(tx, said.device, name)
        if device is None:
            return SignalFault.SUBJECT
        if self._registry.hear(tx, actor_of(name), device.id, said.signals, name, at) is None:
            return SignalFault.ORDER
        detail = " ".join(f"{signal}={value}" for signal, value in sorted(said.signals.items()))[:200]
        tx.log(
            SignalHeard(
                at=now,
                actor=actor_of(name),
                device_id=device.id,
                user_id=device.owner,
                address=address,
                source=name,
                event="webhook",
                detail=detail,
            )
        )
        return None

    def _may(self, signal: str, value: signed.Value) -> bool:
        """Say whether this source may set a signal, and the value is of its type."""
        return signal in self.source.signals and type(value) is self._kinds[signal].type

    async def _refuse(self, fault: SignalFault, token: str, address: str) -> SignalFault:
        now, name = self._clock.now(), self.source.name
        if fault in STRANGE:
            if now - self._told.get(fault, float("-inf")) < SELDOM:
                return fault
            self._told[fault] = now
        event = SignalRefused(
            at=now, actor=actor_of(name), address=address, source=name, reason=fault.value, token=token[:64]
        )
        await self._store.write(lambda tx: tx.log(event))
        return fault


class WebhookPages:
    """``/signals/webhook``."""

    def __init__(self, hooks: Mapping[str, Webhook]) -> None:
        self._hooks = hooks

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route(f"{PATH}/{{source}}", self.post, methods=["POST"])]

    async def post(self, request: Request) -> Response:
        """Take one message; a source that is not configured looks like one whose signature is wrong."""
        body = await bounded(request, signed.MOST_OCTETS)
        hook = self._hooks.get(request.path_params["source"])
        stamp, signature = (request.headers.get(name, "")[:128] for name in (signed.TIMESTAMP, signed.SIGNATURE))
        try:
            fault = await hook.take(stamp, signature, body, peer_of(request).address) if hook else SignalFault.SIGNATURE
        except Unavailable:
            return Response(status_code=503, headers={**HEADERS, "Retry-After": "5"})
        if fault is None:
            return Response(status_code=204, headers=HEADERS)
        return JSONResponse(error_of(fault), STATUS.get(fault, 400), headers=HEADERS)


def _device(tx: Reader, named: Mapping[str, str], source: str) -> Device | None:
    match named:
        case {"id": name}:
            return device_of(tx, name, source)
        case {"owner": owner, "name": name}:
            return device_named(tx, owner, name)
    kind, value = next(iter(named.items()))
    return device_by(tx, kind, value)
