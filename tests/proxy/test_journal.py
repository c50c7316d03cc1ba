"""What the proxy writes down of a judgement: facts from which the same decision is made again, at any moment."""

import json
from dataclasses import replace

from kernel.audit import body_of
from kernel.authority import Attempt
from kernel.geography import Location
from kernel.reasons import Reason
from kernel.records.devices import Signal, Trust
from policies.decide import decide
from policies.language import load
from policies.snapshot import restore
from proxy.admission import Admission
from proxy.guard import Guard
from tests.proxy.house import House, subject

FRESH = """\
version: 1
postures: {healthy: {reported_within: 1h, firewall: true}}
rules:
  - {name: looked at, who: {groups: [staff]}, then: deny, mode: report}
  - {name: healthy, device: {posture: healthy}, network: {countries: [JP]}, then: allow}
"""


class Japan:
    """A geography in which every address is in Japan."""

    def locate(self, address: str) -> Location:
        return Location("JP", 64500, False)


def guarded(house: House, text: str = FRESH) -> Guard:
    """Let the house judge by a real policy, and know where addresses are."""
    house.follower.policy = load(text, 7)
    house.guard.relocate(Japan())
    return house.guard


def alice(house: House, at: float) -> None:
    who = subject()
    assert who.device is not None
    device = replace(who.device, signals={"firewall": Signal(True, at)})
    house.knows("secret", replace(who, user=replace(who.user, groups=frozenset({"staff"})), device=device))


def made_again(house: House) -> list[tuple[str, str, str, str]]:
    """Return what every record on the outbox says was decided, and what is decided from its facts."""
    told = []
    for event in house.events("decided"):
        again = decide(load(FRESH), restore(json.loads(body_of(event))["facts"]))
        told.append((event.outcome, event.rule, str(again.outcome), again.rule))
    return told


def test_from_a_record_the_same_decision_is_made_again(house: House) -> None:
    guarded(house)
    alice(house, house.clock.now() - 60)
    assert house.admit("secret").admitted
    house.clock.forward(1800)
    house.recorder._outbox.clear()
    assert house.admit("secret").admitted  # a verdict that was remembered

    [event] = house.events("decided")
    assert (event.at, event.facts["now"], event.facts["country"], event.facts["asn"]) == (
        *(house.clock.now(), house.clock.now(), "JP", 64500),
    )
    assert (event.reports, event.as_of) == (("looked at",), 0)
    assert made_again(house) == [("allow", "healthy", "allow", "healthy")]


def test_a_record_that_is_written_late_names_a_moment_at_which_the_decision_stood(house: House) -> None:
    guard = guarded(house)
    alice(house, house.clock.now() - 3599)
    who = house.authority.good["secret"].subject
    verdict = guard.judge(who, "imap", "192.0.2.7")
    assert verdict.decision is not None
    house.clock.forward(2.0)  # the signal went stale between judging and writing
    guard.record("s_1", "imap", "192.0.2.7", who, verdict)
    house.clock.at -= 100.0  # and a clock may be set back
    guard.record("s_2", "imap", "192.0.2.7", who, verdict)

    late, early = house.events("decided")
    assert 0 < verdict.decision.valid_until - late.at < 0.001
    assert early.at == verdict.decision.valid_until - 1.0
    assert made_again(house) == [("allow", "healthy", "allow", "healthy")] * 2


def test_a_refusal_that_no_policy_spoke_says_so_and_keeps_the_facts_for_the_person(house: House) -> None:
    guarded(house)
    house.knows("secret", subject(trust=Trust.LOST, fallen=Reason.CREDENTIAL_REVOKED))
    house.admit("secret")
    [event] = house.events("decided")
    assert (event.outcome, event.reason, event.revision) == ("deny", "credential-revoked", 0)
    assert event.facts["device"]["trust"] == "lost"


def test_nobody_known_nothing_noted(house: House) -> None:
    house.follower.confirmed_until = float("-inf")
    house.admit("secret")
    assert house.events("decided")[0].facts == {}


def test_five_sessions_of_one_subject_make_its_part_once(house: House) -> None:
    guarded(house)
    alice(house, house.clock.now() - 60)
    came: list[Admission] = []
    for nth in range(5):
        house.guard.admit(Attempt("imap", f"192.0.2.{nth}", name="alice", password="secret"), came.append)
    facts = [event.facts for event in house.events("decided")]
    assert [each["address"] for each in facts] == [f"192.0.2.{nth}" for nth in range(5)]
    assert len({id(each["user"]) for each in facts}) == len({id(each["device"]) for each in facts}) == 1


def test_no_secret_is_on_record(house: House) -> None:
    guarded(house)
    who = subject()
    house.knows("the-secret", replace(who, key=replace(who.key, credential_id="c_hidden")))
    house.admit("the-secret")
    [event] = house.events("decided")
    assert "the-secret" not in body_of(event) and "c_hidden" not in body_of(event)
