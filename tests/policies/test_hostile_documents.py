"""Whatever is handed in as a policy: no crash, no hang, and a place and a hint for each thing that is wrong with it."""

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from kernel.problems import Invalid, Problem
from policies.decide import decide
from policies.document import LONGEST, MAX_BYTES, MAX_PROBLEMS
from policies.language import check, load
from policies.model import Report
from tests.policies.facts_of import FACTS, facts, shown
from tests.policies.mutations import DOCUMENTS

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
PATIENCE = 10.0
"""Seconds of this process within which the dearest document must be read; it takes one or two."""


def told_well(text: str | bytes, report: Report) -> None:
    """Every problem and warning stands somewhere in the text, says what is wrong and what would help, in bounds."""
    written = text if isinstance(text, str) else text.decode("utf-8", "replace")
    lines = written.count("\n") + written.count("\r") + written.count("\x85") + written.count("\u2028") + 2
    assert len(report.problems) <= MAX_PROBLEMS and len(report.warnings) <= MAX_PROBLEMS
    for problem in (*report.problems, *report.warnings):
        assert 1 <= problem.place.line <= lines and problem.place.column >= 1, problem
        assert 0 < len(problem.what) <= 10 * LONGEST and problem.hint, problem
        assert all(sign.isprintable() or sign == "\u3000" for sign in problem.what + problem.text), problem


def read_whole(text: str | bytes) -> None:
    report = check(text)
    told_well(text, report)
    if report.problems:
        with pytest.raises(Invalid) as refusal:
            load(text)
        assert refusal.value.problems == report.problems
        return
    policy = load(text)
    for asked in (FACTS, facts(user=None, device=None, service="portal"), facts(factors=shown("totp"))):
        decision = decide(policy, asked, trace=True)
        assert decision.fault == ""
        assert len(decision.trace) == len(policy.rules)


@settings(deadline=None, suppress_health_check=SLOW)
@given(text=DOCUMENTS)
def test_whatever_is_written_is_read_or_refused_in_its_place(text: str | bytes) -> None:
    read_whole(text)


@pytest.mark.e2e
@settings(max_examples=10_000, deadline=None, suppress_health_check=SLOW)
@given(text=DOCUMENTS)
def test_ten_thousand_documents_are_read_or_refused_in_their_place(text: str | bytes) -> None:
    begun = time.process_time()
    read_whole(text)
    assert time.process_time() - begun < PATIENCE


def flow(*parts: str) -> str:
    return f"version: 1\nrules: [{', '.join(parts)}]\n"


def rules(count: int, one: Callable[[int], str], head: str = "") -> str:
    return f"version: 1\n{head}" + flow(
        *(f"{{name: r{number}, {one(number)}, then: allow}}" for number in range(count))
    ).removeprefix("version: 1\n")


def networks(count: int, each: int) -> str:
    ranges = [f"10.{number // 256 % 256}.{number % 256}.0/25" for number in range(count * each)]
    named = (f"n{number}: [{', '.join(ranges[number * each : (number + 1) * each])}]" for number in range(count))
    return f"networks: {{{', '.join(named)}}}\n"


LONG = "9" * (MAX_BYTES - 200)
HOSTILE: dict[str, Callable[[], str]] = {
    "one line of a mebibyte": lambda: f"version: 1\nrules: []\nnote: {LONG}",
    "a key of a mebibyte": lambda: f"version: 1\nrules: []\n? {LONG}",
    "a duration of a mebibyte": lambda: flow(f"{{name: a, signin: {{age: {LONG}}}, then: deny}}"),
    "a number of a mebibyte": lambda: flow(f"{{name: a, network: {{asn: [{LONG}]}}, then: deny}}"),
    "a range of a mebibyte": lambda: f"version: 1\nnetworks: {{a: '{'1:' * (len(LONG) // 2)}'}}\nrules: []",
    "a zone of a mebibyte": lambda: flow(f"{{name: a, when: {{days: mon, zone: {'A/' * 500_000}}}, then: deny}}"),
    "a name that unfolds": lambda: flow(f"{{name: a, who: {{users: {'ﷺ' * 300_000}}}, then: deny}}"),
    "escapes": lambda: f'version: 1\nrules: []\nnote: "{chr(92)}x41{(chr(92) + "x41") * 200_000}"',
    "a hundred thousand words": lambda: flow(*["x"] * 100_000),
    "a hundred thousand keys": lambda: "version: 1\n" + "x: 1\n" * 70_000,
    "a hundred thousand groups": lambda: flow(
        f"{{name: a, who: {{groups: [{', '.join(f'g{each}' for each in range(90_000))}]}}, then: deny}}"
    ),
    "tags": lambda: flow(*["!!python/object:os.system x"] * 30_000),
    "anchors": lambda: flow(*["&a x"] * 60_000),
    "aliases": lambda: "a: &a [x, x]\n" + "".join(f"b{each}: &b{each} [*a, *a]\n" for each in range(2_000)),
    "documents": lambda: "---\n" * 200_000,
    "quotes": lambda: "version: 1\nrules: " + "'" * (MAX_BYTES - 100),
    "tabs": lambda: "version: 1\n" + "\t" * (MAX_BYTES - 100),
    "nothing but lines": lambda: "version: 1\nrules: []" + "\n" * (MAX_BYTES - 100),
    "questions": lambda: "? " * 1000 + "a",
    "five thousand rules": lambda: rules(
        5000, lambda n: f"who: {{groups: [a{n % 7}, b{n % 11}]}}, service: [imap, pop3], device: {{not_platform: ios}}"
    ),
    "five thousand rules about all networks": lambda: rules(
        5000, lambda n: f"network: {{in: n{n % 500}, not_in: [n{(n + 1) % 500}, n{(n + 7) % 500}]}}", networks(500, 40)
    ),
    "five thousand rules about two huge networks": lambda: rules(
        5000, lambda n: "network: {in: n0, not_in: n1}", networks(2, 9900)
    ),
    "five thousand misspelt zones": lambda: rules(5000, lambda n: f"when: {{days: mon, zone: Asia/Tokio{n}}}"),
    "five thousand hours": lambda: rules(
        5000,
        lambda n: f"when: {{between: '{n // 60 % 23:02}:{n % 60:02}-23:59', zone: Asia/Tokyo}}, who: {{users: u{n}}}",
    ),
}
CHEAP = ("one line of a mebibyte", "a number of a mebibyte", "a name that unfolds", "aliases", "questions")


def within_time(name: str) -> None:
    text = HOSTILE[name]()
    assert len(text.encode()) <= MAX_BYTES
    begun = time.process_time()
    report = check(text)
    assert time.process_time() - begun < PATIENCE
    told_well(text, report)


@pytest.mark.parametrize("name", CHEAP)
def test_a_document_made_to_hurt_costs_little(name: str) -> None:
    within_time(name)


@pytest.mark.e2e
@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in CHEAP])
def test_a_document_made_to_hurt_more_costs_little(name: str) -> None:
    within_time(name)


def test_what_is_long_is_told_short() -> None:
    problem: Problem = check(flow(f"{{name: a, signin: {{age: {'9' * 900}}}, then: deny}}")).problems[0]
    assert problem.what == f"`age`: `{'9' * 80}...` is not a duration"
    assert problem.text == "9" * 80
