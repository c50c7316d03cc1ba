"""Policies that are written otherwise and mean the same are reported as the same."""

from pathlib import Path

import pytest

from policies.language import load
from tests.policies.meaning.asking import HEAD, compared, policy

ROOT = Path(__file__).parents[3]
FOLDERS = ("deploy/policies", "gatepost/starters")
SHIPPED = sorted({path.resolve() for folder in FOLDERS for path in ROOT.glob(f"{folder}/*.yaml")})
SHIPPED = [path for path in SHIPPED if ".tests." not in path.name]
STAFF = "name: staff, who: {groups: staff}, service: imap, then: allow"
LOST = "name: lost, device: {trust: [lost, revoked]}, then: deny"


@pytest.mark.e2e
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_we_ship_is_the_same_as_itself_in_other_words(path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    after = before.replace("[totp, passkey]", "[passkey, totp]").replace("[staff, mail-admins]", "[mail-admins, staff]")

    assert compared(load(before), load(after)).same


SAME = {
    "the order of a list": (
        ["name: a, who: {groups: [x, y]}, service: [imap, portal], then: allow"],
        ["name: a, who: {groups: [y, x]}, service: [portal, imap], then: allow"],
    ),
    "two rules in place of one with a list": (
        ["name: a, who: {groups: [x, y]}, then: allow"],
        ["name: b, who: {groups: x}, then: allow", "name: c, who: {groups: y}, then: allow"],
    ),
    "rules that cannot both match, the other way round": ([LOST, STAFF], [STAFF, LOST]),
    "a deny at the end, where all is denied anyway": ([STAFF], [STAFF, "name: rest, then: deny"]),
    "a rule that is never reached": ([STAFF], [STAFF, STAFF.replace("name: staff", "name: again")]),
    "the devices that nothing lets in, said aloud": (
        [STAFF],
        [STAFF.replace("then", "device: {not_trust: [lost, revoked, expired]}, then")],
    ),
    "every state but those": (
        [STAFF],
        [STAFF.replace("then", "device: {trust: [unknown, pending, enrolled, managed]}, then")],
    ),
    "a rule that only reports": ([STAFF], ["name: watch, service: imap, mode: report, then: deny", STAFF]),
    "words for the person": ([LOST, STAFF], [LOST.replace("then", "say: {en: Lost.}, then"), STAFF]),
    "a span of the day in two": (
        ["name: a, when: {between: '08:00-18:00', zone: UTC}, then: allow"],
        [
            "name: a, when: {between: '08:00-12:00', zone: UTC}, then: allow",
            "name: b, when: {between: '12:00-18:00', zone: UTC}, then: allow",
        ],
    ),
    "the same hours in another zone": (
        ["name: a, when: {between: '09:00-18:00', zone: Asia/Tokyo}, then: allow"],
        ["name: a, when: {between: '00:00-09:00', zone: UTC}, then: allow"],
    ),
    "a posture in two rules": (
        ["name: no, device: {not_posture: healthy}, then: deny", "name: a, then: allow"],
        [
            "name: known, device: {posture: healthy}, then: allow",
            "name: rest, device: {not_trust: lost}, then: deny",
        ],
    ),
    "a posture of either name, as two rules": (
        ["name: a, device: {posture: [healthy, patched]}, then: allow"],
        ["name: a, device: {posture: healthy}, then: allow", "name: b, device: {posture: patched}, then: allow"],
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_it_means_the_same(case: str) -> None:
    before, after = SAME[case]

    assert compared(policy(*before), policy(*after)).same
    assert compared(policy(*after), policy(*before)).same


def test_ranges_and_postures_under_other_names_mean_the_same() -> None:
    renamed = HEAD.replace("office:", "home:").replace(
        "vpn: [198.51.100.0/24]", "vpn: [198.51.100.0/25, 198.51.100.128/25]"
    )
    rule = "name: a, network: {in: [office, vpn]}, device: {posture: healthy}, then: allow"
    before = policy(rule)
    after = policy(
        rule.replace("office", "home").replace("healthy", "fit"),
        head=renamed.replace("healthy: {reported_within: 24h, disk", "fit: {reported_within: 1d, disk"),
    )

    assert compared(before, after).same
