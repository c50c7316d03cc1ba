"""A whole web door on loopback for the tests: its listener, an application that repeats what it got, raw sockets."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from kernel.authority import Subject, Verified
from kernel.chance import SeededChance
from kernel.clock import SetClock, SystemClock
from kernel.config.settings import Bounds, Endpoint, Listener, Route, Settings, Site, Tls
from kernel.records.devices import Proof, Trust
from proxy.announcer import Announcer
from proxy.changes import ChangeFollower
from proxy.guard import Guard
from proxy.leases import Leases
from proxy.recorder import Recorder
from proxy.relays.dial import Dialer
from proxy.relays.listen import Listening
from proxy.relays.reactor import Reactor
from proxy.web.door import Dependencies, WebDoor
from tests.proxy.house import HandAsker, HandAuthority, allow, policy, subject

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
COOKIE = "__Host-gatepost-mail"
LOCAL = "127.0.0.1"


def browser(name: str = "alice", **more: object) -> Subject:
    """Somebody in a browser with a registered key."""
    who = subject(name, **more)  # type: ignore[arg-type]
    handles = (*who.handles[:2], f"signin:s_{name}")
    key = replace(who.key, proof=Proof.BROWSER_KEY, credential_id="", signin_id=f"s_{name}")
    return replace(who, key=key, handles=handles, proved_at=SystemClock().now())


class Application:
    """An HTTP server of the test's own. Remembers the requests that reached it, octet by octet."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nhi"
        self.handle: Handle = self._answer
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOCAL, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            await self.handle(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            self.bodies.append(await body_of(head, reader))
            writer.write(self.answer)


async def body_of(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """Read a body as a lenient server would."""
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        whole = b""
        while not whole.endswith(b"0\r\n\r\n"):
            whole += await reader.readexactly(1)
        return whole
    for line in lower.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line.split(b":")[1]))
    return b""


class Browser:
    """A raw connection to the door."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, octets: bytes) -> None:
        self.writer.write(octets)

    async def response(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Read one response: status, fields by lower-case name (Set-Cookie values joined by newlines), body."""
        raw = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        lines = raw.decode("utf-8").split("\r\n")
        fields: dict[str, str] = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(": ")
            fields[name.lower()] = f"{fields[name.lower()]}\n{value}" if name.lower() in fields else value
        status = int(lines[0].split(" ")[1])
        if head or status < 200 or status in (204, 304):
            return status, fields, b""
        return status, fields, await asyncio.wait_for(self._body(fields), 5)

    async def _body(self, fields: dict[str, str]) -> bytes:
        if "content-length" in fields:
            return await self.reader.readexactly(int(fields["content-length"]))
        if fields.get("transfer-encoding") == "chunked":
            whole = b""
            while True:
                size = int((await self.reader.readuntil(b"\r\n"))[:-2], 16)
                whole += (await self.reader.readexactly(size + 2))[:-2]
                if not size:
                    return whole
        return await self.reader.read()

    async def closed(self) -> bytes:
        """Wait for the end of the connection; return what came before it."""
        try:
            return await asyncio.wait_for(self.reader.read(), 5)
        except ConnectionError:
            return b""


def request(
    target: str = "/",
    *fields: str,
    method: str = "GET",
    cookie: str = "C",
    host: str = "mail.example",
    body: bytes = b"",
) -> bytes:
    """Return a request as a browser sends it when a person opens a page."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Accept: text/html", "Accept-Language: en"]
    if cookie:
        lines.append(f"Cookie: theme=dark; {COOKIE}={cookie}")
    return "\r\n".join([*lines, *fields, "", ""]).encode("latin-1") + body


class WebSite:
    """The door in front of one application, ``https://mail.example``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.application = Application()
        self.pages = Application()
        self.authority = HandAuthority()
        self.clock = SystemClock()
        self.bounds = Bounds()
        self.route = Route("mail", "mail.example", ())
        self.more: tuple[Route, ...] = ()
        self.trusted: tuple[str, ...] = ()
        self.browsers: list[Browser] = []

    async def start(self) -> None:
        (self.directory / "run").mkdir()
        await self.application.start()
        self._pages = await asyncio.start_unix_server(self.pages._serve, self.directory / "run" / "pages.sock")
        here = f"http://{LOCAL}:{self.application.port}"
        listener = Listener("web", "web", Endpoint(LOCAL, 0), tls=Tls.NONE)
        base = Settings(Site("Test", "https://id.example", self.directory))
        settings = replace(
            base,
            listen=(listener,),
            routes=(replace(self.route, upstreams=self.route.upstreams or (here,)), *self.more),
            bounds=self.bounds,
            proxy=replace(base.proxy, trusted_proxies=self.trusted),
        )
        self.reactor = Reactor()
        self.recorder = Recorder(self.authority, self.clock, node="n1")
        self.follower = ChangeFollower(self.authority, self.recorder, self.clock, max_stale=30.0)
        self.follower.policy = policy(mail=allow(), imap=allow())
        self.follower.confirmed_until = math.inf
        asker = HandAsker(self.authority)
        self.guard = Guard(asker, self.follower, self.recorder, self.clock, SeededChance(), issuer="https://id.example")
        self.leases = Leases(
            self.guard, asker, self.recorder, Announcer(self.authority, node="n1"), self.clock, self.reactor.loop
        )
        near = Dependencies(
            self.reactor,
            Dialer(self.reactor),
            self.authority,
            asker,
            self.guard,
            self.leases,
            self.clock,
            SeededChance(),
        )
        self.door = WebDoor(settings, near)
        self.listening = Listening(self.reactor, listener, self.bounds, self.door.arrived)
        self._running = self.reactor.loop.create_task(self.recorder.run())

    async def stop(self) -> None:
        for browser in self.browsers:
            browser.writer.close()
        self.listening.close()
        self.door.close()
        self._running.cancel()
        self._pages.close()
        await self.application.stop()
        await self.pages.stop()
        self.reactor.deadlines.stop()

    def knows(self, secret: str, who: Subject, **more: object) -> Subject:
        """Let a route cookie (or ticket) stand for somebody."""
        self.authority.good[secret] = Verified(who, good_until=self.clock.now() + 3600, **more)  # type: ignore[arg-type]
        self.authority.present[who.key] = who
        return who

    async def open(self) -> Browser:
        reader, writer = await asyncio.open_connection(LOCAL, self.listening.port)
        browser = Browser(reader, writer)
        self.browsers.append(browser)
        return browser

    async def get(self, target: str = "/", *fields: str, **more: object) -> tuple[int, dict[str, str], bytes]:
        """Send one request on a connection of its own."""
        browser = await self.open()
        method = str(more.get("method", "GET"))
        browser.send(request(target, *fields, **more))  # type: ignore[arg-type]
        return await browser.response(head=method == "HEAD")

    def lose(self, who: Subject) -> None:
        """Report a device lost."""
        assert who.device is not None
        number = self.follower.number + 1
        self.authority.present[who.key] = replace(who, device=replace(who.device, trust=Trust.LOST), number=number)
        from kernel.records.changes import Change

        handles = self.follower._remember([Change(number, 0.0, f"device:{who.key.device_id}")])
        self.follower._tell(handles)


__all__ = ["COOKIE", "Application", "Browser", "SetClock", "WebSite", "browser", "request"]
