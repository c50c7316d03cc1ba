"""A reactor on the running loop, a certificate authority, and pairs of connected channels."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from proxy.relays.channel import Channel
from proxy.relays.reactor import Reactor
from tests.servers.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
async def reactor() -> AsyncIterator[Reactor]:
    reactor = Reactor(asyncio.get_running_loop())
    yield reactor
    reactor.deadlines.stop()


class Side:
    """A channel whose owner writes down what happens to it."""

    def __init__(self, reactor: Reactor, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.channel = Channel(reactor, sock)
        self.received = bytearray()
        self.events: list[str] = []
        self.error: Exception | None = None
        self._changed = asyncio.Event()
        self.channel.on_data = self._data
        self.channel.on_end = self._end
        self.channel.on_drain = lambda: self.note("drain")

    def note(self, event: str) -> None:
        self.events.append(event)
        self._changed.set()

    def _data(self, data: memoryview) -> None:
        self.received += data
        self._changed.set()

    def _end(self, error: Exception | None) -> None:
        self.error = error
        self.note("error" if error else "end")

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is so; looked at after each event, for 5 s at most."""
        async with asyncio.timeout(5):
            while not true():
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
def pair(reactor: Reactor) -> tuple[Side, Side]:
    left, right = socket.socketpair()
    return Side(reactor, left), Side(reactor, right)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
