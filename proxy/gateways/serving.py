"""Hangs a mail protocol behind a listener: the entry for the household, and the choice of backend and upstream login.

Owns the memory of upstream logins: one that the authority lets us use again (``good_until``) is not asked for again
by the same subject from the same address for the same service.
"""

import asyncio
from collections.abc import Callable, Sequence

from kernel import wire
from kernel.authority import Authority, MintOrder, Subject, SubjectKey, UpstreamLogin
from kernel.clock import Clock
from kernel.config.settings import Backend, Listener, Upstream
from proxy.authority import AuthorityClient
from proxy.gateways.settings import GateSettings
from proxy.gateways.table import GATEWAYS
from proxy.relays.channel import Channel
from proxy.relays.driver import Driver
from proxy.relays.house import Choice, House
from proxy.relays.listen import Arrival, Listening

REMEMBERED = 10_000
MARGIN = 5.0
"""Seconds of life that a remembered login must have left: the upstream's clock is its own."""


def mail_listener(listener: Listener, house: House, settings: GateSettings) -> Arrival:
    """Return what to do with each connection that arrives at ``listener``: hand it to ``Listening`` as ``arrived``.

    Raises:
        LookupError: no mail protocol is called ``listener.service``.
    """
    gateway = GATEWAYS[listener.service]

    def arrived(channel: Channel, listening: Listening) -> None:
        Driver(house, gateway.service, gateway.gate(settings), channel, listening).start()

    return arrived


def chooser(backends: Sequence[Backend]) -> Callable[[Subject, str], Choice | None]:
    """Return the choice of a backend: the first whose ``domains`` hold the user's, else the first that serves
    everybody."""

    def choose(subject: Subject, service: str) -> Choice | None:
        upstream_of = GATEWAYS[service].upstream
        domain = subject.user.email.rpartition("@")[2]
        general: Choice | None = None
        for backend in backends:
            upstream: Upstream | None = upstream_of(backend)
            if upstream is None:
                continue
            if domain in backend.domains:
                return backend, upstream
            if not backend.domains and general is None:
                general = backend, upstream
        return general

    return choose


Then = Callable[[UpstreamLogin | Exception], None]
Known = tuple[str, SubjectKey, str, str]


class RememberingMinter:
    """Asks the authority for upstream logins: without a task where it can call back, with a short one elsewhere."""

    def __init__(self, authority: Authority, clock: Clock) -> None:
        self._authority = authority
        self._clock = clock
        self._known: dict[Known, UpstreamLogin] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def mint(self, order: MintOrder, then: Then) -> None:
        """Call ``then`` with the login, or with why there is none; within this call when it is remembered."""
        login = self._known.get((order.backend, order.key, order.service, order.address))
        if login is not None and login.good_until - MARGIN > self._clock.now():
            then(login)
            return
        if isinstance(self._authority, AuthorityClient):
            self._authority.ask(wire.MINT, order, lambda answer: self._answered(order, answer, then))
            return
        task = asyncio.get_running_loop().create_task(self._ask(order, then))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, order: MintOrder, then: Then) -> None:
        answer: UpstreamLogin | Exception
        try:
            answer = await self._authority.mint(order)
        except Exception as trouble:  # whatever it is, the session must hear of it and end
            answer = trouble
        self._answered(order, answer, then)

    def _answered(self, order: MintOrder, login: UpstreamLogin | Exception, then: Then) -> None:
        if isinstance(login, UpstreamLogin) and login.good_until:
            while len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[order.backend, order.key, order.service, order.address] = login
        then(login)
