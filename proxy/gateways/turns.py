"""Serves what a client sends one thing after the other, for gates that stay between client and server. Pure.

While an answer is awaited, what the client sends ahead is held back; beyond ``HELD_BACK`` it is no longer read.
"""

from typing import Protocol

from proxy.relays.gate import NOTHING, Command, Commands, Pause, Resume

HELD_BACK = 65536
"""What a client may have sent ahead while an answer is awaited, in octets."""


class Reading(Protocol):
    """What is needed of a protocol's reader. ``waiting``: how many octets were fed and not read yet."""

    @property
    def waiting(self) -> int: ...
    def feed(self, data: bytes | memoryview) -> None: ...


class Turns:
    """The part of a gate that decides whose turn it is."""

    __slots__ = ("_paused",)

    _reader: Reading

    def __init__(self) -> None:
        self._paused = False

    @property
    def _serving(self) -> bool:
        """Tell whether the client's next word may be served now."""
        raise NotImplementedError

    def _serve(self) -> Commands | None:
        """Serve the next thing that was read; None: it is not whole yet."""
        raise NotImplementedError

    def received(self, data: bytes | memoryview) -> Commands:
        self._reader.feed(data)
        return self._go_on() if self._serving else self._hold_back()

    def _go_on(self) -> Commands:
        """Serve what was read, until something must be waited for."""
        done: list[Command] = []
        while self._serving:
            answers = self._serve()
            if answers is None:
                break
            done += answers
        if self._paused and self._serving:
            self._paused = False
            done.append(Resume())
        return done

    def _hold_back(self) -> Commands:
        if self._reader.waiting <= HELD_BACK:
            return NOTHING
        self._paused = True  # and again, for a server that has read what we sent lets the client go on, too
        return [Pause()]
