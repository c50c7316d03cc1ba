"""What a record of a MaxMind DB says, whoever made it: nested as MaxMind and DB-IP write it, or flat. Pure.

Refuses to guess: where a country is registered is not where an address is, and a text that is no code is no country.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

Record = Mapping[str, Any]


def country(record: Record) -> str | None:
    """Return the ISO 3166-1 code of where the address is."""
    nested = record.get("country")
    code = nested.get("iso_code") if isinstance(nested, Mapping) else record.get("country_code")
    return code.upper() if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha() else None


def asn(record: Record) -> int | None:
    """Return the number of the network that announces the address."""
    number = record.get("autonomous_system_number", record.get("asn"))
    if isinstance(number, str):
        digits = number.upper().removeprefix("AS")
        number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 10 else None
    return int(number) if _number(number) and number > 0 else None


def coordinates(record: Record) -> tuple[float, float, float] | None:
    """Return latitude, longitude (degrees) and the radius within which they are true (km, 0: not told)."""
    place = record.get("location")
    if not isinstance(place, Mapping):
        return None
    latitude, longitude, radius = (place.get(key) for key in ("latitude", "longitude", "accuracy_radius"))
    if not _number(latitude) or not _number(longitude) or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return float(latitude), float(longitude), float(radius) if _number(radius) and radius > 0 else 0.0


def anonymous(record: Record) -> bool:
    """Return whether the record of an Anonymous-IP database calls its address anonymous, in whichever way."""
    return record.get("is_anonymous") is True


def _number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
