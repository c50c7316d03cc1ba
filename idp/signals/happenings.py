"""What the audit tells that receivers may have asked for: entry in, CAEP events out. What others told us is not told
on, so that two houses which hear each other never go round in circles.

| entry | event |
| --- | --- |
| a sign-in ended | session-revoked (user, device, session) |
| a user disabled or removed | session-revoked (user) |
| a device lost, revoked, expired, removed | session-revoked (user, device), device-compliance-change |
| a device trusted again, a signal of its | device-compliance-change, when it is another than was told last |
| a factor made, changed, revoked | credential-change (user) |
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from idp.signals.sets import CAEP
from kernel.audit import Entry
from kernel.config.signals import CREDENTIAL_CHANGE, DEVICE_COMPLIANCE_CHANGE, SESSION_REVOKED
from kernel.ports import Reader
from kernel.records.devices import OUT, Device, Trust
from kernel.records.people import User

TOLD: Final = tuple(CAEP + name for name in (SESSION_REVOKED, CREDENTIAL_CHANGE, DEVICE_COMPLIANCE_CHANGE))
"""The events that we transmit."""

OTHERS: Final = "signal:"
SHUT: Final = frozenset({*(trust.value for trust in OUT), "removed"})
MOVED: Final = frozenset({*(trust.value for trust in Trust), "removed", "signal"})
CREDENTIALS: Final[Mapping[str, str]] = {
    "password": "password",
    "app-password": "app",
    "totp": "app",
    "passkey": "fido2-roaming",
    "recovery": "pin",
    "all": "password",
}
CHANGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("made", "set", "enrolled", "registered"), "create"),
    **dict.fromkeys(("changed", "widened", "renamed"), "update"),
    **dict.fromkeys(("revoked", "reset"), "revoke"),
    **dict.fromkeys(("removed", "deleted"), "delete"),
}
"""Acts that are told, as CAEP 1.0 section 3.3 calls them; using up a recovery code is none."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, and whom it is about. ``compliant`` is set for a change of compliance alone."""

    event: str
    user_id: str = ""
    device_id: str = ""
    session_id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    compliant: bool | None = None


def happenings(tx: Reader, entry: Entry) -> Iterator[Happening]:
    """Yield what an audit entry means for receivers."""
    reader = _READERS.get(entry.kind)
    if reader is None:
        return
    said = entry.fields
    if not str(said["actor"]).startswith(OTHERS):
        yield from reader(tx, said)


def concerns(kind: str) -> bool:
    """Say whether an entry of this kind may be told."""
    return kind in _READERS


def subject_of(tx: Reader, told: Happening, issuer: str) -> dict[str, Any]:
    """Return the subject identifier of an event: simple for a user or a device alone, complex for more (RFC 9493)."""
    members: dict[str, Any] = {}
    if told.user_id:
        user = tx.get(User, told.user_id)
        known = {"format": "iss_sub", "iss": issuer, "sub": told.user_id}
        members["user"] = {"format": "email", "email": user.email} if user else known
    if told.device_id:
        members["device"] = {"format": "opaque", "id": told.device_id}
    if told.session_id:
        members["session"] = {"format": "opaque", "id": told.session_id}
    return {"format": "complex", **members} if len(members) > 1 else next(iter(members.values()), {})


def compliance(tx: Reader, device_id: str) -> bool | None:
    """Return whether a device is compliant: not if it is out or gone, else as its signal says; None when nothing
    does."""
    device = tx.get(Device, device_id)
    if device is None or device.trust in OUT:
        return False
    signal = device.signals.get("compliant")
    return signal.value if signal is not None and isinstance(signal.value, bool) else None


def _signed_in(tx: Reader, said: Mapping[str, Any]) -> Iterator[Happening]:
    step = str(said["step"])
    if step.startswith("ended:"):
        why = _revoked(said, step.removeprefix("ended:"))
        yield Happening(SESSION_REVOKED, said["user_id"], said["device_id"], said["signin_id"], why)


def _user_changed(tx: Reader, said: Mapping[str, Any]) -> Iterator[Happening]:
    if said["act"] in ("disabled", "removed") and said["user"] and said["user_id"]:
        yield Happening(SESSION_REVOKED, said["user_id"], payload=_revoked(said, f"the account was {said['act']}"))


def _device_changed(tx: Reader, said: Mapping[str, Any]) -> Iterator[Happening]:
    act, user_id, device_id = said["act"], said["user_id"], said["device_id"]
    if act in SHUT:
        yield Happening(SESSION_REVOKED, user_id, device_id, payload=_revoked(said, f"the device is {act}"))
    if act in MOVED and device_id:
        yield Happening(DEVICE_COMPLIANCE_CHANGE, user_id, device_id, compliant=compliance(tx, device_id))


def _factor_changed(tx: Reader, said: Mapping[str, Any]) -> Iterator[Happening]:
    kind, change = CREDENTIALS.get(said["factor"]), CHANGES.get(said["act"])
    if kind and change and said["user_id"]:
        what = {"credential_type": kind, "change_type": change, "initiating_entity": _entity(said)}
        yield Happening(CREDENTIAL_CHANGE, said["user_id"], payload=what)


def _revoked(said: Mapping[str, Any], why: str) -> dict[str, Any]:
    return {"initiating_entity": _entity(said), "reason_admin": {"en": why}}


def _entity(said: Mapping[str, Any]) -> str:
    """Return who began it, as CAEP 1.0 section 2 has it."""
    return {"user": "user", "admin": "admin"}.get(str(said["actor"]).partition(":")[0], "system")


_READERS: Final[Mapping[str, Callable[[Reader, Mapping[str, Any]], Iterator[Happening]]]] = {
    "signed-in": _signed_in,
    "user-changed": _user_changed,
    "device-changed": _device_changed,
    "factor-changed": _factor_changed,
}
