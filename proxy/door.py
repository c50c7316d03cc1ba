"""One proxy worker: guard, leases, follower, recorder and listeners, wired on one page.

Starts to accept when the change log has spoken, or after a few seconds, to say that it lets nobody in. On ``stop`` it
stops accepting, ends its sessions with words, and hands over its last records.
"""

import asyncio
import gc
import os
import platform
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from kernel.chance import SystemChance
from kernel.clock import SystemClock
from kernel.config.delegation import DECISIONS
from kernel.config.settings import Listener, Settings
from kernel.geography import Geography
from kernel.reasons import Reason
from kernel.records.changes import POLICY
from proxy.announcer import Announcer
from proxy.asking import Asker
from proxy.authority import AuthorityClient, DirectAsker
from proxy.changes import ChangeFollower
from proxy.decisions.door import DecisionDoor
from proxy.gateways.serving import RememberingMinter, chooser, mail_listener
from proxy.gateways.settings import GateSettings
from proxy.gateways.table import GATEWAYS
from proxy.guard import Guard
from proxy.leases import Leases
from proxy.recorder import Recorder
from proxy.relays.dial import Dialer
from proxy.relays.house import House
from proxy.relays.listen import Arrival, Listening
from proxy.relays.reactor import Reactor
from proxy.web.door import ALPN, Dependencies, WebDoor
from proxy.web.head import Bad
from proxy.whereabouts import networks

RECORDS_SECONDS = 5.0
PATIENCE = 5.0
FILES_SECONDS = 30.0
"""How often certificate files are looked at for a change."""
GC_THRESHOLDS = (1_000, 5, 1_000)
"""The collector looks often, at little: a thousand objects take it a millisecond, in which nobody is served."""


class Door:
    """Everything that one proxy process is made of. Make it in a running event loop."""

    def __init__(
        self,
        settings: Settings,
        authority: AuthorityClient,
        asker: Asker | None = None,
        geography: Geography | None = None,
    ) -> None:
        self._settings = settings
        self._authority = authority
        clock, chance = SystemClock(), SystemChance()
        node = f"{platform.node()}-{os.getpid()}"
        asker = asker or DirectAsker(authority)
        self.reactor = Reactor(clock=clock)
        self.recorder = Recorder(authority, clock, node=node)
        self.follower = ChangeFollower(authority, self.recorder, clock, max_stale=settings.proxy.max_stale, node=node)
        self.guard = Guard(
            asker,
            self.follower,
            self.recorder,
            clock,
            chance,
            issuer=settings.site.issuer,
            language=settings.site.language,
            remember=settings.proxy.remember,
            webmails=networks(settings.proxy.webmails),
            geography=geography,
        )
        self.announcer = Announcer(authority, node=node)
        self.leases = Leases(
            self.guard,
            asker,
            self.recorder,
            self.announcer,
            clock,
            self.reactor.loop,
            max_stale=settings.proxy.max_stale,
        )
        dialer = Dialer(self.reactor)
        self.web = WebDoor(
            settings,
            Dependencies(self.reactor, dialer, authority, asker, self.guard, self.leases, clock, chance),
        )
        self._mail = House(
            reactor=self.reactor,
            dialer=dialer,
            guard=self.guard,
            leases=self.leases,
            journal=self.recorder,
            minter=RememberingMinter(authority, clock),
            choose=chooser(settings.backends),
            bounds=settings.bounds,
            clock=clock,
        )
        self.decisions = DecisionDoor(self.guard, self.recorder, chance)
        self.decisions.serve = self.decisions.prepared(settings, self.web.house, self._mail.minter)
        self._spoken = asyncio.Event()
        self.follower.on_connected(self._spoken.set)
        self.listening: list[Listening] = []
        self._stamps: dict[Listening, tuple[float, ...]] = {}

    async def current(self, seconds: float) -> bool:
        """Wait until the change log has spoken, at most ``seconds``; say whether it has."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._spoken.wait()
        return self._spoken.is_set()

    def open(self) -> None:
        """Begin to accept on every listener.

        Raises:
            OSError: a port is taken, a file cannot be read. LookupError: a listener for a service that nobody speaks.
        """
        for listener in self._settings.listen:
            arrived, alpn = self._service(listener)
            ca, bounds = self._settings.device_ca, self._settings.bounds
            peers = tuple(self.decisions.certificates(self._settings)) if listener.service == DECISIONS else ()
            self.listening.append(
                Listening(self.reactor, listener, bounds, arrived, device_ca=ca, peers=peers, alpn=alpn)
            )
        self._stamps = {each: _stamp(each.listener) for each in self.listening}

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """Return what must run for as long as the door is open."""
        return [
            self.follower.run(),
            self.follower.watch(),
            self.recorder.run(),
            self.announcer.run(),
            self._watch_files(),
        ]

    def adopt(self, settings: Settings, geography: Geography | None = None) -> None:
        """Serve connections from now on by other routes, backends, bounds and texts, and read certificates anew.

        Listeners stay as they are, and so does every session, unless it falls under what another ``geography`` says of
        its address. What is malformed is recorded, and leaves all as it was.
        """
        minter = RememberingMinter(self._authority, self._mail.clock)
        try:
            serve = self.decisions.prepared(settings, self.web.house, minter)
            self.web.adopt(settings)
        except (Bad, ValueError) as trouble:
            self.guard.fault("configuration", str(trouble))
            return
        self._settings, self.decisions.serve = settings, serve
        choose = chooser(settings.backends)
        self._mail = replace(self._mail, minter=minter, choose=choose, bounds=settings.bounds)
        for each in self.listening:
            each.adopt(settings.bounds, self._service(each.listener)[0])
        self.reload()
        if geography is not None:
            self.guard.relocate(geography)
            self.leases.changed((POLICY,))  # everybody is judged again, as under another policy

    def reload(self) -> None:
        """Read certificates anew; one that cannot be used leaves the old one in force, and is recorded."""
        for each in self.listening:
            try:
                each.reload()
            except OSError as trouble:  # ssl.SSLError is one
                self.guard.fault("listen", f"{each.listener.name}: {trouble}")

    async def close(self) -> None:
        """Stop accepting, end every session with words, and hand over the last records."""
        for each in self.listening:
            each.close()
        self.leases.end_all(Reason.SHUTDOWN)
        await self.leases.drained(self._settings.proxy.drain)
        self.web.close()
        await self.recorder.drain(RECORDS_SECONDS)

    def _service(self, listener: Listener) -> tuple[Arrival, tuple[str, ...]]:
        """Return who takes in a listener's connections, and the protocols that they are asked for (ALPN)."""
        if listener.service == "web":
            return self.web.arrived, ALPN
        if listener.service == DECISIONS:
            return self.decisions.arrived, ALPN
        gate = GateSettings(self._settings.bounds, self._settings.site.issuer)
        return mail_listener(listener, self._mail, gate), GATEWAYS[listener.service].alpn

    async def _watch_files(self) -> None:
        """Notice renewed certificates by themselves: whoever renews them need not know of us."""
        while True:
            await asyncio.sleep(FILES_SECONDS)
            stamps = {each: _stamp(each.listener) for each in self.listening}
            if stamps != self._stamps:
                self._stamps = stamps
                self.reload()


def _stamp(listener: Listener) -> tuple[float, ...]:
    files = (listener.certificate, listener.key)
    return tuple(file.stat().st_mtime for file in files if file is not None and file.exists())


async def serve(
    settings: Settings,
    authority: AuthorityClient,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    on_reload: Callable[[Callable[[Settings, Geography | None], None]], None] = lambda adopt: None,
    geography: Geography | None = None,
) -> None:
    """Run one proxy worker until ``stop`` is set.

    ``ready`` is called once it accepts, ``on_reload`` with what puts other settings in force.

    Raises:
        OSError, LookupError: see ``Door.open``. RuntimeError: a part of the door ended by itself.
    """
    authority.start()
    door = Door(settings, authority, geography=geography)
    parts = [asyncio.ensure_future(part) for part in door.background()]
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await door.current(PATIENCE)
        door.open()
        on_reload(door.adopt)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        ready()
        done, _ = await asyncio.wait({stopped, *parts}, return_when=asyncio.FIRST_COMPLETED)
        if stopped not in done:
            raise RuntimeError(f"a part of the door ended: {next(iter(done)).exception()!r}")
        await door.close()
    finally:
        for task in (stopped, *parts):
            task.cancel()
        await asyncio.gather(stopped, *parts, return_exceptions=True)
        await authority.close()
