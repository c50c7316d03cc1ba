"""A pump between two channels: what a falling session may still do, and for how long."""

import asyncio
import socket

from kernel.clock import SetClock
from proxy.relays.channel import Channel
from proxy.relays.pump import BULK, GRACE, Pump
from proxy.relays.reactor import Reactor
from tests.proxy.relays.conftest import Side


class Amid:
    """A stream that is always within a response."""

    here = False

    def client(self, data: memoryview) -> None: ...

    def server(self, data: memoryview) -> None: ...


class Activity:
    active_at = 0.0


async def test_a_download_does_not_lengthen_the_grace_of_a_falling_session() -> None:
    clock = SetClock()
    reactor = Reactor(asyncio.get_running_loop(), clock)
    sides, channels = [], []
    for _ in range(2):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        channels.append(Channel(reactor, ours))
        sides.append(Side(reactor, theirs))
    client, server = sides
    over: list[Exception | None] = []
    pump = Pump(channels[0], channels[1], Amid(), 1800.0, Activity(), over.append)
    client.channel.resume()
    server.channel.write(b"x" * BULK)
    await client.until(lambda: len(client.received) == BULK)
    pump.end(b"* BYE\r\n")
    for more in (2, 3):
        server.channel.write(b"x" * BULK)
        await client.until(lambda more=more: len(client.received) == more * BULK)
    assert over == []
    clock.forward(GRACE + 0.5)
    reactor.deadlines.turn()
    assert over == [None]
    assert channels[0].closed
    await client.until(lambda: bool(client.events))
    assert b"BYE" not in client.received
    for side in sides:
        side.channel.abort()
    reactor.deadlines.stop()
