"""Follows the change log: keeps the policy compiled, tells who must look again, and knows when it knows nothing.

::

    start --(first sign of life, policy loaded)--> current --(max_stale without a sign)--> stale
                                                      ^-------(sign of life, policy loaded)--'

Stale is where it begins. Refuses to call itself current while a policy it was told about could not be fetched.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from kernel.audit import Fault
from kernel.authority import Authority
from kernel.clock import Clock
from kernel.problems import Invalid, Unavailable
from kernel.records.changes import POLICY, Change
from policies.language import load
from policies.model import Policy
from proxy.recorder import Recorder

REMEMBERED_HANDLES = 50_000
SILENCE = 15.0
"""Seconds without a sign of life (one is due every 5 s) after which the stream is taken for dead."""
BACKOFF = (0.05, 0.1, 0.2)
SHORT = 8 * 1024
"""Characters of a document that is compiled at once, in some 10 ms; a longer one beside the loop, which serves on."""


class ChangeFollower:
    """What this proxy knows of the present. ``policy`` is None until there is one: then everything is denied. ``trial``
    is what is asked beside it, None when nothing is."""

    def __init__(
        self, authority: Authority, recorder: Recorder, clock: Clock, *, max_stale: float, node: str = "proxy"
    ) -> None:
        self.policy: Policy | None = None
        self.trial: Policy | None = None
        self.number = 0
        self.confirmed_until = float("-inf")
        self._authority = authority
        self._recorder = recorder
        self._clock = clock
        self._max_stale = max_stale
        self._node = node
        self._last: dict[str, int] = {}
        self._floor = 0
        self._policy_due = True
        self._untold: dict[str, None] = {}
        self._changed: list[Callable[[Sequence[str]], None]] = []
        self._fell: list[Callable[[], None]] = []
        self._connected: list[Callable[[], None]] = []
        self._stale_told = True

    @property
    def stale(self) -> bool:
        """Whether the last confirmation is older than ``max_stale``."""
        return self._clock.monotonic() > self.confirmed_until

    def on_changes(self, callback: Callable[[Sequence[str]], None]) -> None:
        """Call back with the handles of every batch that is not empty, in order of registration."""
        self._changed.append(callback)

    def on_stale(self, callback: Callable[[], None]) -> None:
        """Call back each time that the follower falls from current to stale."""
        self._fell.append(callback)

    def on_connected(self, callback: Callable[[], None]) -> None:
        """Call back each time that a stream of changes begins to speak."""
        self._connected.append(callback)

    def touched(self, handles: Iterable[str], number: int) -> bool:
        """Say whether something known by these handles changed after ``number``; when in doubt, yes."""
        if number >= self.number:
            return False
        if number < self._floor:
            return True
        last = self._last
        return any(last.get(handle, 0) > number for handle in handles)

    async def run(self) -> None:
        """Follow until cancelled; every trouble is survived, and lets the follower grow stale."""
        failures = 0
        while True:
            before = self.confirmed_until
            try:
                await self._follow()
            except Unavailable:
                pass
            except Exception as fault:
                self._fault("changes", f"{type(fault).__name__}: {fault}")
            failures = 0 if self.confirmed_until > before else failures + 1
            await asyncio.sleep(BACKOFF[min(failures, len(BACKOFF) - 1)])

    async def watch(self, every: float = 0.25) -> None:
        """Notice staleness within ``every`` seconds, until cancelled."""
        while True:
            self.check()
            await asyncio.sleep(every)

    def check(self) -> None:
        """Tell once, when the follower has gone stale."""
        if not self._stale_told and self.stale:
            self._stale_told = True
            for callback in self._fell:
                callback()

    async def _follow(self) -> None:
        stream = self._authority.changes(self.number)
        spoke = False
        try:
            while True:
                async with asyncio.timeout(SILENCE):
                    batch = await _next(stream)
                if batch is None:
                    return
                await self.take(batch)
                if not spoke:
                    spoke = True
                    for callback in self._connected:
                        callback()
        except TimeoutError:
            return
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    async def take(self, batch: Sequence[Change]) -> None:
        """Apply one batch: remember, drop, re-judge, and only then call this proxy current.

        What was remembered, and not yet told because the policy could not be fetched, is told with the next batch: the
        log will not bring it again.
        """
        handles = self._remember(batch)
        self._untold |= dict.fromkeys(handles)
        if POLICY in handles:
            self._policy_due = True
        if self._policy_due:
            await self._fetch_policy()
        if self._untold:
            told, self._untold = list(self._untold), {}
            self._tell(told)
        self.confirmed_until = self._clock.monotonic() + self._max_stale
        self._stale_told = False

    def _tell(self, handles: Sequence[str]) -> None:
        """Tell everybody. One who cannot take it makes this proxy stale: sessions would otherwise stand unjudged."""
        try:
            for callback in self._changed:
                callback(handles)
        except Exception:
            self.confirmed_until = float("-inf")
            self.check()
            raise

    def _remember(self, batch: Sequence[Change]) -> list[str]:
        last = self._last
        if batch and batch[0].number <= self.number:
            self._begin_again()
        for change in batch:
            self.number = change.number
            last.pop(change.handle, None)
            last[change.handle] = change.number
        while len(last) > REMEMBERED_HANDLES:
            oldest = next(iter(last))
            self._floor = max(self._floor, last.pop(oldest))
        return list(dict.fromkeys(change.handle for change in batch))

    def _begin_again(self) -> None:
        """The log went back: its store was restored from a backup. Nothing known from before compares with it."""
        self._last.clear()
        self._floor = 0
        self._policy_due = True
        for callback in self._fell:
            callback()

    async def _fetch_policy(self) -> None:
        """Fetch and compile. A document that does not compile leaves the last good one in force, and is shouted about.

        Raises:
            Unavailable: it could not be fetched, so this proxy is not current.
        """
        fetched = await self._authority.policy()
        self._policy_due = False
        if not fetched.text:
            self.policy = self.trial = None
            return
        policy = await self._compiled(fetched.text, fetched.revision, "revision")
        trial = await self._compiled(fetched.trial_text, fetched.trial, "trial") if fetched.trial else None
        self.policy, self.trial = policy or self.policy, trial

    async def _compiled(self, text: str, number: int, what: str) -> Policy | None:
        try:
            if len(text) <= SHORT:
                return load(text, revision=number)
            return await asyncio.to_thread(load, text, revision=number)
        except Invalid as invalid:
            self._fault("policy", f"{what} {number} does not compile: {invalid.problems[0]}")
            return None

    def _fault(self, where: str, what: str) -> None:
        self._recorder.record(Fault(at=self._clock.now(), actor=f"proxy:{self._node}", where=where, what=what[:500]))


async def _next(stream: AsyncIterator[Sequence[Change]]) -> Sequence[Change] | None:
    return await anext(stream, None)
