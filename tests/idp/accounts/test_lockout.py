"""The arithmetic of throttling: how doors close, for how long, and whom they never close on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts import lockout
from idp.accounts.lockout import ACCOUNT, ADDRESS, FACTOR, Rule
from kernel.records.credentials import FailureCount

NOW = 1_800_000_000.0


def after(failures: int, rule: Rule = ACCOUNT) -> FailureCount:
    row = None
    for _ in range(failures):
        row = lockout.failed(lockout.Counter("user:u_1", rule), row, NOW)
    assert row is not None
    return row


@pytest.mark.parametrize(("failures", "waiting"), [(1, 0), (4, 0), (5, 4), (6, 8), (7, 16), (20, 900), (5000, 900)])
def test_an_account_slows_down_and_never_closes_for_good(failures: int, waiting: float) -> None:
    assert lockout.wait(ACCOUNT, after(failures), NOW) == waiting


def test_a_factor_stops_for_a_day_at_the_tenth_failure() -> None:
    assert [lockout.wait(FACTOR, after(count, FACTOR), NOW) for count in (4, 5, 9, 10, 11)] == [
        0.0,
        30.0,
        480.0,
        86400.0,
        86400.0,
    ]


def test_time_opens_the_door_and_forgets() -> None:
    row = after(6)
    assert lockout.wait(ACCOUNT, row, NOW + 7.9) > 0
    assert lockout.wait(ACCOUNT, row, NOW + 8) == 0.0
    assert lockout.failed(lockout.Counter("user:u_1", ACCOUNT), row, NOW + 86401).count == 1


@given(st.integers(min_value=1, max_value=100), st.floats(min_value=-1e9, max_value=1e9))
def test_a_clock_that_jumps_closes_no_door_longer_than_a_failure_would(failures: int, jump: float) -> None:
    for rule in (ACCOUNT, FACTOR, ADDRESS):
        assert 0.0 <= lockout.wait(rule, after(failures, rule), NOW + jump) <= rule.most


@given(st.integers(min_value=1, max_value=200))
def test_taking_a_failure_back_is_as_if_it_had_not_been(failures: int) -> None:
    left = lockout.taken_back(ADDRESS, after(failures, ADDRESS))
    assert (left.count if left else 0) == failures - 1
    assert lockout.wait(ADDRESS, left, NOW) == (lockout.wait(ADDRESS, after(failures - 1, ADDRESS), NOW) if left else 0)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::9", "2001:db8:1:200::/56"),
        ("::1", "::/56"),
        ("", "unknown"),
        ("192.0.2.77\r\nx", "unknown"),
    ],
)
def test_neighbours_are_counted_together(address: str, prefix: str) -> None:
    assert lockout.prefix(address) == prefix


def test_counters_stand_apart() -> None:
    keys = [
        lockout.account("u_1"),
        lockout.account("u_1", "d_1"),
        lockout.factor("totp", "u_1"),
        lockout.address("::1"),
    ]
    assert len({counter.key for counter in keys}) == 4
