"""Moments in words, for people: ``3 minutes ago``, ``3分前``. Pure: the present is handed in."""

from datetime import UTC, datetime
from typing import Final

_UNITS: Final = (
    (86400.0, {"en": ("day", "days"), "ja": ("日", "日")}),
    (3600.0, {"en": ("hour", "hours"), "ja": ("時間", "時間")}),
    (60.0, {"en": ("minute", "minutes"), "ja": ("分", "分")}),
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ago(at: float, now: float, language: str) -> str:
    """Say how far back (or ahead) a moment lies; from 30 days on its date; 0 is never."""
    if at <= 0:
        return "まだありません" if language == "ja" else "never"
    distance = now - at
    if abs(distance) < 60:
        return "たった今" if language == "ja" else "just now"
    if abs(distance) >= 30 * 86400:
        return day(at, language)
    return _relative(distance, span(abs(distance), language), language)


def _relative(distance: float, words: str, language: str) -> str:
    if language == "ja":
        return f"{words}前" if distance > 0 else f"{words}後"
    return f"{words} ago" if distance > 0 else f"in {words}"


def span(seconds: float, language: str) -> str:
    """Say a length of time in its largest whole unit, a minute at least."""
    for size, names in _UNITS:
        if seconds >= size or size == 60.0:
            count = max(1, int(seconds // size))
            one, many = names[language if language in names else "en"]
            return f"{count}{one}" if language == "ja" else f"{count} {one if count == 1 else many}"
    return ""


def day(at: float, language: str) -> str:
    """Say the date (UTC)."""
    date = datetime.fromtimestamp(at, UTC)
    if language == "ja":
        return f"{date.year}年{date.month}月{date.day}日"
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def moment(at: float, language: str) -> str:
    """Say date and minute (UTC)."""
    return f"{day(at, language)} {datetime.fromtimestamp(at, UTC):%H:%M} UTC"


def iso(at: float) -> str:
    """Return the moment as RFC 3339 text, as the ``datetime`` attribute wants it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
