"""A signed message of a product's (EDR, MDM): what its headers and body say, and whether its signature fits. Pure.

Gatepost-Timestamp: <seconds since 1970>
Gatepost-Signature: v1=<HMAC-SHA-256 of "timestamp.body" by the source's secret, 64 hex digits>

{"device": "<id, or the source's own name for it>" | {"serial": ...} | {"uuid": ...} | {"owner": ..., "name": ...},
 "signals": {"edr_healthy": true, ...}}
"""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from idp.signals.faults import SignalFault

TIMESTAMP: Final = "gatepost-timestamp"
SIGNATURE: Final = "gatepost-signature"
MOST_OCTETS: Final = 16384
MOST_SIGNALS: Final = 64
LONGEST: Final = 256
_TIME: Final = re.compile(r"[0-9]{1,11}", re.ASCII)
_DEVICE: Final = ({"serial"}, {"uuid"}, {"owner", "name"})

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says: ``device`` by ``id``, ``serial``, ``uuid``, or ``owner`` and ``name``; and its signals."""

    device: Mapping[str, str]
    signals: Mapping[str, Value]


def stamp(timestamp: str, window: float, now: float) -> float | SignalFault:
    """Return when a message was signed, or why that does not count."""
    if not _TIME.fullmatch(timestamp):
        return SignalFault.MALFORMED
    return float(timestamp) if abs(now - int(timestamp)) <= window else SignalFault.TIME


def fits(secret: str, timestamp: str, body: bytes, signature: str) -> bool:
    """Return whether a signature is of this timestamp and body."""
    return hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode("utf-8", "replace"))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature that a message must have."""
    return "v1=" + hmac.digest(secret.encode(), timestamp.encode("utf-8", "replace") + b"." + body, "sha256").hex()


def read(body: bytes) -> Said | SignalFault:
    """Return what a body says, or why it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return SignalFault.MALFORMED
    if not isinstance(said, dict) or said.keys() != {"device", "signals"}:
        return SignalFault.MALFORMED
    device, signals = _device(said["device"]), said["signals"]
    if device is None or not isinstance(signals, dict) or not 0 < len(signals) <= MOST_SIGNALS:
        return SignalFault.MALFORMED
    good = all(isinstance(value, (bool, int, float, str)) and len(str(value)) <= LONGEST for value in signals.values())
    return Said(device, signals) if good else SignalFault.MALFORMED


def _device(said: Any) -> dict[str, str] | None:
    named = {"id": said} if isinstance(said, str) else said
    if not isinstance(named, dict) or set(named) not in ({"id"}, *_DEVICE):
        return None
    good = all(isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable() for value in named.values())
    return named if good else None
