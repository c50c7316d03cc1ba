"""What ends with a user or a device: every sign-in, and every grant of tokens, those for offline use too.

Owns that all of it ends in the caller's own transaction. App passwords and certificates stay: the device's trust, or
the user's being disabled, decides over them.
"""

from idp.oidc.grants import end_grant
from idp.signins.ending import end_signin
from kernel.paging import every
from kernel.ports import Writer
from kernel.reasons import Reason
from kernel.records.sessions import Grant, SignIn


def end_user(tx: Writer, user_id: str, actor: str, reason: Reason, now: float) -> int:
    """End every sign-in and grant of a user; return how many sign-ins were alive."""
    return _end(tx, actor, reason, now, user_id=user_id)


def end_device(tx: Writer, device_id: str, actor: str, reason: Reason, now: float) -> int:
    """End every sign-in and grant that stands on a device; return how many sign-ins were alive."""
    return _end(tx, actor, reason, now, device_id=device_id)


def _end(tx: Writer, actor: str, reason: Reason, now: float, **equals: str) -> int:
    ended = sum(end_signin(tx, signin, actor, reason, now) for signin in list(every(tx, SignIn, **equals)))
    for grant in list(every(tx, Grant, **equals)):
        end_grant(tx, grant, act="ended", actor=actor, now=now, detail=reason)
    return ended
