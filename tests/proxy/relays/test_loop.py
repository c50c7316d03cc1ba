"""The loop that serves channels itself: timers, tasks, transports and channels side by side, and no fault stops it."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from proxy.relays.channel import Channel
from proxy.relays.loop import channel_loop, selector_of
from proxy.relays.reactor import READ, Reactor

R = TypeVar("R")


def run(work: Callable[[], Coroutine[Any, Any, R]]) -> R:
    with asyncio.Runner(loop_factory=channel_loop) as runner:
        return runner.run(work())


def pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs


def test_a_channel_is_served_and_everything_else_goes_on() -> None:
    async def work() -> list[str]:
        reactor = Reactor()
        assert selector_of(reactor.loop) is not None
        ours, theirs = pair()
        told: list[str] = []
        heard = asyncio.Event()

        def data(view: memoryview) -> None:
            told.append(bytes(view).decode())
            channel.write(b"pong")
            reactor.loop.call_soon(heard.set)

        channel = Channel(reactor, ours)
        channel.on_data = data
        channel.resume()
        reader, writer = await asyncio.open_connection(sock=theirs)
        writer.write(b"ping")
        await asyncio.wait_for(heard.wait(), 5)
        told.append((await reader.readexactly(4)).decode())
        await asyncio.sleep(0.001)
        channel.close()
        told.append((await reader.read()).decode())
        writer.close()
        await writer.wait_closed()
        return told

    assert run(work) == ["ping", "pong", ""]


def test_a_handler_that_raises_is_reported_and_the_others_are_served() -> None:
    class Bad:
        def ready(self, events: int) -> None:
            raise ValueError("a fault of ours")

    async def work() -> tuple[list[str], bytes]:
        reactor = Reactor()
        faults: list[str] = []
        reactor.loop.set_exception_handler(lambda _, context: faults.append(str(context["exception"])))
        bad, bad_peer = pair()
        good, good_peer = pair()
        got: asyncio.Future[bytes] = reactor.loop.create_future()
        channel = Channel(reactor, good)
        channel.on_data = lambda view: got.set_result(bytes(view))
        channel.resume()
        reactor.watch(bad.fileno(), Bad(), 0, READ)
        bad_peer.send(b"x")
        good_peer.send(b"y")
        answer = await asyncio.wait_for(got, 5)
        reactor.watch(bad.fileno(), Bad(), READ, 0)
        channel.abort()
        for sock in (bad, bad_peer, good_peer):
            sock.close()
        return faults, answer

    faults, answer = run(work)
    assert answer == b"y"
    assert faults
    assert set(faults) == {"a fault of ours"}


def test_a_descriptor_that_is_taken_again_belongs_to_its_new_owner() -> None:
    async def work() -> list[bytes]:
        reactor = Reactor()
        got: list[bytes] = []
        for text in (b"first", b"second"):
            ours, theirs = pair()
            done = asyncio.Event()
            channel = Channel(reactor, ours)
            channel.on_data = lambda view, done=done: (got.append(bytes(view)), done.set())
            channel.resume()
            theirs.send(text)
            await asyncio.wait_for(done.wait(), 5)
            channel.abort()
            theirs.close()
        return got

    assert run(work) == [b"first", b"second"]


def test_many_channels_do_not_keep_a_timer_waiting() -> None:
    async def work() -> int:
        reactor = Reactor()
        pairs = [pair() for _ in range(300)]
        rounds = 0

        def again(channel: Channel, peer: socket.socket) -> Callable[[memoryview], None]:
            def data(_: memoryview) -> None:
                nonlocal rounds
                rounds += 1
                peer.send(b"x")

            return data

        channels = []
        for ours, theirs in pairs:
            channel = Channel(reactor, ours)
            channel.on_data = again(channel, theirs)
            channel.resume()
            channels.append(channel)
            theirs.send(b"x")
        await asyncio.sleep(0.02)
        for channel, (_, theirs) in zip(channels, pairs, strict=True):
            channel.abort()
            theirs.close()
        return rounds

    assert run(work) > 0


def test_an_ordinary_loop_has_no_such_selector() -> None:
    loop = asyncio.new_event_loop()
    try:
        assert selector_of(loop) is None
    finally:
        loop.close()
