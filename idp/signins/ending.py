"""The one doorway through which a sign-in ends, whoever ends it: its grants, its route cookies, its clients' word.

Grants with ``offline_access`` outlive the sign-in, because the person gave them for that; ending a user or a device
ends those too, by their own doorway (``idp.oidc.grants``).
"""

from collections.abc import Iterator
from dataclasses import replace

from idp.oidc.grants import OFFLINE, end_grant
from kernel.audit import SignedIn
from kernel.paging import every
from kernel.ports import Reader, Writer
from kernel.records.changes import signin_handle
from kernel.records.oidc import LogoutNotice, OidcClient
from kernel.records.people import User
from kernel.records.sessions import Grant, RouteCookie, SignIn


def end_signin(tx: Writer, signin: SignIn, actor: str, reason: str, now: float) -> bool:
    """End it in this transaction; return False when it was over already.

    Every client that got a grant and wants to know (``backchannel_logout_uri``) gets one LogoutNotice, due now.
    """
    present = tx.get(SignIn, signin.id)
    if present is None or present.ended_at:
        return False
    tx.put(replace(present, ended_at=now))
    tx.note(signin_handle(present.id))
    _log(tx, present, actor, reason, now)
    for client_id in dict.fromkeys(_end_grants(tx, present, actor, reason, now)):
        _notify(tx, present, client_id, now)
    for cookie in list(every(tx, RouteCookie, signin_id=present.id)):
        tx.take(RouteCookie, cookie.digest)
    return True


def grants_of(tx: Reader, signin_id: str) -> Iterator[Grant]:
    """Yield every grant that was given in a sign-in."""
    return every(tx, Grant, signin_id=signin_id)


def _end_grants(tx: Writer, signin: SignIn, actor: str, reason: str, now: float) -> Iterator[str]:
    for grant in grants_of(tx, signin.id):
        if OFFLINE not in grant.scope.split():
            end_grant(tx, grant, act="ended", actor=actor, now=now, detail=f"sign-in over: {reason}")
        yield grant.client_id


def _notify(tx: Writer, signin: SignIn, client_id: str, now: float) -> None:
    client = tx.get(OidcClient, client_id)
    if client is not None and client.backchannel_logout_uri:
        notice_id = f"{signin.id}:{client_id}"
        tx.put(LogoutNotice(notice_id, client_id, client.backchannel_logout_uri, signin.user_id, signin.id, now))


def _log(tx: Writer, signin: SignIn, actor: str, reason: str, now: float) -> None:
    user = tx.get(User, signin.user_id)
    tx.log(
        SignedIn(
            at=now,
            actor=actor,
            user=user.name if user else "",
            user_id=signin.user_id,
            device_id=signin.device_id,
            address=signin.address,
            signin_id=signin.id,
            step=f"ended:{reason}",
            factors=tuple(signin.factors),
        )
    )
