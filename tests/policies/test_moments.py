"""Time windows and ages: what holds now holds until the moment told, also where clocks are put forward and back."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.facts import Facts
from policies.model import Probe, Truth
from policies.moments import Between, Days, SigninAge, age

ZONES = [
    "Asia/Tokyo",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
]
TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def judged(probe: Probe, now: float) -> tuple[Truth, float]:
    return probe.judge(Facts("imap", now))


def test_office_hours_open_and_close_by_the_local_clock() -> None:
    hours = Between(7 * 60, 22 * 60, TOKYO)

    assert judged(hours, at("2026-11-24 06:59:59", TOKYO)) == (Truth.NOT_HELD, at("2026-11-24 07:00", TOKYO))
    assert judged(hours, at("2026-11-24 07:00:00", TOKYO)) == (Truth.HELD, at("2026-11-24 22:00", TOKYO))
    assert judged(hours, at("2026-11-24 22:00:00", TOKYO)) == (Truth.NOT_HELD, at("2026-11-25 07:00", TOKYO))


def test_a_night_passes_midnight() -> None:
    night = Between(22 * 60, 6 * 60, TOKYO)

    assert judged(night, at("2026-11-24 23:00", TOKYO)) == (Truth.HELD, at("2026-11-25 06:00", TOKYO))
    assert judged(night, at("2026-11-25 01:00", TOKYO)) == (Truth.HELD, at("2026-11-25 06:00", TOKYO))
    assert judged(night, at("2026-11-25 06:00", TOKYO)) == (Truth.NOT_HELD, at("2026-11-25 22:00", TOKYO))


def test_working_days_end_at_local_midnight() -> None:
    working = Days(frozenset(range(5)), TOKYO)

    assert judged(working, at("2026-11-27 12:00", TOKYO)) == (Truth.HELD, at("2026-11-28 00:00", TOKYO))
    assert judged(working, at("2026-11-28 12:00", TOKYO)) == (Truth.NOT_HELD, at("2026-11-30 00:00", TOKYO))


def test_the_whole_day_and_the_whole_week_never_turn() -> None:
    assert judged(Between(0, 24 * 60, TOKYO), 1.8e9) == (Truth.HELD, math.inf)
    assert judged(Days(frozenset(range(7)), TOKYO), 1.8e9) == (Truth.HELD, math.inf)


def test_a_window_that_begins_in_the_hour_that_is_left_out_opens_when_the_clock_is_put_forward() -> None:
    window = Between(2 * 60 + 30, 5 * 60, BERLIN)
    forward = at("2027-03-28 01:00", ZoneInfo("UTC"))

    truth, until = judged(window, forward - 600)
    assert (truth, until) == (Truth.NOT_HELD, forward)
    assert judged(window, forward)[0] is Truth.HELD


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    now=st.one_of(st.floats(1_790_000_000, 1_822_000_000), st.floats(1_537_000_000, 1_552_000_000)),
    span=st.tuples(st.integers(0, 1439), st.integers(0, 1440)),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    step=st.floats(0, 0.999999),
)
def test_no_answer_turns_before_it_says(
    zone: str, now: float, span: tuple[int, int], days: frozenset[int], step: float
) -> None:
    probes: list[Probe] = [Days(days, ZoneInfo(zone))]
    if span[0] != span[1]:
        probes.append(Between(*span, ZoneInfo(zone)))
    for probe in probes:
        truth, until = judged(probe, now)
        assert until > now
        moment = now + (min(until, now + 30 * 86400) - now) * step
        assert moment >= until or judged(probe, moment)[0] is truth


@pytest.mark.parametrize(
    ("stamp", "truth", "until"),
    [
        (1000.0, Truth.HELD, 1060.0),
        (941.0, Truth.HELD, 1001.0),
        (940.0, Truth.NOT_HELD, math.inf),
        (1300.0, Truth.HELD, 1360.0),
        (1301.0, Truth.UNKNOWN, 1001.0),
    ],
)
def test_a_stamp_grows_old_and_one_from_the_future_is_not_believed(stamp: float, truth: Truth, until: float) -> None:
    assert age(stamp, 60.0, 1000.0) == (truth, until)


def test_without_a_signin_its_age_is_unknown() -> None:
    assert judged(SigninAge(60.0), 1000.0) == (Truth.UNKNOWN, math.inf)
    assert SigninAge(60.0).judge(Facts("imap", 1000.0, signin_at=990.0)) == (Truth.HELD, 1050.0)
