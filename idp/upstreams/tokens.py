"""Access tokens for backends, each got once for all who need it, ahead of its end, and never written anywhere.

::

    none --asked--> in flight --issued--> fresh --5 minutes left--> fresh, next one in flight --issued--> fresh
                        |                   '--30 seconds left--> none
                        |--the grant is over--> the person is told to link again
                        '--endpoint in trouble--> resting (5 s, doubling to 60 s), answered at once meanwhile
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from idp.upstreams.asking import GrantOver, Issued, TokenEndpoint, poster
from idp.upstreams.keeping import GrantKeeper
from kernel.authority import UpstreamLogin
from kernel.clock import Clock
from kernel.config.backends import Backend, Ground, Login, OAuth
from kernel.config.providers import resolved
from kernel.problems import Unavailable
from kernel.reasons import Reason
from kernel.records.people import User

AHEAD, MARGIN = 300.0, 30.0
REST, LONGEST_REST = 5.0, 60.0
MOST_KEPT = 20_000
AT_ONCE = 8
"""How many questions may be under way at token endpoints: each takes a thread."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A token at hand; from ``ahead`` on the next one is asked for, from ``until`` on it is not used."""

    token: str = field(repr=False)
    account: str
    until: float
    ahead: float


@dataclass(frozen=True, slots=True)
class Resting:
    """An endpoint in trouble is left alone for a while."""

    until: float
    seconds: float
    trouble: str


class UpstreamLogins:
    """Logs people in with what is stored for them: the ``Stored`` of the authority."""

    def __init__(
        self,
        backends: Sequence[Backend],
        keeper: GrantKeeper,
        clock: Clock,
        connect: Callable[[OAuth], TokenEndpoint] | None = None,
    ) -> None:
        self._keeper, self._clock = keeper, clock
        self._connect = connect or (lambda oauth: TokenEndpoint(oauth, poster(oauth), clock))
        self._oauth: Mapping[str, OAuth] = {each.name: resolved(each.oauth) for each in backends if each.oauth}
        self._endpoints: dict[str, TokenEndpoint] = {}
        self._kept: dict[str, Kept] = {}
        self._flights: dict[str, asyncio.Task[Kept | None]] = {}
        self._resting: dict[str, Resting] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def login(self, backend: Backend, user: User) -> UpstreamLogin:
        """Return what logs ``user`` in, or that they have to link first (``denied``).

        Raises:
            Unavailable: the token endpoint, or what it needs, is in trouble.
        """
        name = user.email or user.name
        if backend.login is Login.STORED:
            grant = await self._keeper.get(backend.name, user.id)
            if grant is None:
                return UpstreamLogin("NONE", name, "", denied=Reason.UPSTREAM_LINK)
            return UpstreamLogin("PLAIN", grant.account or name, self._keeper.open(grant))
        kept = await self._token(backend.name, user, name)
        if kept is None:
            return UpstreamLogin("NONE", name, "", denied=Reason.UPSTREAM_LINK)
        return UpstreamLogin("XOAUTH2", kept.account or name, kept.token)

    def endpoint(self, backend: str) -> TokenEndpoint:
        """Return a backend's token endpoint. Raises Unavailable: its CA cannot be read."""
        found = self._endpoints.get(backend)
        if found is None:
            try:
                found = self._endpoints[backend] = self._connect(self._oauth[backend])
            except OSError as fault:
                raise Unavailable(f"the token endpoint's CA cannot be read: {type(fault).__name__}") from fault
        return found

    def forget(self, backend: str, user_id: str) -> None:
        """Use what is at hand for a person no more: they linked anew, or unlinked."""
        key = f"{backend}:{user_id}"
        for each in (self._kept, self._resting, self._flights):
            each.pop(key, None)

    async def _token(self, backend: str, user: User, name: str) -> Kept | None:
        oauth, key, now = self._oauth[backend], f"{backend}:{user.id}", self._clock.now()
        if oauth.ground is Ground.APP and oauth.key_file is None:
            key = backend  # one token opens every mailbox, and the name says which
        kept, resting = self._kept.get(key), self._resting.get(key)
        good = kept is not None and kept.until > now
        if kept is not None and good and kept.ahead > now:
            return kept
        if resting is None or resting.until <= now:
            flight = self._flight(key, backend, user, name)
            if not good:
                return await asyncio.shield(flight)
        if good:
            return kept
        raise Unavailable(resting.trouble if resting else "no token")

    def _flight(self, key: str, backend: str, user: User, name: str) -> "asyncio.Task[Kept | None]":
        """Return the question that is under way for this key, or begin one."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.get_running_loop().create_task(self._fly(key, backend, user, name))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    def _landed(self, key: str, flight: "asyncio.Task[Kept | None]") -> None:
        if self._flights.get(key) is not flight:
            return  # what it stood on was replaced while it was under way
        del self._flights[key]
        if flight.cancelled():
            return
        trouble = flight.exception()
        if trouble is not None:
            last = self._resting.get(key)
            seconds = min(last.seconds * 2, LONGEST_REST) if last else REST
            self._resting[key] = Resting(self._clock.now() + seconds, seconds, str(trouble)[:300])
            return
        self._resting.pop(key, None)
        self._kept.pop(key, None)
        kept = flight.result()
        if kept is not None:
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = kept

    async def _fly(self, key: str, backend: str, user: User, name: str) -> Kept | None:
        endpoint = self.endpoint(backend)
        async with self._turns:
            if self._oauth[backend].ground is Ground.APP:
                try:
                    return self._keep(await endpoint.app(name), "")
                except GrantOver as over:  # nobody's consent but the organisation's
                    raise Unavailable(f"the token endpoint refuses the app: {over}") from over
            grant = await self._keeper.get(backend, user.id)
            if grant is None or grant.broken:
                return None
            try:
                issued = await endpoint.refresh(self._keeper.open(grant))
            except GrantOver as over:
                await self._keeper.broke(grant, str(over))
                return None
            if issued.refresh:
                # Durable before the token is used: whoever rotates may take the old one no more from now on.
                grant = await self._keeper.rotate(grant, issued.refresh)
            return self._keep(issued, grant.account)

    def _keep(self, issued: Issued, account: str) -> Kept:
        now = self._clock.now()
        until = now + issued.seconds - min(MARGIN, issued.seconds / 2)
        ahead = now + max(issued.seconds - AHEAD, issued.seconds / 2)
        return Kept(issued.access, account, until, min(until, ahead))
