"""A decision point on loopback for the tests, beside a web door: an enforcer ``edge`` asks about ``wiki.example``."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import asdict

from kernel.authority import MintOrder, UpstreamLogin
from kernel.chance import SeededChance
from kernel.config.settings import Backend, Endpoint, Enforcer, Listener, MailServers, Route, Settings, Site, Tls
from proxy.decisions.door import DecisionDoor
from proxy.gateways.serving import RememberingMinter
from proxy.relays.listen import Listening
from tests.proxy.house import HandAuthority, allow, policy
from tests.proxy.web.site import LOCAL, Browser, WebSite

SECRET = "an-edge-that-asks-2026"
OTHER = "another-edge-altogether"
COOKIE = "__Host-gatepost-wiki"
CLIENT = "198.51.100.9"
MASTER = UpstreamLogin("LOGIN", "alice@example.com*gate", "master-secret")


@dataclass
class Minting(HandAuthority):
    """An identity side whose upstream logins the test chooses."""

    login: UpstreamLogin | Exception = field(default_factory=lambda: MASTER)

    async def mint(self, order: MintOrder) -> UpstreamLogin:
        self._up(f"mint {order.backend} {order.service} {order.address}")
        if isinstance(self.login, Exception):
            raise self.login
        return self.login


class DecisionSite(WebSite):
    """The decision point, and the web door whose sessions it shares."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.authority: Minting = Minting()
        self.wiki = Route("wiki", "wiki.example", enforcers=("edge",))
        self.networks: tuple[str, ...] = ("127.0.0.1/32",)
        self.mail: tuple[MailServers, ...] = (
            MailServers("mail", imap=Endpoint("10.1.2.3", 143), smtp=Endpoint("10.1.2.3", 25)),
            MailServers("sales", imap=Endpoint("10.9.9.9", 143)),
        )

    async def start(self) -> None:
        await super().start()
        for name, secret in (("edge", SECRET), ("other", OTHER)):
            (self.directory / f"{name}.secret").write_text(f"{secret}\n")
        self.settings = self._settings()
        self.follower.policy = policy(mail=allow(), wiki=allow(), imap=allow(), submission=allow())
        self.decisions = DecisionDoor(self.guard, self.recorder, SeededChance())
        minter = RememberingMinter(self.authority, self.clock)
        self.decisions.serve = self.decisions.prepared(self.settings, self.door.house, minter)
        listener = Listener("decisions", "decisions", Endpoint(LOCAL, 0), tls=Tls.NONE)
        self.asked_at = Listening(self.reactor, listener, self.bounds, self.decisions.arrived)

    def _settings(self) -> Settings:
        routes = (
            self.wiki,
            Route("admin", "wiki.example", path="/admin", enforcers=("edge",)),
            Route("shop", "shop.example", enforcers=("other",)),
            Route("mail", "mail.example", ("http://127.0.0.1:1",)),
        )
        enforcers = (
            Enforcer("edge", self.directory / "edge.secret", networks=self.networks, mail=self.mail),
            Enforcer("other", self.directory / "other.secret"),
        )
        backends = (Backend("mail"), Backend("sales", domains=("sales.example",)))
        site = Site("Test", "https://id.example", self.directory)
        return Settings(site, routes=routes, backends=backends, enforcers=enforcers, bounds=self.bounds)

    async def stop(self) -> None:
        self.asked_at.close()
        await super().stop()

    async def enforcer(self) -> Browser:
        """Return a connection of an enforcer's."""
        reader, writer = await asyncio.open_connection(LOCAL, self.asked_at.port)
        here = Browser(reader, writer)
        self.browsers.append(here)
        return here

    async def ask(self, *more: str, **changes: str | None) -> tuple[int, dict[str, str], bytes]:
        """Ask on a connection of its own, as ``asking`` words it."""
        here = await self.enforcer()
        here.send(asking(*more, **changes))
        return await here.response(head=changes.get("method") == "HEAD")

    async def recorded(self, kind: str) -> list[dict[str, object]]:
        """Return the events of one kind that are on record."""
        await self.recorder.drain(5.0)
        return [asdict(event) for event in self.authority.events if event.kind == kind]


def asking(*more: str, **changes: str | None) -> bytes:
    """Return a question in the form of nginx, Caddy and Traefik: a GET for ``path``, about ``uri`` at ``about``, with
    the browser's own fields beside. A change to None leaves the field out."""
    told: dict[str, str | None] = {
        "X-Gatepost-Enforcer": changes.get("secret", SECRET),
        "X-Forwarded-Method": changes.get("asked", "GET"),
        "X-Forwarded-Proto": changes.get("proto", "https"),
        "X-Forwarded-Host": changes.get("about", "wiki.example"),
        "X-Forwarded-Uri": changes.get("uri", "/page?q=1"),
        "X-Forwarded-For": changes.get("client", CLIENT),
        "Accept": changes.get("accept", "text/html"),
        "Accept-Language": changes.get("language", "en"),
        "Cookie": f"theme=dark; {COOKIE}={changes.get('cookie', 'C')}" if changes.get("cookie", "C") else None,
    }
    lines = [f"{changes.get('method') or 'GET'} {changes.get('path', '/forward-auth')} HTTP/1.1"]
    lines += [f"Host: {changes.get('host', '127.0.0.1:9091')}"]
    lines += [f"{name}: {value}" for name, value in told.items() if value is not None]
    return "\r\n".join([*lines, *more, "", ""]).encode("latin-1")


def login(*more: str, **changes: str | None) -> bytes:
    """Return a question as nginx's mail proxy words it (1.22: HTTP/1.0, percent-encoded)."""
    told: dict[str, str | None] = {
        "Host": "127.0.0.1",
        "Auth-Method": changes.get("method", "plain"),
        "Auth-User": changes.get("user", "alice%40example.com"),
        "Auth-Pass": changes.get("password", "app-password"),
        "Auth-Protocol": changes.get("protocol", "imap"),
        "Auth-Login-Attempt": changes.get("attempt", "1"),
        "Client-IP": changes.get("client", CLIENT),
        "X-Gatepost-Enforcer": changes.get("secret", SECRET),
    }
    lines = [f"{name}: {value}" for name, value in told.items() if value is not None]
    return "\r\n".join(["GET /mail-auth HTTP/1.0", *lines, *more, "", ""]).encode("latin-1")


__all__ = ["CLIENT", "COOKIE", "OTHER", "SECRET", "DecisionSite", "asking", "login"]
