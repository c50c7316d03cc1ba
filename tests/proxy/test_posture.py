"""A device's reports and the door: a report that says the same again is in no change log, and must count all the same;
silence ends a session at the signal's limit, and the record says why."""

from dataclasses import replace

import pytest

from kernel.authority import Subject, Verified
from kernel.reasons import Reason, words
from kernel.records.devices import Signal
from policies.language import load
from tests.proxy.house import House, subject

FIREWALLED = """
version: 1
postures: {firewalled: {reported_within: 10m, firewall: true}}
rules:
  - {name: the firewalled, service: imap, device: {posture: firewalled}, then: allow}
"""


def reported(who: Subject, at: float, *, firewall: bool = True) -> Subject:
    """Return a subject whose device reported at that moment."""
    assert who.device is not None
    return replace(who, device=replace(who.device, signals={"firewall": Signal(firewall, at, "agent")}))


@pytest.fixture
def who(house: House) -> Subject:
    house.follower.policy = load(FIREWALLED, 1)
    return house.knows("secret", reported(subject(), house.clock.now()))


def say_again(house: House, who: Subject) -> None:
    """Let the device say the same again: the identity side knows, and tells nobody."""
    renewed = reported(who, house.clock.now())
    house.authority.good["secret"] = Verified(renewed, good_until=house.clock.now() + 3600)
    house.authority.present[who.key] = renewed


def test_a_device_that_reports_on_keeps_its_session(house: House, who: Subject) -> None:
    _, carrier = house.hold("secret")
    for _ in range(5):
        house.timers.forward(400)
        say_again(house, who)
    house.timers.forward(400)
    assert carrier.told == []
    assert house.authority.asked.count("facts") <= 5


def test_silence_ends_the_session_at_the_limit_and_the_record_says_why(house: House, who: Subject) -> None:
    _, carrier = house.hold("secret")
    house.timers.forward(599)
    assert carrier.told == []
    house.timers.forward(1.1)
    assert carrier.told == [(Reason.POSTURE_STALE, words(Reason.POSTURE_STALE, "en"))]
    assert house.events("decided")[-1].reason == "posture-stale"
    assert [event.reason for event in house.events("session-ended")] == ["posture-stale"]


def test_silence_ends_the_session_even_when_nobody_answers(house: House, who: Subject) -> None:
    _, carrier = house.hold("secret")
    house.authority.down = True
    house.timers.forward(601)
    assert [reason for reason, _ in carrier.told] == [Reason.POSTURE_STALE]


def test_what_is_remembered_is_asked_for_again_when_it_alone_refuses(house: House, who: Subject) -> None:
    house.follower.policy = load(FIREWALLED.replace("10m", "1s"), 2)
    assert house.admit("secret").admitted
    house.clock.forward(1.5)
    say_again(house, who)
    assert house.admit("secret").admitted
    assert house.authority.asked == ["verify", "verify"]
    house.clock.forward(1.5)
    refused = house.admit("secret")
    assert (refused.admitted, refused.reason) == (False, Reason.POSTURE_STALE)


def test_a_signal_that_turned_bad_is_no_staleness(house: House, who: Subject) -> None:
    house.authority.good["secret"] = Verified(
        reported(who, house.clock.now() - 700, firewall=False), good_until=house.clock.now() + 3600
    )
    refused = house.admit("secret")
    assert (refused.admitted, refused.reason) == (False, Reason.POLICY)
