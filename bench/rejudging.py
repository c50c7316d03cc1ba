"""What it takes to judge 10,000 live sessions again when a policy of 1,000 rules changes: how long, and for how long at
a time the proxy's loop serves nobody else. ``python -m bench.rejudging`` prints both.

The proxy's own guard, leases, recorder and loop, as ``proxy.door`` puts them together; the identity side takes whatever
it is told. Every session is another person's, on a device whose posture counts: nothing is judged once for two.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bench.organisation import NOW, only_allowing, people, staff
from kernel import wire
from kernel.audit import Event
from kernel.authority import Subject, SubjectKey
from kernel.chance import SystemChance
from kernel.reasons import Reason
from kernel.records.changes import POLICY
from kernel.records.devices import Proof
from kernel.records.sessions import LiveSession
from policies.facts import Facts
from policies.language import load
from policies.model import Limits, Policy
from proxy.admission import Admission
from proxy.announcer import Announcer
from proxy.changes import ChangeFollower
from proxy.door import GC_THRESHOLDS
from proxy.guard import Guard
from proxy.lease import Lease
from proxy.leases import Leases
from proxy.recorder import Recorder
from proxy.relays.loop import channel_loop

SESSIONS = 10_000
RULES = 1000
PATIENCE = 30.0
NODE = "bench"


class Rejudged(NamedTuple):
    """From the news of a policy to the last session's judgement, and the longest that the loop was held up, in
    milliseconds of this process's CPU: that is what both take where nothing else runs."""

    took: float
    stalled: float


class BenchClock:
    """The time that the facts were made for; it goes on from there."""

    monotonic = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> float:
        return NOW + 60.0 + time.monotonic() - self._begun


class Identity:
    """An identity side that takes everything that it is told, once it is put into octets."""

    async def record(self, node: str, events: Sequence[Event]) -> None:
        wire.question(1, wire.RECORD, wire.pack_events(node, events))
        await asyncio.sleep(0)

    async def sessions(self, node: str, opened: Sequence[LiveSession], closed: Sequence[str], whole: bool) -> None:
        wire.question(1, wire.SESSIONS, wire.Sessions(node, list(opened), list(closed), whole))
        await asyncio.sleep(0)


class Holder:
    """A session's carrier; ``fallen`` counts those that were ended."""

    def __init__(self) -> None:
        self.fallen = 0

    def end(self, reason: Reason, words: str) -> None:
        self.fallen += 1

    def limit(self, limits: Limits) -> None:
        return None


class Proxy:
    """Guard and leases of one proxy, with sessions that live. Make it in a running ``channel_loop``."""

    def __init__(self, sessions: int) -> None:
        identity: Any = Identity()
        clock = BenchClock()
        self.recorder = Recorder(identity, clock, node=NODE)
        self.follower = ChangeFollower(identity, self.recorder, clock, max_stale=1e9)
        self.follower.confirmed_until = time.monotonic() + 1e6
        self.announcer = Announcer(identity, node=NODE)
        guard = Guard(identity, self.follower, self.recorder, clock, SystemChance(), issuer="https://id.example")
        loop = asyncio.get_running_loop()
        self.leases = Leases(guard, identity, self.recorder, self.announcer, clock, loop)
        self.holder = Holder()
        self.follower.policy = policy(1, "r")
        for number, one in enumerate(people(sessions, staff, lambda _: 0)):
            self._hold(guard, f"s_{number}", one, clock)

    def _hold(self, guard: Guard, session: str, one: Facts, clock: BenchClock) -> None:
        subject = _subject(one)
        verdict = guard.judge(subject, one.service, one.address)
        if verdict.reason is not None:
            raise RuntimeError(f"nobody was to be refused: {verdict}")
        admission = Admission(
            admitted=True,
            session=session,
            service=one.service,
            address=one.address,
            subject=subject,
            decision=verdict.decision,
            since=clock.monotonic(),
            begun=clock.now(),
        )
        self.leases.hold(Lease(admission, self.holder))

    async def publish(self, changed: Policy) -> Rejudged:
        """Put a policy in force, and wait until every session stands under it, and all is on record."""
        took, longest, last = 0.0, 0.0, time.process_time()
        begun = last
        self.follower.policy = changed
        self.leases.changed([POLICY])
        while not took or self.recorder.waiting:
            await asyncio.sleep(0)
            now = time.process_time()
            longest, last = max(longest, now - last), now
            if not took and not self.leases.busy:
                took = now - begun
            if now - begun > PATIENCE:
                raise TimeoutError("the sessions were not judged")
        return Rejudged(took * 1000, longest * 1000)


def policy(revision: int, rules: str) -> Policy:
    """Return the worst case whose answers also last only so long; ``rules`` begins the names of its rules."""
    return load(only_allowing(RULES, "healthy").replace("name: r", f"name: {rules}"), revision)


def _subject(one: Facts) -> Subject:
    if one.user is None or one.device is None:
        raise ValueError("a session is somebody's")
    key = SubjectKey(one.user.id, one.device.id, Proof.CERTIFICATE, credential_id=f"c_{one.device.id}")
    handles = (f"user:{key.user_id}", f"device:{key.device_id}", f"credential:{key.credential_id}")
    return Subject(key, one.user, one.device, None, handles, 0)


def measured(rounds: int, name: Callable[[int], str]) -> list[Rejudged]:
    """Publish revision after revision, ``name`` naming the rules of each; return what each took."""

    async def run() -> list[Rejudged]:
        proxy = Proxy(SESSIONS)
        background = [asyncio.ensure_future(part) for part in (proxy.recorder.run(), proxy.announcer.run())]
        revisions = [policy(2 + number, name(number)) for number in range(rounds)]
        gc.collect()
        gc.freeze()
        found = []
        for each in revisions:
            await proxy.recorder.drain(PATIENCE)
            found.append(await proxy.publish(each))
        for task in background:
            task.cancel()
        if proxy.holder.fallen or len(proxy.leases) != SESSIONS:
            raise RuntimeError(f"{proxy.holder.fallen} sessions fell")
        return found

    thresholds = gc.get_threshold()
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        with asyncio.Runner(loop_factory=channel_loop) as runner:
            return runner.run(run())
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def main() -> int:
    """Print what both kinds of revision took."""
    for what, name in KINDS.items():
        for took, stalled in measured(3, name):
            sys.stdout.write(f"{what:<18}{took:8.0f} ms, longest stall {stalled:6.1f} ms\n")
    return 0


KINDS: dict[str, Callable[[int], str]] = {
    "the same answer": lambda _: "r",
    "by another rule": lambda number: f"q{number}-",
}
"""What a revision may come to for a session that stays: nothing to tell, or another rule, which goes on record."""


if __name__ == "__main__":
    sys.exit(main())
