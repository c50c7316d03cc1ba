"""A whole gate on loopback: a listener with TLS, a guard that answers from a list, an upstream with a script."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from kernel.audit import Event
from kernel.authority import Attempt, MintOrder, UpstreamLogin
from kernel.clock import SystemClock
from kernel.config.settings import Backend, Bounds, Endpoint, Listener, Tls, Upstream
from kernel.reasons import Reason
from proxy.admission import Admission
from proxy.gateways.serving import mail_listener
from proxy.gateways.table import GATEWAYS
from proxy.lease import Lease
from proxy.relays.dial import Dialer
from proxy.relays.house import House
from proxy.relays.listen import Listening
from proxy.relays.reactor import Reactor
from tests.proxy.gateways.transcript import admitted, refused, settings
from tests.servers.certificates import Authority


@dataclass
class FakeGuard:
    """Admits ``alice`` with ``secret``, or whoever brings the token ``good``; at once, or when ``go`` is called."""

    service: str
    late: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def admit(self, attempt: Attempt, then: Callable[[Admission], None]) -> None:
        self.attempts.append(attempt)
        good = (attempt.name, attempt.password) == ("alice", "secret") or attempt.token == "good"
        external = not attempt.password and not attempt.token and bool(attempt.certificate)
        answer = refused(Reason.CREDENTIALS)
        if good or external:
            answer = admitted(service=self.service, address=attempt.address)
        if self.late:
            self.waiting.append(lambda: then(answer))
        else:
            then(answer)

    def fault(self, where: str, what: str) -> None:
        self.faults.append(f"{where}: {what}")


@dataclass
class FakeLeases:
    """Remembers who is held and how it was released."""

    held: dict[str, Lease] = field(default_factory=dict)
    released: list[tuple[str, Reason | None, int, int]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self, lease: Lease) -> None:
        self.held[lease.session] = lease
        self.changed.set()

    def release(self, session: str, reason: Reason | None = None, octets_in: int = 0, octets_out: int = 0) -> None:
        assert self.held.pop(session, None) is not None, "released twice, or never held"
        self.released.append((session, reason, octets_in, octets_out))
        self.changed.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():
                self.changed.clear()
                await self.changed.wait()

    @property
    def only(self) -> Lease:
        (lease,) = self.held.values()
        return lease


@dataclass
class FakeMint:
    login: UpstreamLogin | Exception
    orders: list[MintOrder] = field(default_factory=list)

    def mint(self, order: MintOrder, then: Callable[[UpstreamLogin | Exception], None]) -> None:
        self.orders.append(order)
        then(self.login)


@dataclass
class FakeJournal:
    events: list[Event] = field(default_factory=list)

    def record(self, event: Event) -> None:
        self.events.append(event)


Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Stage:
    """One gate with its fakes. ``converse`` plays the upstream, once per connection."""

    def __init__(self, authority: Authority, service: str, *, tls: Tls = Tls.IMPLICIT, **bounds: float) -> None:
        self.authority = authority
        self.service = service
        self.tls = tls
        self.bounds = Bounds(**bounds)  # type: ignore[arg-type]
        self.upstream_tls = Tls.NONE
        self.client_certificate = False
        self.converse: Conversation | None = None
        self.conversations = 0
        self.guard = FakeGuard(service)
        self.leases = FakeLeases()
        self.mint = FakeMint(UpstreamLogin("XOAUTH2", "alice@example.org", "minted"))
        self.journal = FakeJournal()
        self.trouble: list[BaseException] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Stage"]:
        self.reactor = Reactor(asyncio.get_running_loop())
        certificate, key = self.authority.issue("localhost")
        context = None
        if self.upstream_tls is Tls.IMPLICIT:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate, key)
        server = await asyncio.start_server(self._upstream, "127.0.0.1", 0, ssl=context, limit=1 << 24)
        place = Endpoint("127.0.0.1", server.sockets[0].getsockname()[1])
        upstream = Upstream(place, self.upstream_tls, self.authority.path, "localhost")
        backend = Backend("main", imap=upstream, pop3=upstream, submission=upstream, sieve=upstream)
        self.choice = (backend, upstream)
        self.house = house = House(
            self.reactor,
            Dialer(self.reactor),
            self.guard,
            self.leases,
            self.journal,
            self.mint,
            lambda subject, service: self.choice,
            self.bounds,
            SystemClock(),
        )
        listener = Listener(
            self.service, self.service, Endpoint("127.0.0.1", 0), self.tls, certificate, key, self.client_certificate
        )
        self.listening = Listening(
            self.reactor,
            listener,
            self.bounds,
            mail_listener(listener, house, settings()),
            device_ca=self.authority.path,
            alpn=GATEWAYS[self.service].alpn,
        )
        try:
            yield self
        finally:
            self.listening.close()
            server.close()
            self.reactor.deadlines.stop()
            assert self.trouble == []

    async def _upstream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.conversations += 1
        try:
            if self.converse is not None:
                await self.converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except BaseException as trouble:
            self.trouble.append(trouble)
        finally:
            writer.close()

    def client_context(self, files: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority.path))
        if files:
            context.load_cert_chain(*files)
        return context

    async def connect(self, *, files: tuple[Path, Path] | None = None, secure: bool = True) -> "Client":
        reader, writer = await asyncio.open_connection(
            "127.0.0.1",
            self.listening.port,
            ssl=self.client_context(files) if secure else None,
            server_hostname="localhost" if secure else None,
        )
        return Client(reader, writer)


class Client:
    """A mail client by hand; every wait ends after 5 s."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def line(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.reader.readline()

    async def lines(self, count: int) -> list[bytes]:
        return [await self.line() for _ in range(count)]

    async def exactly(self, size: int) -> bytes:
        async with asyncio.timeout(20):
            return await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """Return all that comes until the end."""
        async with asyncio.timeout(5):
            return await self.reader.read()

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    async def starttls(self, context: ssl.SSLContext) -> None:
        await self.writer.start_tls(context, server_hostname="localhost")

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await self.writer.wait_closed()
