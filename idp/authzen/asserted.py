"""What the asker may say of the person whom it has before it: where, when, on which device and how that was proved, and
which factors were shown. Pure.

Everything else that a policy looks at (groups, trust, posture, attributes) comes from our own records, and is passed
over wherever an asker says it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from idp.authzen.entities import LONGEST, Json, Malformed, Question
from kernel.records.devices import Proof
from kernel.records.sessions import Factor

ADDRESS, DEVICE, PROOF = ("ip_address", "ip"), ("device_id", "device"), ("proof",)
"""Spellings that the specification's examples and other askers use in a context; the first also in the properties of a
subject, where other words may mean anything."""

LATEST = 1e11


@dataclass(frozen=True, slots=True)
class Asserted:
    """The asker's word. ``at`` None means now; ``factors`` maps what was shown to when, None meaning ``at``."""

    address: str = ""
    at: float | None = None
    device: str = ""
    proof: Proof = Proof.NONE
    factors: Mapping[Factor, float | None] = field(default_factory=dict)

    def shown(self, now: float) -> Mapping[Factor, float]:
        """Return when each factor was shown, as of ``now``."""
        at = now if self.at is None else self.at
        return {factor: at if shown is None else shown for factor, shown in self.factors.items()}


def read_asserted(question: Question) -> Asserted:
    """Return what a question says of its subject, in the context or the subject's properties.

    Raises:
        Malformed: a value that is none of its kind, or two that differ.
    """
    context, properties = question.context, question.subject.properties
    return Asserted(
        address=_address(_one(context, properties, ADDRESS)),
        at=_moment(context.get("time")),
        device=_text(_one(context, properties, DEVICE), "device_id"),
        proof=_proof(_one(context, properties, PROOF)),
        factors=dict(_factors(context.get("factors"))),
    )


def _one(context: Json, properties: Json, names: tuple[str, ...]) -> Any:
    """Return the one value that is given under any of the names, None when none is."""
    said = [*(context.get(name) for name in names), properties.get(names[0])]
    given = [value for value in said if value is not None]
    if any(value != given[0] for value in given[1:]):
        raise Malformed(f"`{names[0]}` is given twice, and differs")
    return given[0] if given else None


def _address(value: Any) -> str:
    if value is None:
        return ""
    try:
        return str(ip_address(_text(value, "ip_address")))
    except ValueError:
        raise Malformed("`ip_address` is no IP address") from None


def _moment(value: Any) -> float | None:
    """Read RFC 3339 with its offset (seconds may be missing), or seconds since 1970."""
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < LATEST:
        return float(value)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise Malformed("a time is RFC 3339 with its offset, or seconds since 1970")
    return moment.timestamp()


def _proof(value: Any) -> Proof:
    if value is None:
        return Proof.NONE
    if not isinstance(value, str) or value not in set(Proof):
        raise Malformed(f"`proof` is one of {', '.join(Proof)}")
    return Proof(value)


def _factors(value: Any) -> Iterator[tuple[Factor, float | None]]:
    """Read a list of factors, or an object that says when each was shown."""
    if value is None:
        return
    named = value if isinstance(value, dict) else dict.fromkeys(value) if _names(value) else None
    if named is None or len(named) > len(Factor):
        raise Malformed("`factors` is a list of factors, or an object of the times at which they were shown")
    for name, at in named.items():
        if name not in set(Factor):
            raise Malformed(f"a factor is one of {', '.join(Factor)}")
        yield Factor(name), _moment(at)


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise Malformed(f"`{name}` must be a text of at most {LONGEST} printable characters")
    return value
