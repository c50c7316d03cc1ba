"""The life of a grant: every token stands on one, and dies with it. It ends here when tokens are misused or given back.

(When a sign-in ends, ``idp.signins.ending`` ends its grants.)
"""

import dataclasses

from kernel.audit import GrantChanged
from kernel.ports import Reader, Writer
from kernel.records.changes import grant_handle
from kernel.records.devices import OUT, Device
from kernel.records.people import User
from kernel.records.sessions import Grant, SignIn

OFFLINE = "offline_access"


def living(tx: Reader, grant_id: str, now: float) -> Grant | None:
    """Return the grant unless it ended, expired, or stood on a sign-in (without ``offline_access``) that is over."""
    grant = tx.get(Grant, grant_id) if grant_id else None
    if grant is None or grant.ended_at or grant.expires_at <= now:
        return None
    if OFFLINE not in grant.scope.split() and not signed_in(tx, grant.signin_id, now):
        return None
    return grant


def signed_in(tx: Reader, signin_id: str, now: float) -> SignIn | None:
    """Return the sign-in while it lasts."""
    signin = tx.get(SignIn, signin_id) if signin_id else None
    return signin if signin is not None and not signin.ended_at and signin.expires_at > now else None


def person_behind(tx: Reader, user_id: str, device_id: str) -> User | None:
    """Return the user unless disabled, gone, or on a device that is lost, revoked, expired or gone."""
    user = tx.get(User, user_id)
    if user is None or user.disabled:
        return None
    device = tx.get(Device, device_id) if device_id else None
    barred = device_id and (device is None or device.trust in OUT)
    return None if barred else user


def end_grant(tx: Writer, grant: Grant, *, act: str, actor: str, now: float, detail: str = "") -> None:
    """End a grant and with it all of its tokens: change and audit in this transaction. Does nothing when it is over."""
    if grant.ended_at:
        return
    tx.put(dataclasses.replace(grant, ended_at=now))
    tx.note(grant_handle(grant.id))
    log_grant(tx, grant, act=act, actor=actor, now=now, detail=detail)


def log_grant(tx: Writer, grant: Grant, *, act: str, actor: str, now: float, detail: str = "") -> None:
    """Audit an act on a grant."""
    user = tx.get(User, grant.user_id)
    tx.log(
        GrantChanged(
            at=now,
            actor=actor,
            user=user.name if user else "",
            user_id=grant.user_id,
            device_id=grant.device_id,
            act=act,
            grant_id=grant.id,
            client_id=grant.client_id,
            detail=detail,
        )
    )
