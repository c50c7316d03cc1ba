"""Back-channel logout (OpenID Connect Back-Channel Logout 1.0): tells clients that a sign-in is over, until they know.

    notice due --2xx--> gone
        |---- anything else --> due again after 5 s, 10 s, 20 s ... at most an hour; given up after a day, with a Fault

Notices are rows, written in the transaction that ended the sign-in: a crash loses none; at worst one comes twice.
"""

import asyncio
import dataclasses
from contextlib import suppress
from typing import Any, Protocol

from idp.oidc.keys import Keys
from idp.oidc.posting import NotSent
from kernel.audit import Fault
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.ports import Store, Writer
from kernel.problems import Unavailable
from kernel.records.oidc import LogoutNotice, OidcClient

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
TOKEN_SECONDS = 120
FIRST, LONGEST, TRIES = 5.0, 3600.0, 32
AT_ONCE = 8
EVERY = 5.0


class Post(Protocol):
    """Delivers a form (``idp.oidc.posting.Poster``)."""

    def post(self, uri: str, form: dict[str, str]) -> int:
        """Return the status; raises NotSent."""
        ...


class LogoutCourier:
    """Delivers the notices that are due. ``run`` until cancelled, or ``deliver`` once."""

    def __init__(
        self, store: Store, keys: Keys, poster: Post, clock: Clock, chance: Chance, issuer: str, every: float = EVERY
    ) -> None:
        self._store, self._keys, self._poster = store, keys, poster
        self._clock, self._chance, self._issuer, self._every = clock, chance, issuer, every
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Deliver whenever the store changes, and every few seconds what is due again."""
        unwatch = self._store.watch(lambda number: self._wake.set())
        try:
            while True:
                self._wake.clear()
                await self._try_to_deliver()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._every):
                        await self._wake.wait()
        finally:
            unwatch()

    async def deliver(self) -> int:
        """Try every notice that is due, a few at once; return how many clients now know."""
        now = self._clock.now()
        due = await self._store.read(lambda tx: tx.below(LogoutNotice, "due_at", now + 0.001, limit=AT_ONCE))
        return sum(await asyncio.gather(*(self._attempt(notice) for notice in due)))

    async def _try_to_deliver(self) -> None:
        try:
            while await self.deliver():
                pass
        except Unavailable:
            return

    async def _attempt(self, notice: LogoutNotice) -> bool:
        client = await self._store.read(lambda tx: tx.get(OidcClient, notice.client_id))
        if client is None:
            await self._store.write(lambda tx: tx.take(LogoutNotice, notice.id))
            return False
        form = {"logout_token": self._token(notice, client)}
        try:
            status = await asyncio.to_thread(self._poster.post, notice.uri, form)
        except NotSent as fault:
            await self._again(notice, str(fault))
            return False
        if 200 <= status < 300:
            await self._store.write(lambda tx: tx.take(LogoutNotice, notice.id))
            return True
        await self._again(notice, f"answered {status}")
        return False

    async def _again(self, notice: LogoutNotice, why: str) -> None:
        later = self._clock.now() + min(FIRST * 2**notice.tries, LONGEST)
        changed = dataclasses.replace(notice, tries=notice.tries + 1, due_at=later)
        what = f"client {notice.client_id} was not told of a logout: {why}"

        def work(tx: Writer) -> None:
            if tx.take(LogoutNotice, notice.id) is None:
                return
            if changed.tries < TRIES:
                tx.put(changed)
            if changed.tries in (1, TRIES):
                tx.log(Fault(at=self._clock.now(), where="oidc.logout", what=what))

        await self._store.write(work)

    def _token(self, notice: LogoutNotice, client: OidcClient) -> str:
        now = int(self._clock.now())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": identifier(self._chance, "lt"),
            "sub": notice.user_id,
            "sid": notice.signin_id,
            "events": {EVENT: {}},
        }
        return self._keys.sign(claims, use="oidc", alg=client.id_token_alg, typ=TYPE)
