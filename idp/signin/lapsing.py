"""How long a browser's proof of its device counts on our own pages. Pure.

A cookie can be stolen, a key that cannot be exported cannot. So a sign-in stands on its device only while the key
answers (the heartbeat of an open page sees to that), or while the very connection shows the certificate. Otherwise it
is judged as a browser without a device, until the key has answered again.
"""

from dataclasses import replace
from typing import Final

from kernel.authority import Subject
from kernel.records.devices import Proof
from kernel.records.sessions import SignIn

PROVE_EVERY: Final = 600.0
PROVE_WITHIN: Final = 3600.0
"""Seconds: a page load wants a proof as young as the first, anything else one as young as the second. They are the
defaults of web routes (``kernel.config.settings.Route``)."""


def lapsed(signin: SignIn, shown_device: str, navigates: bool, now: float) -> bool:
    """Say whether the proof counts no longer. ``shown_device``: whose certificate this very connection has shown."""
    if signin.proof is Proof.CERTIFICATE:
        return signin.device_id != shown_device
    if signin.proof is not Proof.BROWSER_KEY:
        return False
    return now - signin.proved_at > (PROVE_EVERY if navigates else PROVE_WITHIN)


def without_device(signin: SignIn) -> SignIn:
    """Return the sign-in as that of a browser that has proved no device."""
    return replace(signin, device_id="", proof=Proof.NONE)


def as_counted(subject: Subject, signin: SignIn) -> Subject:
    """Return the facts with the device that ``signin`` counts with, which may be none."""
    if signin.proof is not Proof.NONE or subject.key.proof is Proof.NONE:
        return subject
    bare = without_device(subject.signin) if subject.signin else None
    return replace(subject, key=replace(subject.key, device_id="", proof=Proof.NONE), device=None, signin=bare)
