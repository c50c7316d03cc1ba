"""Moments in words, line by line."""

import pytest

from idp.web import times

NOW = 1_800_000_000.0  # 15 January 2027, 08:00 UTC


@pytest.mark.parametrize(
    ("at", "english", "japanese"),
    [
        (0.0, "never", "まだありません"),
        (NOW, "just now", "たった今"),
        (NOW + 59, "just now", "たった今"),
        (NOW - 60, "1 minute ago", "1分前"),
        (NOW - 3599, "59 minutes ago", "59分前"),
        (NOW - 7200, "2 hours ago", "2時間前"),
        (NOW + 7200, "in 2 hours", "2時間後"),
        (NOW - 29 * 86400, "29 days ago", "29日前"),
        (NOW - 30 * 86400, "16 Dec 2026", "2026年12月16日"),
    ],
)
def test_ago(at: float, english: str, japanese: str) -> None:
    assert (times.ago(at, NOW, "en"), times.ago(at, NOW, "ja")) == (english, japanese)


def test_moment_and_span() -> None:
    assert times.moment(NOW, "en") == "15 Jan 2027 08:00 UTC"
    assert times.moment(NOW, "ja") == "2027年1月15日 08:00 UTC"
    assert times.iso(NOW) == "2027-01-15T08:00:00+00:00"
    assert times.span(5, "en") == "1 minute"
    assert times.span(90000, "ja") == "1日"
