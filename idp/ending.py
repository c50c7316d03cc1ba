"""What ends with a user or a device: every sign-in, and every grant of tokens, those for offline use too.

Owns that all of it ends in the caller's own transaction. App passwords and certificates stay: the device's trust, or
the user's being disabled, decides over them.
"""

from collections.abc import Iterator
from typing import TypeVar

from idp.oidc.grants import end_grant
from idp.signins.ending import end_signin
from kernel.ports import Reader, Writer
from kernel.reasons import Reason
from kernel.records.sessions import Grant, SignIn

R = TypeVar("R", SignIn, Grant)
_PAGE = 500


def end_user(tx: Writer, user_id: str, actor: str, reason: Reason, now: float) -> None:
    """End every sign-in and grant of a user."""
    _end(tx, "user_id", user_id, actor, reason, now)


def end_device(tx: Writer, device_id: str, actor: str, reason: Reason, now: float) -> None:
    """End every sign-in and grant that stands on a device."""
    _end(tx, "device_id", device_id, actor, reason, now)


def _end(tx: Writer, field: str, value: str, actor: str, reason: Reason, now: float) -> None:
    for signin in list(_every(tx, SignIn, field, value)):
        end_signin(tx, signin, actor, reason, now)
    for grant in list(_every(tx, Grant, field, value)):
        end_grant(tx, grant, act="ended", actor=actor, now=now, detail=reason)


def _every(tx: Reader, kind: type[R], field: str, value: str) -> Iterator[R]:
    after = ""
    while page := tx.find(kind, after=after, limit=_PAGE, **{field: value}):
        yield from page
        after = page[-1].id
