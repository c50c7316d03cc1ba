"""What changes, in words; each row has an example that was decided under both policies."""

from dataclasses import replace

import pytest

from kernel.records.devices import Trust
from policies.meaning import wording
from policies.meaning.answers import Kind, Scope
from policies.model import Outcome
from tests.policies.meaning.asking import HEAD, changed, compared, only, policy

LOST = "name: lost, device: {trust: [lost, revoked]}, then: deny"
STAFF = "name: staff, who: {groups: staff}, service: [imap, webmail], device: {trust: [enrolled, managed]}, then: allow"
CONTRACTORS = "name: contractors, who: {groups: contractors}, service: imap, device: {trust: unknown}, then: allow"


def test_a_seeded_hole_is_found_with_an_example() -> None:
    row = only(policy(LOST, STAFF), policy(LOST, STAFF, CONTRACTORS))

    assert wording.row(row) == {
        "en": "newly allowed: group contractors, device unknown, service imap, any network",
        "ja": "新たに許可: グループ contractors、端末 unknown、サービス imap、ネットワークを問わず",
    }
    assert row.facts.user is not None
    assert (row.facts.service, row.facts.user.groups, row.facts.device) == ("imap", {"contractors"}, None)
    assert (row.before.outcome, row.after.outcome) == (Outcome.DENY, Outcome.ALLOW)
    assert (row.before.rule, row.after.rule) == ("", "contractors")


def test_the_other_way_round_it_is_denied() -> None:
    assert changed(policy(LOST, STAFF, CONTRACTORS), policy(LOST, STAFF)) == [
        "newly denied: group contractors, device unknown, service imap, any network"
    ]


def test_several_groups_and_services_are_one_row() -> None:
    wider = STAFF.replace("groups: staff", "groups: [staff, sales, board]").replace("webmail]", "webmail, 'client:*']")

    assert changed(policy(STAFF), policy(wider)) == [
        "newly allowed: group sales or board, not in group staff, device managed or enrolled,"
        " service webmail, imap or any other application, any network",
        "newly allowed: group staff, device managed or enrolled, service any other application, any network",
    ]


def test_what_narrows_a_rule_is_told_with_what_is_unknown() -> None:
    inside = STAFF.replace("then", "network: {in: office}, then")

    assert changed(policy(STAFF), policy(inside)) == [
        "newly denied: group staff, device managed or enrolled, service webmail or imap, not network office",
        "newly denied: group staff, device managed or enrolled, service webmail or imap, no known address"
        " - none of Gatepost's own doors brings such facts",
    ]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("device: {posture: healthy}", "posture healthy not met or unknown"),
        ("device: {not_posture: healthy}", "posture healthy met or unknown"),
        ("network: {countries: [JP, DE]}", "country not DE or JP, or unknown"),
        ("network: {not_countries: [JP, DE]}", "country DE, JP or unknown"),
        ("network: {anonymous: false}", "anonymising network yes or unknown"),
        ("network: {asn: 64500}", "network number not 64500, or unknown"),
        ("signin: {age: 8h}", "not signed in within 8h"),
        ("signin: {not_age: 8h}", "signed in within 8h or not signed in"),
        ("signin: {factors: passkey}", "passkey not shown"),
        ("signin: {new_country: false}", "new country yes or unknown"),
        ("device: {platform: [macos, ios]}", "platform not ios or macos, or unknown"),
        ("device: {proof: [certificate, browser-key]}", "proof not browser-key or certificate"),
        ("device: {owner: self}", "owner of the device not self"),
        ("who: {not_groups: interns}", "group interns"),
        ("who: {users: [mika, ken@example.com]}", "not user ken@example.com, not user mika"),
        ("who: {attributes: {site: [tokyo, berlin]}}", "attribute site not berlin or tokyo, or unknown"),
        ("when: {days: [sat, sun], zone: UTC}", "not on sat, sun in UTC"),
        ("when: {between: '22:00-06:00', zone: UTC}", "not at 22:00-06:00 in UTC"),
        ("device: {posture: patched}", "posture patched not met or unknown"),
    ],
)
def test_every_condition_has_its_words(condition: str, words: str) -> None:
    old = policy("name: a, service: imap, then: allow")
    new = policy(f"name: a, service: imap, {condition}, then: allow")

    rows = [wording.row(row)["en"] for row in compared(old, new).rows if row.kind is Kind.CLOSED]

    assert any(words in row for row in rows), rows


def test_a_factor_that_is_newly_required() -> None:
    asking = f"{STAFF}, require: {{factors: [totp, passkey], within: 15m}}"

    assert changed(policy(STAFF), policy(asking)) == [
        "now asked for totp or passkey within 15m: group staff, device managed or enrolled, service webmail or imap,"
        " any network, passkey not shown within 15m, totp not shown within 15m"
    ]
    assert changed(policy(asking), policy(STAFF), "ja") == [
        "totp・passkey（15分以内）の要求がなくなる: グループ staff、端末 managed・enrolled、サービス webmail・imap、"
        "ネットワークを問わず、passkey を15分以内に確認していない、totp を15分以内に確認していない"
    ]


def test_to_be_let_in_after_a_factor_is_to_be_let_in() -> None:
    asking = f"{CONTRACTORS}, require: {{factors: totp}}"

    assert changed(policy(STAFF), policy(STAFF, asking)) == [
        "newly allowed: group contractors, device unknown, service imap, any network"
    ]


def test_limits() -> None:
    before, after = f"{STAFF}, limits: {{session: 12h}}", f"{STAFF}, limits: {{session: 8h, idle: 10m}}"

    assert changed(policy(before), policy(after)) == [
        "limits: session 12h -> session 8h, idle 10m: group staff, device managed or enrolled, service webmail or imap,"
        " any network"
    ]


def test_hours() -> None:
    before = "name: a, who: {groups: staff}, when: {between: '07:00-22:00', zone: Asia/Tokyo}, then: allow"
    row = only(policy(before), policy(before.replace("07:00", "06:00")))

    assert "at 06:00-22:00 in Asia/Tokyo, not at 07:00-22:00 in Asia/Tokyo" in wording.row(row)["en"]
    assert row.facts.now % 86400 == 21 * 3600  # six in the morning in Tokyo


def test_a_network_that_keeps_its_name_and_loses_a_range() -> None:
    rule = "name: a, who: {groups: staff}, network: {in: office}, then: allow"
    row = only(policy(rule), policy(rule, head=HEAD.replace("192.0.2.0/24, ", "192.0.2.0/25, ")))

    assert wording.row(row)["en"] == (
        "newly denied: group staff, device not lost, revoked or expired, any service,"
        " network office (192.0.2.0/24, 2001:db8:10::/48), not network office (192.0.2.0/25, 2001:db8:10::/48)"
    )
    assert row.facts.address == "192.0.2.128"


def test_a_posture_that_keeps_its_name_and_asks_for_less() -> None:
    rule = "name: a, who: {groups: staff}, device: {posture: healthy, trust: managed}, then: allow"
    less = HEAD.replace("disk_encrypted: true, firewall: true", "disk_encrypted: true")
    row = only(policy(rule), policy(rule, head=less))

    assert wording.row(row)["en"] == (
        "newly allowed: group staff, device managed, disk_encrypted true, firewall false or unknown, any service,"
        " any network"
    )
    assert row.facts.device is not None
    assert set(row.facts.device.signals) == {"disk_encrypted"}


def test_a_version_that_is_newly_required() -> None:
    rule = "name: a, who: {groups: staff}, device: {posture: patched, trust: managed}, then: allow"
    newer = HEAD.replace(">=14.4", ">=15")

    assert changed(policy(rule), policy(rule, head=newer)) == [
        "newly denied: group staff, device managed, platform macos, os_version 14.4 to below 15, any service,"
        " any network"
    ]


def test_a_report_that_may_be_older() -> None:
    rule = "name: a, who: {groups: staff}, device: {posture: told, trust: managed}, then: allow"
    told = "version: 1\npostures: {told: {reported_within: 1h}}\n"
    row = only(policy(rule, head=told), policy(rule, head=told.replace("1h", "1d")))

    assert "last report 1h to 1d ago" in wording.row(row)["en"]
    assert "最後の報告から1時間〜1日" in wording.row(row)["ja"]


def test_what_is_unknown_meets_a_deny_and_no_allow() -> None:
    allow = "name: a, device: {trust: managed}, service: imap, then: allow"
    deny = "name: d, device: {not_posture: healthy}, service: imap, then: deny"

    assert changed(policy(allow), policy(deny, allow)) == [
        "newly denied: device managed, posture healthy not met or unknown, service imap, any network".replace(
            "newly denied: ", "newly denied: anybody, "
        )
    ]


def test_a_lost_device_is_let_in_by_no_rule_that_does_not_name_it() -> None:
    everybody, lost = (
        "name: a, service: imap, then: allow",
        "name: b, service: imap, device: {trust: lost}, then: allow",
    )

    assert changed(policy(), policy(everybody)) == [
        "newly allowed: anybody, device not lost, revoked or expired, service imap, any network"
    ]
    assert only(policy(everybody), policy(everybody, lost)).facts.device == replace(
        only(policy(), policy(lost)).facts.device or pytest.fail(), trust=Trust.LOST
    )


def test_a_wide_change_is_told_in_one_wide_row() -> None:
    departments = [
        f"name: {name}, who: {{groups: {name}}}, service: [imap, webmail], device: {{posture: healthy}}, then: allow"
        for name in ("sales", "staff", "board", "legal")
    ]
    deny = "name: stop, service: webmail, network: {not_in: office}, then: deny"
    found = compared(policy(*departments), policy(deny, *departments))
    likely = [row for row in found.rows if row.likely]

    assert [(row.scope, wording.cube(row.cube)["en"]) for row in likely] == [
        (Scope.AFTER, "anybody, any device, service webmail, not network office")
    ]
    assert wording.row(likely[0])["en"].endswith("(for some of it, this is so already)")


def test_more_rows_than_are_shown_are_said_to_be_more() -> None:
    many = [f"name: {name}, who: {{groups: {name}}}, service: 's-{name}', then: allow" for name in "abcdef"]
    found = compared(policy(), policy(*many), most=2)

    assert (len(found.rows), found.more, found.same) == (2, (Kind.OPENED,), False)


def test_who_decides_only_if_it_is_asked() -> None:
    before = policy(LOST, STAFF)
    after = policy(LOST, STAFF.replace("name: staff", "name: people"))

    assert compared(before, after).same
    assert changed(before, after, authorship=True) == [
        "decided by `people` instead of `staff`: group staff, device managed or enrolled, service webmail or imap,"
        " any network"
    ]


def test_report_rules_only_if_they_are_asked() -> None:
    watch = "name: watch, who: {groups: interns}, service: imap, mode: report, then: deny"
    rows = changed(policy(STAFF), policy(watch, STAFF), authorship=True)

    assert compared(policy(STAFF), policy(watch, STAFF)).same
    assert any(row.startswith("report rules: none -> watch: group interns") for row in rows)
