"""The reactor tells each watched socket what it waits for, and survives those that fail or close each other."""

import asyncio
import socket
from typing import Any

from proxy.relays.reactor import READ, WRITE, Reactor


class Watched:
    """Notes what it was told."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.told: asyncio.Queue[int] = asyncio.Queue()
        self.then: Any = lambda: None

    def ready(self, events: int) -> None:
        self.told.put_nowait(events)
        self.then()


def pair() -> tuple[socket.socket, socket.socket]:
    one, other = socket.socketpair()
    one.setblocking(False)
    return one, other


async def test_only_what_is_waited_for_is_told() -> None:
    reactor, (one, other) = Reactor(), pair()
    watched, number = Watched(one), one.fileno()
    assert reactor.watch(number, watched, 0, WRITE) == WRITE
    assert await watched.told.get() == WRITE
    reactor.watch(number, watched, WRITE, READ)
    while not watched.told.empty():
        watched.told.get_nowait()
    other.send(b"x")
    assert await watched.told.get() == READ
    assert reactor.watch(number, watched, READ, 0) == 0
    one.recv(1)
    other.send(b"y")
    second, _ = pair()
    other_watched = Watched(second)
    reactor.watch(second.fileno(), other_watched, 0, WRITE)
    assert await other_watched.told.get() == WRITE
    assert watched.told.empty()


async def test_one_that_fails_keeps_no_other_from_being_told() -> None:
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    reactor, ends = Reactor(), [pair() for _ in range(2)]
    broken, sound = (Watched(one) for one, _ in ends)

    def fail() -> None:
        reactor.watch(broken.sock.fileno(), broken, WRITE, 0)
        raise RuntimeError("broken")

    broken.then = fail
    for each in (broken, sound):
        reactor.watch(each.sock.fileno(), each, 0, WRITE)
    assert await sound.told.get() == WRITE
    assert await broken.told.get() == WRITE
    assert str(faults[0]["exception"]) == "broken"


async def test_what_was_closed_in_the_same_turn_is_told_nothing() -> None:
    reactor, ends = Reactor(), [pair() for _ in range(2)]
    first, second = (Watched(one) for one, _ in ends)

    def close(other: Watched) -> None:
        reactor.forget(other.sock.fileno())
        other.sock.close()

    first.then, second.then = lambda: close(second), lambda: close(first)
    for each in (first, second):
        reactor.watch(each.sock.fileno(), each, 0, READ)
    for _, far in ends:
        far.send(b"x")
    told = [asyncio.ensure_future(each.told.get()) for each in (first, second)]
    done, waiting = await asyncio.wait(told, return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), len(waiting)) == (1, 1)
    waiting.pop().cancel()
