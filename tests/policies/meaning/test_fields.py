"""Every condition of the language has its field in the prover, and what has none is refused aloud."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kernel.clock import SetClock
from kernel.problems import Place
from kernel.records.devices import Trust
from policies.conditions import LEAVES
from policies.meaning.calendar import WEEK, moments
from policies.meaning.cases import NO, UNKNOWN, YES, Clause
from policies.meaning.dictionary import EITHER, VALUED
from policies.meaning.fields.field import Unmodelled
from policies.meaning.fields.machines import STATES
from policies.meaning.fields.table import Fields
from policies.meaning.logic import Deadline, Logic
from policies.meaning.phrases import SPECIAL, duration, phrase
from policies.meaning.proving import prove
from policies.meaning.space import ORDER, Space
from policies.model import Condition
from policies.moments import Between, Days
from policies.zones import zone
from tests.policies.meaning.asking import SINCE, policy

KEYS = {"service", *(f"{section}.{leaf}" for section, leaves in LEAVES.items() for leaf in leaves)}


def test_every_condition_of_the_language_is_modelled() -> None:
    logic = Logic(Deadline(SetClock(), 60.0))

    assert Fields(Space(logic), SINCE).keys == KEYS
    assert set(STATES) == set(Trust)


def test_every_condition_has_words_in_both_languages() -> None:
    spoken = {*EITHER, *VALUED, *SPECIAL}

    assert spoken >= KEYS
    assert set(ORDER) - {"signin"} <= spoken
    for words in (*EITHER.values(), *VALUED.values()):
        assert set(words) == {"en", "ja"}


def test_a_condition_that_the_prover_does_not_know_is_refused_aloud() -> None:
    asked = policy("name: a, then: allow", never=["name: n, service: imap, outcome: allow"])
    strange = Condition("device.colour", Place(1, 1), wanted=frozenset({"red"}))
    rule = replace(asked.rules[0], conditions=(strange,))

    with pytest.raises(Unmodelled, match=r"device\.colour"):
        prove(replace(asked, rules=(rule,)), SetClock(SINCE))


def test_the_calendar_knows_what_can_be_at_the_same_time() -> None:
    tokyo, berlin = zone("Asia/Tokyo"), zone("Europe/Berlin")
    assert tokyo and berlin
    conditions = (
        Days(frozenset({5, 6}), tokyo),
        Between(9 * 60, 17 * 60, tokyo),
        Between(9 * 60, 17 * 60, berlin),
    )
    found = moments(conditions, SINCE, lambda: None)

    assert set(found) == {
        (weekend, at_tokyo, at_berlin)
        for weekend in (True, False)
        for at_tokyo in (True, False)
        for at_berlin in (True, False)
        # nine in Berlin is four or five in the afternoon in Tokyo: in summer never overlap by an hour
        if not (at_tokyo and at_berlin)
    } | {(weekend, True, True) for weekend in (True, False)}
    assert all(SINCE <= moment < SINCE + 53 * WEEK for moment in found.values())


def test_hours_that_overlap_in_summer_alone_are_found_in_summer() -> None:
    tokyo, berlin = zone("Asia/Tokyo"), zone("Europe/Berlin")
    assert tokyo and berlin
    conditions = (Between(9 * 60, 16 * 60 + 30, tokyo), Between(9 * 60, 17 * 60, berlin))
    winter = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    found = moments(conditions, winter, lambda: None)

    assert datetime.fromtimestamp(found[True, True], berlin) == datetime(2027, 3, 28, 9, tzinfo=berlin)


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (90.0, "90s", "90秒"),
        (900.0, "15m", "15分"),
        (86400.0, "1d", "1日"),
        (1209600.0, "2w", "2週間"),
        (0.0, "0s", "0秒"),
    ],
)
def test_lengths_of_time(seconds: float, english: str, japanese: str) -> None:
    assert (duration(seconds), duration(seconds, "ja")) == (english, japanese)


def test_a_posture_in_every_state_it_can_be_in() -> None:
    def said(*cases: object) -> str:
        others = tuple(case for case in (YES, NO, UNKNOWN) if case not in cases)
        return phrase(Clause("device.posture", ("healthy",), cases, others), "en")  # type: ignore[arg-type]

    assert [said(YES), said(NO), said(UNKNOWN), said(YES, NO), said(NO, UNKNOWN)] == [
        "posture healthy",
        "posture healthy not met",
        "posture healthy unknown",
        "posture healthy known",
        "posture healthy not met or unknown",
    ]
