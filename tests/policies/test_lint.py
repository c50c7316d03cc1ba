"""Warnings: what a document says that its author can hardly have meant."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.decide import decide
from policies.facts import Facts
from policies.language import check, load
from policies.model import Known
from tests.policies.random_policies import FACTS, documents

HEAD = """version: 1
networks: {office: [192.0.2.0/24], lab: [198.51.100.0/24], desk: [192.0.2.7, 198.51.100.128/25]}
postures: {healthy: {firewall: true}}
rules:
  - {name: names in use, network: {in: [office, lab, desk]}, device: {posture: healthy, trust: pending}, then: deny}
"""


def warned(*rules: str) -> list[str]:
    found = check(HEAD + "".join(f"  - {rule}\n" for rule in rules))
    assert found.problems == ()
    return [str(warning) for warning in found.warnings]


def test_a_name_that_is_never_used() -> None:
    report = check("version: 1\nnetworks:\n  cafe: [192.0.2.0/24]\npostures:\n  good: {firewall: true}\nrules: []\n")

    assert [str(warning) for warning in report.warnings] == [
        "policy:3:3: network `cafe` is never used - remove it, or use it in a rule",
        "policy:5:3: posture `good` is never used - remove it, or use it in a rule",
    ]


@pytest.mark.parametrize("rest", ["", "service: [imap], ", "when: {days: mon, zone: UTC}, "])
def test_an_allow_for_everyone(rest: str) -> None:
    assert warned(f"{{name: open, {rest}then: allow}}") == [
        "policy:6:5: rule `open` allows everyone, on any device, from anywhere"
        " - say `who`, or which `device` or `network`"
    ]


@pytest.mark.parametrize(
    "rest", ["who: {groups: a}, ", "device: {trust: managed}, ", "network: {in: office}, ", "mode: report, "]
)
def test_what_narrows_an_allow_is_not_warned_about(rest: str) -> None:
    assert warned(f"{{name: narrow, {rest}then: allow}}") == []


@pytest.mark.parametrize(
    "contradiction",
    [
        "device: {trust: managed, not_trust: [managed, lost]}",
        "who: {groups: [a, b], not_groups: [b, a]}",
        "network: {in: office, not_in: [office, lab]}",
        "device: {posture: healthy, not_posture: healthy}",
        "service: 'client:crm', not_service: 'client:*', who: {groups: a}",
        "signin: {new_device: true, not_new_device: true}",
        "signin: {age: 1h, not_age: 2h}",
        "network: {in: desk, not_in: [office, lab]}",
    ],
)
def test_a_rule_that_contradicts_itself_can_never_match(contradiction: str) -> None:
    (warning,) = warned(f"{{name: odd, {contradiction}, then: allow}}")

    assert "rule `odd` can never match:" in warning


def test_without_a_device_nothing_about_it_is_known() -> None:
    assert warned("{name: odd, device: {trust: unknown, platform: macos}, then: allow}") == [
        "policy:6:5: rule `odd` can never match: without a device, nothing about the device is known"
        " - remove `unknown` from `trust`, or the other conditions"
    ]


def test_a_factor_asked_of_mail_programs() -> None:
    asks = "service: [imap, webmail, submission], who: {groups: a}, require: {factors: totp}, then: allow"

    assert warned(f"{{name: mail, {asks}}}") == [
        "policy:6:5: rule `mail` asks mail programs for a factor: on imap, submission an app password never meets it"
        " - give mail programs a rule of their own, without `require`"
    ]
    assert warned(f"{{name: tokens, device: {{proof: token}}, {asks}}}") == []


@pytest.mark.parametrize("rest", ["", "service: [portal, imap], ", "not_service: [pop3, sieve], "])
def test_a_question_about_the_sign_in_that_refuses_every_app_password(rest: str) -> None:
    assert warned(f"{{name: odd, {rest}signin: {{new_country: true}}, then: deny}}") == [
        "policy:6:5: rule `odd` refuses every app password: without a sign-in, what it asks is unknown"
        " - name the services that it is for, or add `device: {not_proof: [app-password, certificate]}`"
    ]


@pytest.mark.parametrize(
    "rest",
    [
        "service: [portal, webmail], ",
        "not_service: [imap, pop3, submission, sieve], ",
        "device: {not_proof: [app-password, certificate]}, ",
        "service: imap, device: {proof: token}, ",
    ],
)
def test_a_question_about_the_sign_in_where_there_is_one_is_left_in_peace(rest: str) -> None:
    assert warned(f"{{name: odd, {rest}signin: {{impossible_travel: true}}, then: deny}}") == []


def test_an_allow_that_asks_mail_programs_about_the_sign_in() -> None:
    assert warned("{name: mail, service: [imap, webmail], signin: {age: 8h}, then: allow}") == [
        "policy:6:5: rule `mail` asks about the sign-in: on imap an app password never meets it"
        " - give mail programs a rule of their own, without `signin`"
    ]


def test_an_invariant_that_contradicts_itself() -> None:
    report = check(
        f"{HEAD}never:\n  - {{name: idle, device: {{trust: lost, not_trust: [lost, revoked]}}, outcome: allow}}\n"
    )
    assert [str(warning) for warning in report.warnings] == [
        "policy:7:34: invariant `idle` forbids nothing: `device.trust` excludes `device.not_trust`"
        " - remove one of the two"
    ]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("network: {countries: [JP]}", []),
        (
            "network: {not_asn: [64500]}",
            ["`network.not_asn` is unknown of everybody here, since nothing tells the network number of an address"],
        ),
        (
            "network: {anonymous: false}",
            ["`network.anonymous` is unknown of everybody here, since nothing tells the anonymity of an address"],
        ),
        ("signin: {new_country: true}", []),
        (
            "signin: {not_impossible_travel: true}",
            [
                "`signin.not_impossible_travel` is unknown of everybody here,"
                " since nothing tells the coordinates of an address"
            ],
        ),
    ],
)
def test_what_nothing_tells_here(condition: str, told: list[str]) -> None:
    text = f"version: 1\nrules:\n  - {{name: a, service: portal, {condition}, then: allow}}\n"
    report = check(text, Known(places=frozenset({"country"})))
    assert [warning.what for warning in report.warnings] == told
    assert all(warning.hint.startswith("name a database for it under [geography]") for warning in report.warnings)
    assert check(text, Known()).warnings == ()


def test_words_in_one_language_only() -> None:
    assert warned('{name: lost, device: {trust: lost}, then: deny, say: {ja: "紛失。"}}') == [
        "policy:6:5: rule `lost` says nothing in `en` - people who read that language see the other one"
    ]


DEAD = ("is never reached", "can never match")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(document=documents(), several=st.lists(FACTS, min_size=4, max_size=8))
def test_a_rule_called_dead_never_decides(document: dict[str, Any], several: list[Facts]) -> None:
    text = json.dumps(document)
    dead = {warning.text for warning in check(text).warnings if any(saying in warning.what for saying in DEAD)}

    assert dead.isdisjoint(decide(load(text), facts).rule for facts in several)


SHADOWED = [
    ("who: {groups: [a, b]}, then: allow", "who: {groups: a}, service: imap, then: allow"),
    ("who: {groups: a}, then: deny", "who: {groups: a}, then: allow"),
    ("who: {not_groups: a}, then: deny", "who: {not_groups: [a, b]}, then: allow"),
    ("device: {not_trust: [lost, revoked]}, then: allow", "device: {trust: managed}, then: deny"),
    ("service: 'client:*', who: {groups: a}, then: deny", "service: ['client:crm'], who: {groups: a}, then: allow"),
    ("signin: {age: 8h}, then: deny", "signin: {age: 1h}, then: allow"),
    ("device: {posture: healthy}, then: allow", "device: {posture: healthy}, network: {in: lab}, then: allow"),
    ("service: [imap, pop3], then: deny", "service: imap, then: allow"),
]


@pytest.mark.parametrize(("earlier", "later"), SHADOWED)
def test_a_rule_that_is_never_reached(earlier: str, later: str) -> None:
    found = [
        warning for warning in warned(f"{{name: first, {earlier}}}", f"{{name: second, {later}}}") if "never" in warning
    ]

    assert found == [
        "policy:7:5: rule `second` is never reached: `first` on line 6 matches all it matches"
        " - put it before that rule, or remove it"
    ]


REACHED = [
    ("who: {groups: a}, then: allow", "who: {groups: [a, b]}, then: allow"),
    ("who: {groups: a}, then: allow", "who: {groups: a}, then: deny"),
    ("who: {groups: a}, mode: report, then: deny", "who: {groups: a}, then: allow"),
    ("who: {not_groups: a}, then: deny", "who: {groups: b}, then: allow"),
    ("signin: {age: 1h}, service: portal, then: deny", "signin: {age: 8h}, service: portal, then: allow"),
    ("device: {posture: healthy}, then: allow", "device: {not_posture: healthy}, then: allow"),
    ("service: 'client:crm', then: deny", "service: 'client:*', who: {groups: a}, then: allow"),
    ("not_service: 'client:crm', then: deny", "service: 'client:*', who: {groups: a}, then: allow"),
]


@pytest.mark.parametrize(("earlier", "later"), REACHED)
def test_a_rule_that_may_be_reached_is_left_in_peace(earlier: str, later: str) -> None:
    assert warned(f"{{name: first, {earlier}}}", f"{{name: second, {later}}}") == []
