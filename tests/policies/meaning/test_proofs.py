"""Whether a ``never`` can be broken, by any facts at all."""

from itertools import count
from pathlib import Path

import pytest

from kernel.clock import SetClock
from policies.language import load
from policies.meaning import wording
from policies.meaning.answers import ACCESS, Kind, Verdict
from policies.meaning.comparing import diff
from policies.meaning.proving import prove
from policies.meaning.reaching import dead_rules
from policies.model import Outcome, Policy
from tests.policies.meaning.asking import SINCE, UNLIMITED, policy, proven
from tests.policies.meaning.test_same import SHIPPED

STAFF = "name: staff, who: {groups: staff}, service: imap, device: {trust: managed}, then: allow"
MANAGED = "name: only managed, service: imap, device: {not_trust: managed}, outcome: allow"


def verdicts(asked: Policy) -> list[Verdict]:
    return [proof.verdict for proof in proven(asked)]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_invariant_that_we_ship_holds(path: Path) -> None:
    shipped = load(path.read_bytes())

    assert shipped.nevers
    assert set(verdicts(shipped)) == {Verdict.HOLDS}


def test_a_hole_is_found_with_an_example() -> None:
    hole = "name: hole, who: {groups: contractors}, service: [imap, webmail], then: allow"
    (proof,) = proven(policy(STAFF, hole, never=[MANAGED]))

    assert proof.verdict is Verdict.BROKEN
    assert wording.proof(proof) == {
        "en": "broken: group contractors, device enrolled, unknown or pending, service imap, any network",
        "ja": "違反あり: グループ contractors、端末 enrolled・unknown・pending、サービス imap、ネットワークを問わず",
    }
    assert proof.facts is not None and proof.facts.user is not None and proof.decision is not None
    assert (proof.facts.service, proof.facts.user.groups) == ("imap", {"contractors"})
    assert (proof.decision.outcome, proof.decision.rule) == (Outcome.ALLOW, "hole")


def test_a_policy_that_keeps_it() -> None:
    assert verdicts(policy(STAFF, never=[MANAGED])) == [Verdict.HOLDS]


UNKNOWN = [
    ("name: a, service: imap, then: allow", "device: {not_posture: healthy}", "outcome: allow", Verdict.BROKEN),
    (
        "name: a, device: {posture: healthy}, then: allow",
        "device: {not_posture: healthy}",
        "outcome: allow",
        Verdict.HOLDS,
    ),
    (
        "name: a, device: {not_posture: healthy}, then: allow",
        "device: {posture: healthy}",
        "outcome: allow",
        Verdict.HOLDS,
    ),
    ("name: a, network: {in: office}, then: allow", "network: {not_in: office}", "outcome: allow", Verdict.HOLDS),
    ("name: a, network: {countries: JP}, then: allow", "network: {in: office}", "outcome: allow", Verdict.BROKEN),
    (
        "name: a, who: {groups: x}, then: allow",
        "who: {groups: x}, device: {trust: managed}",
        "outcome: deny",
        Verdict.HOLDS,
    ),
    (
        "name: a, who: {groups: x}, then: allow",
        "who: {groups: x}, device: {trust: lost}",
        "outcome: deny",
        Verdict.BROKEN,
    ),
    ("name: a, who: {groups: x}, then: allow", "who: {not_groups: y}", "outcome: deny", Verdict.BROKEN),
    (
        "name: a, who: {groups: x}, then: allow, require: {factors: totp}",
        "who: {groups: x}",
        "outcome: step_up",
        Verdict.BROKEN,
    ),
    (
        "name: a, who: {groups: x}, then: allow, require: {factors: totp}",
        "signin: {factors: totp}",
        "outcome: step_up",
        Verdict.HOLDS,
    ),
]


@pytest.mark.parametrize(("rule", "conditions", "outcome", "verdict"), UNKNOWN)
def test_what_is_unknown_counts_against_access(rule: str, conditions: str, outcome: str, verdict: Verdict) -> None:
    assert verdicts(policy(rule, never=[f"name: n, {conditions}, {outcome}"])) == [verdict]


def test_facts_that_none_of_our_own_doors_brings_break_it_too_and_are_told_so() -> None:
    known = "name: known device, device: {trust: unknown}, outcome: allow"
    (proof,) = proven(policy("name: a, device: {proof: certificate}, then: allow", never=[known]))

    assert (proof.verdict, proof.likely) == (Verdict.BROKEN, False)
    assert wording.proof(proof)["en"].endswith("none of Gatepost's own doors brings such facts")


class Hurrying(SetClock):
    """A clock by which a second goes by whenever somebody looks at it."""

    def __init__(self) -> None:
        super().__init__(SINCE)
        self._looks = count()

    def monotonic(self) -> float:
        return float(next(self._looks))


OLD = policy(STAFF, never=[MANAGED])
NEW = policy(STAFF, "name: hole, service: imap, then: allow", never=[MANAGED])


def test_what_is_not_settled_in_time_is_not_decided() -> None:
    assert diff(OLD, NEW, Hurrying(), limit=1.0).undecided == ACCESS
    assert not diff(OLD, OLD, Hurrying(), limit=1.0).same
    assert [proof.verdict for proof in prove(OLD, Hurrying(), limit=1.0)] == [Verdict.UNDECIDED]


def test_wherever_the_time_ends_no_answer_is_false() -> None:
    for limit in (2, 9, 20, 40, 70):
        found = diff(OLD, NEW, Hurrying(), limit=limit)
        (proof,) = prove(NEW, Hurrying(), limit=limit)

        assert not found.same
        assert Kind.OPENED in (*found.undecided, *found.more, *(row.kind for row in found.rows))
        assert proof.verdict in (Verdict.UNDECIDED, Verdict.BROKEN)


def test_rows_that_there_was_no_time_for_are_said_to_be_more() -> None:
    many = [f"name: {name}, who: {{groups: {name}}}, service: 's-{name}', then: allow" for name in "abcdef"]
    found = diff(policy(), policy(*many), Hurrying(), limit=150.0)

    assert found.undecided == ()
    assert not found.same
    assert found.more


def test_a_policy_without_invariants_has_nothing_to_prove() -> None:
    assert proven(policy(STAFF)) == ()


DEAD = [
    ("never matches", ["name: dead, device: {trust: managed, not_trust: [managed, lost]}, then: allow"]),
    ("never matches", ["name: dead, device: {trust: unknown, posture: healthy, not_trust: unknown}, then: allow"]),
    ("never matches", ["name: dead, who: {users: [a, b], not_users: [a, b]}, then: allow"]),
    (
        "never reached",
        [
            "name: one, who: {groups: a}, then: allow",
            "name: other, who: {not_groups: a}, then: deny",
            "name: dead, who: {groups: b}, device: {trust: managed}, then: allow",
        ],
    ),
    (
        "never reached",
        [
            "name: morning, when: {between: '00:00-12:00', zone: UTC}, then: deny",
            "name: evening, when: {between: '12:00-24:00', zone: UTC}, then: deny",
            "name: dead, service: imap, then: allow",
        ],
    ),
]


@pytest.mark.parametrize(("why", "rules"), DEAD)
def test_a_rule_that_decides_nothing_is_found_whatever_shadows_it(why: str, rules: list[str]) -> None:
    last = "name: last, service: imap, device: {trust: lost}, then: allow"
    found = dead_rules(policy(*rules), SetClock(SINCE), limit=UNLIMITED)

    assert [(each.name, each.why) for each in found] == [("dead", why)]
    assert dead_rules(policy(last), SetClock(SINCE), limit=UNLIMITED) == ()
    assert dead_rules(policy(*rules), Hurrying(), limit=1.0) == ()
