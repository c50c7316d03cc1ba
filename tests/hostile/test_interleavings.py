"""Every order in which a log-in and a revocation can meet: in none of them is a session left alive (task of the gate).

The world is the identity side; the gate hears of it late, and in two steps: it remembers a change first, and tells its
own rooms of it after it has fetched what it needs. ::

    look --> answer --> hold          looked up at the identity side, heard by the guard, held as a lease
    revoke --> learn --> tell         true in the world, remembered by the follower, told to guard and leases
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from kernel.authority import Attempt, Subject
from kernel.problems import Unavailable
from kernel.records.changes import Change
from kernel.records.devices import Trust
from proxy.admission import Admission
from proxy.lease import Lease
from tests.proxy.house import Carrier, House, allow, policy, subject

CHAINS = (("ask", "look", "answer", "hold"), ("revoke", "learn", "tell"))


def orders(*chains: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield every order of the steps in which each chain keeps its own."""
    steps = [step for chain in chains for step in chain]
    for order in permutations(steps):
        if all([step for step in order if step in chain] == list(chain) for chain in chains):
            yield order


class Meeting:
    """One log-in and one revocation, taken step by step."""

    def __init__(self, remembered: bool) -> None:
        self.house = House()
        self.house.asker.at_once = False
        self.who = self.house.knows("secret", subject())
        self.admission: Admission | None = None
        self.lease: Lease | None = None
        self.looked: list[Callable[[], None]] = []
        self.batch: list[Change] = []
        self.handles: list[str] = []
        if remembered:
            self.house.asker.at_once = True
            assert self.house.admit("secret").admitted
            self.house.asker.at_once = False

    def ask(self) -> None:
        def admitted(admission: Admission) -> None:
            self.admission = admission

        self.house.guard.admit(Attempt("imap", "192.0.2.7", name="alice", password="secret"), admitted)

    def look(self) -> None:
        """The identity side reads the facts of this moment; its answer is on the way."""
        verified = self.house.authority.good["secret"]
        good = replace(verified, subject=self.house.authority.present[self.who.key])
        self.looked, self.house.asker.held = self.house.asker.held, []
        self.house.authority.good["secret"] = good

    def answer(self) -> None:
        for reply in self.looked:
            reply()

    def hold(self) -> None:
        if self.admission is not None and self.admission.admitted:
            carrier = Carrier(self.house.leases, self.admission.session)
            self.lease = Lease(self.admission, carrier)
            self.house.leases.hold(self.lease)

    def revoke(self) -> None:
        assert self.who.device is not None
        lost = replace(self.who.device, trust=Trust.REVOKED)
        self.house.authority.present[self.who.key] = replace(self.who, device=lost, number=1)
        self.batch = [Change(1, self.house.clock.now(), f"device:{self.who.key.device_id}")]

    def learn(self) -> None:
        self.handles = self.house.follower._remember(self.batch)

    def tell(self) -> None:
        self.house.follower._tell(self.handles)

    def settle(self) -> None:
        """Let every question be answered as the world is now, and the loop come to rest."""
        for _ in range(10):
            self.house.authority.good["secret"] = replace(
                self.house.authority.good["secret"], subject=self.present(self.who)
            )
            self.house.asker.answer()
            self.house.timers.turn()
            self.hold_late()

    def present(self, who: Subject) -> Subject:
        return self.house.authority.present[who.key]

    def hold_late(self) -> None:
        if self.lease is None:
            self.hold()


@pytest.mark.parametrize("remembered", [False, True], ids=["asked", "remembered"])
def test_no_session_outlives_a_revocation_whatever_the_order(remembered: bool) -> None:
    met = 0
    for order in orders(*CHAINS):
        meeting = Meeting(remembered)
        for step in order:
            getattr(meeting, step)()
        meeting.settle()
        assert meeting.admission is not None, order
        assert len(meeting.house.leases) == 0, order
        met += meeting.lease is not None
    assert met > 0  # in some orders there was a session, and it was ended


def test_what_the_follower_has_learnt_is_not_admitted_from_memory() -> None:
    """Between learning and telling the guard still remembers the credential; it must not believe it."""
    meeting = Meeting(remembered=True)
    for step in ("revoke", "learn", "ask", "look", "answer"):
        getattr(meeting, step)()
    meeting.settle()

    assert meeting.admission is not None
    assert not meeting.admission.admitted


@pytest.mark.parametrize("beside", ["device", "policy alone"])
async def test_what_was_learnt_while_the_policy_could_not_be_fetched_is_told_as_soon_as_it_can(beside: str) -> None:
    """A batch that could not be finished is not forgotten: the connection comes back and says nothing new."""
    house = House()
    who = house.knows("secret", subject())
    _, carrier = house.hold("secret")
    handles = ["policy"]
    if beside == "device":
        assert who.device is not None
        house.authority.present[who.key] = replace(who, device=replace(who.device, trust=Trust.LOST), number=2)
        handles = [f"device:{who.key.device_id}", "policy"]
        house.authority.text = replace(house.authority.text, revision=2, text=ALLOWING)
    else:
        house.authority.text = replace(house.authority.text, revision=2, text=DENYING)
    house.authority.down = True
    with pytest.raises(Unavailable):
        await house.follower.take([Change(nth + 1, 0.0, handle) for nth, handle in enumerate(handles)])
    house.authority.down = False

    await house.follower.take([])  # a sign of life, and no news
    house.timers.turn()

    assert carrier.told, "the session stands on facts that are known to be old"
    assert len(house.leases) == 0


ALLOWING = "version: 1\nrules:\n  - {name: staff, service: imap, device: {trust: enrolled}, then: allow}\n"
DENYING = "version: 1\nrules:\n  - {name: nobody, then: deny}\n"


def test_no_session_outlives_a_policy_that_denies_it_whatever_the_order() -> None:
    """The same with a new policy: it is compiled before anybody is told."""
    for order in orders(("ask", "look", "answer", "hold"), ("learn", "tell")):
        meeting = Meeting(remembered=False)
        for step in order:
            if step == "learn":
                meeting.house.follower._remember([Change(1, 0.0, "policy")])
                meeting.house.follower.policy = policy(2, submission=allow("staff", 2))
            elif step == "tell":
                meeting.house.follower._tell(["policy"])
            else:
                getattr(meeting, step)()
        meeting.settle()
        assert len(meeting.house.leases) == 0, order
