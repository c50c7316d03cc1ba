"""What follows from an event of others', in the transaction that makes it count.

| event | effect |
| --- | --- |
| session-revoked | sign-ins, their grants and live sessions end: of what was named |
| credential-change | on record; a credential that was revoked or deleted ends the user's grants |
| device-compliance-change | the device's signal ``compliant`` |
| risk-level-change | a device's signal ``compromised`` (HIGH), or a user's attribute ``risk`` (low, medium, high) |
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from idp import ending
from idp.devices.registry import Registry
from idp.signals.faults import SignalFault
from idp.signals.finding import Found
from idp.signals.sets import CAEP, SecurityEvent
from idp.signins.ending import end_signin
from kernel.audit import UserChanged
from kernel.clock import Clock
from kernel.config.signals import CREDENTIAL_CHANGE, DEVICE_COMPLIANCE_CHANGE, RISK_LEVEL_CHANGE, SESSION_REVOKED
from kernel.ports import Writer
from kernel.reasons import Reason
from kernel.records.changes import user_handle
from kernel.records.people import User
from kernel.records.sessions import LiveSession

RISK: Final = "risk"
LEVELS: Final = ("LOW", "MEDIUM", "HIGH")
COMPLIANCE: Final[Mapping[object, bool]] = {"compliant": True, "not-compliant": False}
GONE: Final = ("revoke", "delete")
CHANGES: Final = ("create", "revoke", "update", "delete")

Outcome = str | SignalFault
"""What came of it, in a few words, or why nothing did."""


class Board(Protocol):
    """The live sessions (``idp.authority.live.LiveSessions``)."""

    def all(self) -> Sequence[LiveSession]:
        """Return every session."""
        ...

    def order(self, tx: Writer, session: LiveSession, actor: str) -> None:
        """Order one to end."""
        ...


class Effects:
    """Lets events have their effects."""

    def __init__(self, registry: Registry, board: Board, clock: Clock) -> None:
        self._registry, self._board, self._clock = registry, board, clock
        self._table: dict[str, Callable[[Writer, str, SecurityEvent, Found], Outcome]] = {
            SESSION_REVOKED: self._session_revoked,
            CREDENTIAL_CHANGE: self._credential_change,
            DEVICE_COMPLIANCE_CHANGE: self._compliance_change,
            RISK_LEVEL_CHANGE: self._risk_change,
        }

    def apply(self, tx: Writer, source: str, said: SecurityEvent, found: Found) -> Outcome:
        """Let an event have its effect; return what came of it."""
        effect = self._table.get(short_name(said.event))
        return effect(tx, source, said, found) if effect else SignalFault.EVENT

    def _session_revoked(self, tx: Writer, source: str, said: SecurityEvent, found: Found) -> Outcome:
        actor, reason, now = actor_of(source), Reason.CREDENTIAL_REVOKED, self._clock.now()
        user, device = found.user, found.device
        if found.signin is not None:
            signins = int(end_signin(tx, found.signin, actor, reason, now))
            signin_id = found.signin.id
            live = self._order(tx, actor, lambda each: each.signin_id == signin_id)
        elif user is not None and device is not None:
            signins = ending.end_user_on_device(tx, user.id, device.id, actor, reason, now)
            both = (user.id, device.id)
            live = self._order(tx, actor, lambda each: (each.user_id, each.device_id) == both)
        elif device is not None:
            signins, device_id = ending.end_device(tx, device.id, actor, reason, now), device.id
            live = self._order(tx, actor, lambda each: each.device_id == device_id)
        elif user is not None:
            signins, user_id = ending.end_user(tx, user.id, actor, reason, now), user.id
            live = self._order(tx, actor, lambda each: each.user_id == user_id)
        else:
            return SignalFault.SUBJECT
        return f"ended {signins} sign-ins, {live} sessions"

    def _order(self, tx: Writer, actor: str, concerns: Callable[[LiveSession], bool]) -> int:
        live = [each for each in self._board.all() if concerns(each)]
        for session in live:
            self._board.order(tx, session, actor)
        return len(live)

    def _credential_change(self, tx: Writer, source: str, said: SecurityEvent, found: Found) -> Outcome:
        change, kind = said.payload.get("change_type"), said.payload.get("credential_type")
        if change not in CHANGES or not isinstance(kind, str) or not kind.isprintable():
            return SignalFault.MALFORMED
        if found.user is None:
            return SignalFault.SUBJECT
        ended, now = 0, self._clock.now()
        if change in GONE:
            ended = ending.end_grants(tx, found.user.id, actor_of(source), Reason.CREDENTIAL_REVOKED, now)
        return f"{kind[:64]} {change}, ended {ended} grants"

    def _compliance_change(self, tx: Writer, source: str, said: SecurityEvent, found: Found) -> Outcome:
        status = said.payload.get("current_status")
        if not isinstance(status, str) or status not in COMPLIANCE:
            return SignalFault.MALFORMED
        return self._signal(tx, source, said, found, "compliant", COMPLIANCE[status])

    def _risk_change(self, tx: Writer, source: str, said: SecurityEvent, found: Found) -> Outcome:
        level, principal = said.payload.get("current_level"), said.payload.get("principal")
        if level not in LEVELS:
            return SignalFault.MALFORMED
        if principal == "DEVICE":
            return self._signal(tx, source, said, found, "compromised", level == "HIGH")
        if principal == "USER":
            return self._risk(tx, source, said, found.user, str(level).lower())
        return SignalFault.EVENT

    def _signal(self, tx: Writer, source: str, said: SecurityEvent, found: Found, name: str, value: bool) -> Outcome:
        if found.device is None:
            return SignalFault.SUBJECT
        at = min(said.at, self._clock.now())
        heard = self._registry.hear(tx, actor_of(source), found.device.id, {name: value}, source, at)
        return SignalFault.ORDER if heard is None else f"{name}={value}"

    def _risk(self, tx: Writer, source: str, said: SecurityEvent, user: User | None, level: str) -> Outcome:
        """Keep a user's risk where policies see it, and when it was said where none is older than another."""
        if user is None:
            return SignalFault.SUBJECT
        before = user.attributes.get(f"{RISK}_at", "0")
        if before.isdigit() and int(before) > int(said.at):
            return SignalFault.ORDER
        attributes = {**user.attributes, RISK: level, f"{RISK}_at": str(int(said.at))}
        tx.put(replace(user, attributes=attributes))
        tx.note(user_handle(user.id))
        tx.log(
            UserChanged(
                at=self._clock.now(),
                actor=actor_of(source),
                user=user.name,
                user_id=user.id,
                act="risk",
                detail=level,
            )
        )
        return f"{RISK}={level}"


def short_name(event: str) -> str:
    """Return the name of a CAEP event, ``""`` for any other."""
    return event.removeprefix(CAEP) if event.startswith(CAEP) else ""


def actor_of(source: str) -> str:
    """Return who the audit names for what a source says."""
    return f"signal:{source}"
