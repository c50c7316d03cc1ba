"""Fetches events from a transmitter that is polled (RFC 8936), acknowledges what counted, says what did not and why.

    ask --200, sets--> hear each --> ask again at once, with acks --no sets--> ask when ``poll_every`` is over
     |---- anything else --> ask after 2 s, 4 s ... at most 5 minutes

An acknowledgement follows the durable effect: killed in between, a token comes again, and is known.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from idp.oidc.posting import NotSent
from idp.signals.faults import GENUINE, SignalFault, error_of
from idp.signals.hearing import Hearing
from idp.signals.trusted_keys import Exchange
from kernel.audit import Fault
from kernel.clock import Clock
from kernel.ports import Store
from kernel.problems import Unavailable

MOST_EVENTS: Final = 50
MOST_OCTETS: Final = 2 * 1024 * 1024
FIRST: Final = 2.0
LONGEST: Final = 300.0


@dataclass(frozen=True, slots=True)
class Owed:
    """What the transmitter is told with the next question: tokens that counted, and those that did not."""

    acks: tuple[str, ...] = ()
    errors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Poller:
    """Polls one source. ``run`` until cancelled, or ``ask`` once."""

    def __init__(self, hearing: Hearing, secret: str, poster: Exchange, store: Store, clock: Clock) -> None:
        self._hearing, self._secret, self._poster = hearing, secret, poster
        self._store, self._clock = store, clock
        self._failures = 0

    async def run(self) -> None:
        """Ask for ever."""
        owed, more = Owed(), False
        while True:
            try:
                owed, more = await self.ask(owed)
                self._failures = 0
            except (NotSent, Unavailable, ValueError) as fault:
                await self._failed(fault)
                continue
            if not more and not owed.acks and not owed.errors:
                await asyncio.sleep(self._hearing.source.poll_every)

    async def ask(self, owed: Owed) -> tuple[Owed, bool]:
        """Ask once; return what is owed for what came, and whether there is more.

        Raises:
            NotSent: no proper answer.
            ValueError: not an answer of this protocol.
            Unavailable: the store cannot keep what came; nothing is acknowledged.
        """
        body: dict[str, Any] = {"maxEvents": MOST_EVENTS, "returnImmediately": True, "ack": list(owed.acks)}
        body |= {"setErrs": owed.errors} if owed.errors else {}
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        sent = (
            "POST",
            self._hearing.source.endpoint,
            json.dumps(body),
            headers | {"Accept": "application/json"},
            MOST_OCTETS,
        )
        reply = await asyncio.to_thread(self._poster.exchange, *sent)
        if reply.status != 200:
            raise NotSent(f"answered {reply.status}")
        sets, more = _answer(reply.body)
        return await self._heard(sets), more

    async def _heard(self, sets: Mapping[str, str]) -> Owed:
        acks, errors = [], {}
        for token_id, text in sets.items():
            fault: SignalFault | None = await self._hearing.take(text)
            if fault is None or fault in GENUINE:
                acks.append(token_id)
            else:
                errors[token_id] = error_of(fault)
        return Owed(tuple(acks), errors)

    async def _failed(self, fault: Exception) -> None:
        self._failures += 1
        if self._failures in (1, 10):
            what = f"source {self._hearing.source.name} cannot be polled: {fault}"[:300]
            event = Fault(at=self._clock.now(), where="signals.poll", what=what)
            with contextlib.suppress(Unavailable):
                await self._store.write(lambda tx: tx.log(event))
        await asyncio.sleep(min(FIRST * 2 ** min(self._failures - 1, 10), LONGEST))


def _answer(body: bytes) -> tuple[dict[str, str], bool]:
    try:
        said = json.loads(body or b"{}")
    except RecursionError as fault:
        raise ValueError("nested too deep") from fault
    sets = said.get("sets", {}) if isinstance(said, dict) else None
    if not isinstance(sets, dict) or len(sets) > MOST_EVENTS:
        raise ValueError("not a poll's answer (RFC 8936, section 2.3)")
    if not all(isinstance(text, str) for text in sets.values()):
        raise ValueError("a set is a text (RFC 8936, section 2.3)")
    return sets, said.get("moreAvailable") is True
