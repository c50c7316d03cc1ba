"""A policy held to its table: what each word of a row means, and how what came out otherwise is told."""

from pathlib import Path

import pytest

from policies.expected.reading import read_table
from policies.expected.running import run
from policies.expected.table import Result
from policies.facts import Facts
from policies.language import load
from policies.model import Outcome

POLICY = load((Path(__file__).parent / "policy.yaml").read_bytes())
HEAD = """\
version: 1
people:
  mika: {groups: [staff]}
  ann: {groups: [staff, admins]}
  guest: {attributes: {kind: guest}}
devices:
  mac: {trust: managed, platform: macos, meets: healthy}
  old: {trust: managed, platform: macos, meets: healthy, signals: {os_version: "14.3"}}
  stale: {trust: managed, platform: macos, meets: [healthy, reporting], reported: 8d}
  kiosk: {trust: enrolled, owner: shared, meets: reporting}
tests:
"""


def held(*rows: str) -> Result:
    """Return what becomes of these rows."""
    return run(POLICY, read_table(HEAD + "".join(f"  - {row}\n" for row in rows), POLICY))


def misses(row: str) -> list[tuple[str, str, str]]:
    """Return what came out otherwise of the only case of a row."""
    (failure,) = held(row).failures
    return [(each.what, each.wanted, each.got) for each in failure.misses]


def facts(row: str) -> Facts:
    """Return the facts of the only case of a row."""
    (case,) = read_table(f"{HEAD}  - {row}\n", POLICY)
    return case.facts


GOOD = [
    "{name: a, user: mika, service: [webmail, imap], device: [mac, kiosk], new_country: false, expect: allow}",
    "{name: b, user: mika, service: webmail, device: [stale, enrolled], new_country: false, expect: deny}",
    "{name: c, user: mika, service: [webmail, imap], device: mac, new_country: true, expect: deny, rule: none}".replace(
        "[webmail, imap]", "webmail"
    ),
    "{name: d, user: mika, service: imap, device: lost, expect: deny, rule: lost devices get nothing}",
    "{name: e, user: ann, service: console, device: mac, network: office, at: mon 10:00 Asia/Tokyo, "
    "factors: [password, totp], expect: allow, limits: {session: 1h, idle: 10m}}",
    "{name: f, user: ann, service: console, device: mac, network: office, at: mon 10:00 Asia/Tokyo, "
    "factors: {password: 20m, totp: 20m}, expect: step_up, require: {factors: [passkey, totp], within: 15m}}",
    "{name: g, user: ann, service: console, device: mac, network: office, at: 2026-03-01 10:00 Asia/Tokyo, "
    "factors: [password, totp], expect: deny}",
    "{name: h, user: ann, service: console, device: mac, network: [elsewhere, unknown], at: mon 10:00 Asia/Tokyo, "
    "factors: [password, totp], expect: deny}",
    "{name: i, user: ann, service: console, device: mac, address: 2001:db8::7, at: mon 10:00 Asia/Tokyo, "
    "factors: [password, totp], expect: allow}",
    "{name: j, user: guest, service: client:wiki, country: JP, asn: 64501, anonymous: false, factors: password, "
    "expect: allow, limits: none}",
    "{name: k, user: guest, service: client:wiki, country: JP, asn: [64500], anonymous: false, factors: password, "
    "expect: deny}",
    "{name: l, user: guest, service: client:wiki, country: JP, asn: 64501, anonymous: false, signin_age: 2h, "
    "expect: deny}",
    "{name: m, user: mika, groups: guests, service: webmail, device: mac, new_country: false, expect: deny}",
    "{name: n, user: mika, service: submission, device: managed, proof: [none, browser-key], expect: deny}",
]


@pytest.mark.parametrize("row", GOOD, ids=[row[7] for row in GOOD])
def test_a_row_says_who_from_where_and_how(row: str) -> None:
    assert held(row).failures == ()


def test_a_list_stands_for_each_of_its_words() -> None:
    row = "{name: a, user: [mika, ann], service: [imap, submission], device: [mac, old], expect: allow}"
    cases = read_table(f"{HEAD}  - {row}\n", POLICY)
    assert len(cases) == 8
    assert [cases[0].about, cases[-1].about] == ["mika, imap, mac, app-password", "ann, submission, old, app-password"]


def test_a_mail_program_stands_on_a_sign_in_by_a_token_alone() -> None:
    row = "{name: a, user: mika, service: imap, device: mac, factors: [password, totp], proof: PROOF, expect: allow}"
    for proof in ("app-password", "certificate", "none"):
        seen = facts(row.replace("PROOF", proof))
        assert (seen.factors, seen.signin_at) == ({}, None)
    assert len(facts(row.replace("PROOF", "token")).factors) == 2
    assert len(facts(row.replace("PROOF", "certificate").replace("imap", "webmail")).factors) == 2


def test_whose_a_device_is() -> None:
    row = "{name: a, user: mika, service: imap, device: {trust: enrolled, owner: OWNER}, expect: allow}"
    owners = {owner: facts(row.replace("OWNER", owner)).device for owner in ("self", "shared", "other")}
    assert [device.owner for device in owners.values() if device] == ["user_mika", "", "user_other"]


def test_defaults_stand_for_what_no_row_says_and_an_address_puts_their_network_aside() -> None:
    text = HEAD.replace("people:", "defaults: {user: ann, network: office, factors: [totp]}\npeople:")
    first, second = read_table(
        f"{text}  - {{name: a, service: portal, expect: deny}}\n"
        "  - {name: b, user: mika, service: portal, address: 198.51.100.9, factors: [password], expect: deny}\n",
        POLICY,
    )
    assert first.facts.user and second.facts.user
    assert (first.facts.user.name, first.facts.address) == ("ann", "192.0.2.0")
    assert (second.facts.user.name, second.facts.address, list(second.facts.factors)) == (
        "mika",
        "198.51.100.9",
        ["password"],
    )


def test_what_came_out_otherwise_is_told() -> None:
    assert misses("{name: a, user: mika, service: imap, device: lost, expect: allow, rule: mail programs}") == [
        ("outcome", "allow", "deny"),
        ("rule", "mail programs", "lost devices get nothing"),
    ]
    mail = "{name: a, user: mika, service: webmail, device: mac, new_country: false, expect: allow, LIMITS}"
    assert misses(mail.replace("LIMITS", "limits: none")) == [("limits", "none", "session: 12h")]
    assert misses(mail.replace("LIMITS", "limits: {session: 90m, idle: 45s}")) == [
        ("limits", "session: 90m, idle: 45s", "session: 12h")
    ]
    assert misses(mail.replace("LIMITS", "rule: none")) == [("rule", "none", "staff read their mail")]
    console = (
        "{name: a, user: ann, service: console, device: mac, network: office, at: mon 10:00 Asia/Tokyo, "
        "expect: step_up, require: {factors: [passkey]}}"
    )
    assert misses(console) == [("require", "one of passkey", "one of totp, passkey within 15m")]
    assert misses("{name: a, service: imap, expect: step_up, require: {factors: totp}}") == [
        ("outcome", "step_up", "deny"),
        ("require", "one of totp", "nothing"),
    ]


def test_a_failure_carries_the_trace_and_rules_that_decided_nothing_are_named() -> None:
    result = held("{name: a, user: mika, service: imap, device: lost, expect: allow}")
    (failure,) = result.failures
    assert [rule.rule for rule in failure.decision.trace if rule.decided] == ["lost devices get nothing"]
    assert failure.case.place.line == 12
    assert result.idle[0] == "the console in the office, by day" and len(result.idle) == 4


def test_of_many_failures_the_first_are_told_and_all_are_counted() -> None:
    services = ", ".join(f"route-{number}" for number in range(300))
    result = held(f"{{name: a, service: [{services}], expect: allow}}")
    assert (result.cases, result.failed, len(result.failures)) == (300, 300, 200)
    assert result.failures[0].decision.outcome is Outcome.DENY
