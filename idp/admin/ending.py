"""Ending all that a user, or a device, may still use without proving themselves again: sign-ins and grants of tokens.

App passwords stay: they belong to the device, and the device's trust decides over them.
"""

from idp.admin.finding import every
from idp.oidc.grants import end_grant
from idp.signins.ending import end_signin
from kernel.ports import Writer
from kernel.reasons import Reason
from kernel.records.sessions import Grant, SignIn


def end_all(tx: Writer, actor: str, now: float, *, user_id: str = "", device_id: str = "") -> int:
    """End every sign-in and grant of a user or of a device in this transaction; return how many sign-ins were alive."""
    equals = {"user_id": user_id} if user_id else {"device_id": device_id}
    signins = [each for each in every(tx, SignIn, **equals) if not each.ended_at]
    ended = sum(end_signin(tx, signin, actor, Reason.ENDED_BY_ADMIN, now) for signin in signins)
    for grant in list(every(tx, Grant, **equals)):
        present = tx.get(Grant, grant.id)
        if present is not None and not present.ended_at:
            end_grant(tx, present, act="ended", actor=actor, now=now, detail="by an admin")
    return ended
