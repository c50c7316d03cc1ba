"""How one value of ``gatepost.toml`` is read into the type of its field: durations, sizes, endpoints, paths, enums.

Each reader takes what TOML gave and returns the value, or raises ``ValueError`` with a sentence for the operator.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from kernel.config.settings import Endpoint
from kernel.problems import did_you_mean

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"^(\d+)\s*(B|KB|MB|GB|KiB|MiB|GiB)$")
_OCTETS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_LARGEST_PORT = 65535


def read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text in quotes is expected")
    return value


def read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def read_duration(value: Any) -> float:
    """Read seconds from a number, or from ``"90s"``, ``"15m"``, ``"12h"``, ``"30d"``."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
        return float(value)
    if isinstance(value, str) and (match := _DURATION.match(value)):
        return float(match.group(1)) * _SECONDS[match.group(2)]
    raise ValueError('a duration is expected: seconds, or "90s", "15m", "12h", "30d"')


def read_count(value: Any) -> int:
    """Read a whole number, or a size as ``"64 KiB"``, ``"100 MiB"``."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (match := _SIZE.match(value)):
        return int(match.group(1)) * _OCTETS[match.group(2)]
    raise ValueError('a whole number is expected, or a size such as "100 MiB"')


def read_endpoint(value: Any) -> Endpoint:
    """Read ``"host:port"``; an IPv6 host stands in brackets."""
    host, colon, port = read_text(value).rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= _LARGEST_PORT:
        raise ValueError('"host:port" is expected, for example "127.0.0.1:993" or "[::1]:993"')
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise ValueError('an IPv6 address stands in brackets: "[::1]:993"')
    return Endpoint(host.strip("[]"), int(port))


def read_texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError('a list of texts is expected: ["one", "two"]')


def read_mapping(value: Any) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return dict(value)
    raise ValueError('a table of texts is expected: { name = "value" }')


def path_reader(base: Path) -> Callable[[Any], Path]:
    """Return a reader of paths, relative ones counted from ``base`` (the directory of the file)."""
    return lambda value: base / Path(read_text(value))


def choice_reader(choices: type[StrEnum]) -> Callable[[Any], StrEnum]:
    """Return a reader of one word out of an enum."""

    def read(value: Any) -> StrEnum:
        word = read_text(value)
        if word in set(choices):
            return choices(word)
        known = ", ".join(f"`{choice}`" for choice in choices)
        raise ValueError(f"one of {known} is expected; {did_you_mean(word, choices)}".rstrip("; "))

    return read
