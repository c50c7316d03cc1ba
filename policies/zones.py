"""Time zones by name: the only place that consults the machine's zone database, and only while a document is read."""

from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

Zones = Callable[[str], tzinfo | None]


def zone(name: str) -> tzinfo | None:
    """Return the zone of this name, None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@lru_cache(maxsize=1)
def zone_names() -> list[str]:
    """Return every zone name that this machine knows, to find the nearest to a misspelt one."""
    return sorted(available_timezones())
