"""What the reader of documents bears: bounds, hostile text, names that lead nowhere, and what a good document means."""

import json
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.problems import Invalid
from policies.document import MAX_BYTES
from policies.language import check, load
from policies.model import Known, Outcome
from tests.policies.facts_of import policy
from tests.policies.random_policies import documents

WHOLE = """
version: 1
networks:
  office: [192.0.2.0/24, 2001:db8:10::/48]
postures:
  healthy: {reported_within: 24h, disk_encrypted: true, os: {macos: ">=14.4", windows: ">=10.0.22631"}}
rules:
  - name: lost devices get nothing
    device: {trust: [lost, revoked]}
    then: deny
    say: {en: "This device was reported lost.", ja: "この端末は紛失として登録されています。"}
  - name: the console, with a passkey
    who: {groups: [mail-admins], not_users: [Intern@Example.com]}
    service: [console, ssh-admin]
    device: {trust: managed, posture: healthy, proof: [certificate, browser-key]}
    network: {in: [office], not_countries: [NO]}
    when: {days: [mon, fri], between: "07:00-22:00", zone: Asia/Tokyo}
    then: allow
    require: {factors: [passkey], within: 15m}
    limits: {session: 1h, idle: 10m}
    mode: report
never:
  - name: contractors never reach mail from devices we do not manage
    who: {groups: [contractors]}
    service: [imap, webmail]
    device: {not_trust: managed}
    outcome: allow
"""


def problems(text: str | bytes, known: Known | None = None) -> list[str]:
    return [str(problem) for problem in check(text, known).problems]


def warnings(text: str, known: Known | None = None) -> list[str]:
    return [str(problem) for problem in check(text, known).warnings]


def test_a_whole_document_means_what_it_says() -> None:
    read = load(WHOLE, revision=12, source="access.yaml")

    lost, console = read.rules
    assert read.revision == 12
    assert (lost.outcome, dict(lost.say)["ja"]) == (Outcome.DENY, "この端末は紛失として登録されています。")
    assert str(lost.place) == "access.yaml:8:5"
    assert (console.report, console.require and console.require.within) == (True, 900.0)
    assert (console.limits.session, console.limits.idle) == (3600.0, 600.0)
    assert {condition.spelling for condition in console.conditions} == {
        *("who.groups", "who.not_users", "service", "device.trust", "device.posture", "device.proof"),
        *("network.in", "network.not_countries", "when.days", "when.between"),
    }
    users = next(condition for condition in console.conditions if condition.key == "who.users")
    assert users.wanted == {"intern@example.com"}
    assert (read.nevers[0].name[:11], read.nevers[0].outcome) == ("contractors", Outcome.ALLOW)


def test_bytes_and_a_byte_order_mark_are_read_too() -> None:
    assert len(load(b"\xef\xbb\xbf" + WHOLE.encode()).rules) == 2


def test_norway_is_a_country_and_yes_is_not_true() -> None:
    assert problems("version: 1\nrules:\n- {name: a, network: {countries: [NO]}, then: deny}\n") == []
    assert problems("version: 1\nrules:\n- {name: a, network: {anonymous: yes}, then: deny}\n") == [
        "policy:3:34: `anonymous` must be true or false - write true or false, without quotes"
    ]


def test_a_document_past_its_bound_is_not_even_parsed() -> None:
    assert problems("#" * (MAX_BYTES + 1)) == [
        "policy:1:1: the document is larger than 1024 KiB - split it up, or name groups"
    ]


def test_what_is_not_utf8_is_placed() -> None:
    assert problems("version: 1\n# \xe9t\xe9\n".encode("latin-1")) == [
        "policy:2:3: this is not UTF-8 - save the document as UTF-8"
    ]
    assert problems("version: 1\nrules: \ud800") == ["policy:2:8: this is not UTF-8 - save the document as UTF-8"]
    assert problems("version: 1\n# a\x00b") == ["policy:2:4: the character U+0000 cannot be in a document - remove it"]


@pytest.mark.parametrize("bomb", ["[" * 100_000, "{" * 100_000, "- " * 100_000, "? " * 100_000, "a: {" * 50_000])
def test_deep_nesting_is_refused_before_it_is_built(bomb: str) -> None:
    found = check(f"version: 1\nrules:\n  {bomb}").problems

    assert any("nested too deeply" in problem.what for problem in found)


def test_too_many_values_are_refused() -> None:
    found = check("version: 1\nrules: [" + "a," * 150_001 + "]").problems

    assert [problem.what for problem in found] == ["too many values in one document"]


def test_the_number_of_problems_is_bounded() -> None:
    assert len(check("version: 1\nrules:\n" + "- {x: 1}\n" * 5000).problems) == 1000


def test_too_many_rules_are_refused() -> None:
    rules = "".join(f"- {{name: r{number}, who: {{groups: g}}, then: deny}}\n" for number in range(5001))

    assert problems(f"version: 1\nrules:\n{rules}") == [
        "policy:5003:3: `rules` has more than 5000 entries - let one rule name several groups, services or networks"
    ]


@settings(max_examples=60, deadline=None)
@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_no_text_does_more_than_be_refused(text: str | bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        load(text)

    assert all(problem.place.line >= 1 and problem.place.column >= 1 for problem in refusal.value.problems)


@settings(max_examples=25, deadline=None)
@given(document=documents(), data=st.data())
def test_a_document_with_a_piece_cut_out_is_read_or_refused_but_never_loses_a_condition(
    document: dict[str, Any], data: st.DataObject
) -> None:
    text = json.dumps(document, indent=1)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    try:
        read = load(text[:start] + text[end:])
    except Invalid as invalid:
        assert invalid.problems
    else:
        assert len(read.rules) <= len(document["rules"])


def test_zones_come_from_outside() -> None:
    text = "version: 1\nrules:\n- {name: a, when: {days: mon, zone: Home}, then: deny}\n"

    assert load(text, zones=lambda name: UTC if name == "Home" else None).rules[0].name == "a"
    assert problems(text)[0].startswith("policy:3:37: `zone`: no time zone is named `Home`")


def test_a_zone_name_is_not_a_path() -> None:
    for name in ("../../etc/passwd", "/etc/passwd", "Asia", "a" * 300):
        assert (
            "no time zone is named"
            in problems(f"version: 1\nrules:\n- {{name: a, when: {{days: mon, zone: {name}}}, then: deny}}\n")[0]
        )


KNOWN = Known(
    users=frozenset({"mika", "mika@example.com"}),
    groups={"staff": 3, "contractors": 0},
    services=frozenset({"imap", "wiki", "client:crm"}),
)


def test_names_that_lead_nowhere() -> None:
    text = """version: 1
rules:
  - name: a
    who: {groups: [stafff, contractors], users: [mike]}
    service: [wiki, wikki, webmail, "client:crm", "client:cmr", "client:*"]
    then: allow
"""
    assert problems(text) == []
    assert problems(text, KNOWN) == [
        "policy:5:21: there is no service `wikki` - did you mean `wiki`?",
        "policy:5:51: there is no service `client:cmr` - did you mean `client:crm`?",
    ]
    assert warnings(text, KNOWN) == [
        "policy:4:20: there is no group `stafff` - did you mean `staff`?",
        "policy:4:28: group `contractors` has no members - nobody meets this condition until it has",
        "policy:4:49: there is no user `mike` - did you mean `mika`?",
    ]


def test_of_what_is_not_known_at_all_nothing_is_said() -> None:
    assert check(WHOLE, Known()).problems == ()
    assert check(WHOLE, Known()).warnings == ()


def test_an_equal_condition_of_two_rules_is_one_question() -> None:
    read = policy(
        "  - {name: a, device: {posture: [p, q]}, who: {groups: x}, then: allow}\n"
        "  - {name: b, device: {not_posture: [q, p]}, who: {groups: y}, then: deny}",
        "postures: {p: {firewall: true}, q: {antivirus: true}}",
    )

    first, second = (rule.conditions[0].probe for rule in read.rules)
    assert first == second
