"""Keeps what sign-ins came from (``history``): read when one begins, added to when the policy lets one in."""

from dataclasses import replace

from idp.signins.history import learnt, seeded
from kernel.paging import every
from kernel.ports import Writer
from kernel.records.devices import Device
from kernel.records.sessions import PastSignIns, SignIn


def past_of(tx: Writer, user_id: str) -> PastSignIns:
    """Return what a user's earlier sign-ins came from; begins the record of somebody who has none."""
    past = tx.get(PastSignIns, user_id)
    if past is None:
        past = seeded(user_id, list(every(tx, Device, owner=user_id)))
        tx.put(past)
    return past


def learn(tx: Writer, judged: SignIn, now: float) -> None:
    """Make what a sign-in came from familiar, from the next one on; not a device on which it was not judged. No change
    is noted: it turns no decision."""
    signin = tx.get(SignIn, judged.id)
    if signin is not None and not signin.learnt and signin.device_id == judged.device_id:
        tx.put(learnt(past_of(tx, signin.user_id), signin, now))
        tx.put(replace(signin, learnt=True))
