"""A trial at the door: asked beside the policy in force, told where it differs, and felt by nobody."""

from dataclasses import replace

from kernel.authority import Policy as Sent
from kernel.records.changes import POLICY, Change
from policies.facts import Facts
from policies.language import load
from policies.model import Decision, Policy
from proxy.lease import Lease
from tests.proxy.house import Carrier, House, subject

OPEN = "version: 1\nrules:\n  - {name: staff, who: {groups: [staff]}, then: allow}\n"
STRICT = (
    "version: 1\nrules:\n  - {name: no mail programs, service: imap, then: deny}\n"
    "  - {name: staff, who: {groups: [staff]}, then: allow}\n"
)


class Failing:
    def run(self, facts: Facts) -> Decision:
        raise RuntimeError("on fire")


def trying(house: House, text: str = STRICT, number: int = 1) -> None:
    """Put a trial beside the policy, and let the news come as a follower tells it."""
    house.follower.policy = load(OPEN, 1)
    house.follower.trial = load(text, number) if text else None
    house.change(POLICY)
    house.timers.turn()


def knows_staff(house: House, secret: str = "secret") -> None:
    who = subject()
    house.knows(secret, replace(who, user=replace(who.user, groups=frozenset({"staff"}))))


def differed(house: House) -> list[tuple[int, str, str, str, str, bool]]:
    return [
        (each.trial, each.session, each.outcome, each.would, each.turn, each.again)
        for each in house.events("trial-differed")
    ]


async def test_the_follower_compiles_the_trial_and_lets_it_go(house: House) -> None:
    for sent, kept in ((Sent(1, OPEN, 4, STRICT), 4), (Sent(1, OPEN, 5, "rulez: []"), None), (Sent(1, OPEN), None)):
        house.authority.text = sent
        house.follower._policy_due = True
        await house.follower.take([Change(house.follower.number + 1, 0.0, POLICY)])
        trial = house.follower.trial
        assert (trial.revision if trial else None) == kept
        assert house.follower.policy is not None and house.follower.policy.revision == 1
    assert ["trial 5 does not compile" in fault.what for fault in house.events("fault")] == [True]


def test_every_admission_is_judged_under_both_and_the_live_one_counts(house: House) -> None:
    trying(house)
    knows_staff(house)
    admission = house.admit("secret")
    assert admission.admitted and house.admit("secret", service="submission").admitted
    assert differed(house) == [(1, admission.session, "allow", "deny", "denied", False)]
    assert [event.trial for event in house.events("decided")] == [1, 1]


def test_a_live_session_is_heard_when_the_trial_begins_and_told_once(house: House) -> None:
    trying(house, "")
    knows_staff(house)
    lease, carrier = house.hold("secret")
    trying(house)
    trying(house)
    assert differed(house) == [(1, lease.session, "allow", "deny", "denied", True)]
    assert (carrier.told, carrier.limits, lease.over) == ([], [], False)

    trying(house, OPEN, 2)
    trying(house, STRICT, 3)
    assert [each[0] for each in differed(house)] == [1, 3]
    trying(house, "")
    assert lease.beside is None and carrier.told == []
    assert len(house.events("decided")) == 1


def test_a_session_that_was_admitted_while_the_trial_began_is_heard(house: House) -> None:
    trying(house, "")
    knows_staff(house)
    admission = house.admit("secret")
    trying(house)
    lease = Lease(admission, Carrier(house.leases, admission.session))
    house.leases.hold(lease)
    assert [each[4:] for each in differed(house)] == [("denied", True)]


def test_a_session_is_asked_again_when_the_trials_answer_turns(house: House) -> None:
    trying(
        house,
        "version: 1\nrules:\n"
        "  - {name: late, when: {between: '08:10-24:00', zone: UTC}, then: deny}\n"
        "  - {name: staff, who: {groups: [staff]}, then: allow}\n",
    )
    knows_staff(house)
    lease, _ = house.hold("secret")
    assert differed(house) == [] and lease.decision.valid_until == house.clock.now() + 600
    house.timers.forward(601.0)
    assert [each[2:] for each in differed(house)] == [("allow", "deny", "denied", True)]
    assert not lease.over


def test_a_trial_that_fails_is_told_and_touches_no_decision(house: House) -> None:
    trying(house, "")
    house.follower.trial = Policy(9, (), (), {}, Failing())
    knows_staff(house)
    assert house.admit("secret").admitted
    lease, carrier = house.hold("secret")
    [first, second] = house.events("trial-differed")
    assert (first.trial, first.turn, first.fault) == (9, "", "RuntimeError: on fire")
    assert second.session == lease.session and carrier.told == []
    assert house.events("fault") == []


def test_without_a_trial_nothing_is_asked_and_nothing_told(house: House) -> None:
    trying(house, "")
    knows_staff(house)
    house.hold("secret")
    assert differed(house) == [] and house.events("decided")[0].trial == 0


def test_who_is_refused_by_the_live_policy_may_have_been_let_in(house: House) -> None:
    trying(house, OPEN)
    house.follower.policy = load(STRICT, 1)
    knows_staff(house)
    assert not house.admit("secret").admitted
    assert [each[2:] for each in differed(house)] == [("deny", "allow", "allowed", False)]


def test_a_trial_keeps_nobody_out_however_much_it_has_to_tell(house: House) -> None:
    """The outbox of the house has room for ten; half of it is for those who come."""
    trying(house, "")
    knows_staff(house)
    for _ in range(8):
        house.hold("secret")
        house.recorder._outbox.clear()
    trying(house)
    assert len(differed(house)) == house.recorder.waiting == 5
    assert house.recorder.accepting

    house.recorder._outbox.clear()  # acknowledged; what could not be told comes by itself
    house.timers.forward(1.0)
    assert len(differed(house)) == 3
    house.timers.forward(10.0)
    assert len(differed(house)) == 3

    house.recorder._outbox.clear()
    for _ in range(3):
        assert house.admit("secret").admitted
    assert (len(house.events("decided")), len(differed(house))) == (3, 2)
