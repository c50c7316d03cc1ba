"""What a yes leaves on the credential that asked: which record it stands on, and what of it still counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from kernel.ports import Reader, Writer
from kernel.records.approvals import Approval, Approved
from kernel.records.changes import credential_handle, grant_handle
from kernel.records.credentials import AppPassword
from kernel.records.devices import DeviceKey
from kernel.records.sessions import Grant

MOST: Final = 8
"""Networks that one credential is remembered from; the newest count."""

LONGEST: Final = 30 * 86400.0
"""Seconds for which a yes is remembered where the rule names no time."""

Ground = AppPassword | DeviceKey | Grant


def ground(tx: Reader, approval: Approval) -> Ground | None:
    """Return the record that the asking credential is; None when it is gone."""
    if approval.credential_id:
        return tx.get(AppPassword, approval.credential_id) or tx.get(DeviceKey, approval.credential_id)
    return tx.get(Grant, approval.grant_id) if approval.grant_id else None


def remember(tx: Writer, approval: Approval, shown: Mapping[str, float], now: float) -> bool:
    """Write down that the person said yes; False when the credential is gone. The rule's own ``within`` is kept by
    whoever judges; here is only how long there is something to judge."""
    found = ground(tx, approval)
    if found is None:
        return False
    until = now + (LONGEST if approval.within is None else approval.within)
    others = [each for each in found.approved if each.zone != approval.zone and each.until > now]
    tx.put(replace(found, approved=(*others, Approved(approval.zone, dict(shown), until))[-MOST:]))
    tx.note(credential_handle(approval.credential_id) if approval.credential_id else grant_handle(approval.grant_id))
    return True
