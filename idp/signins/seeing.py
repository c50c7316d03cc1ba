"""Remembers when a person last did something at a service, where the policy limits idleness. Durable: it decides."""

from dataclasses import replace

from kernel.ports import Writer
from kernel.records.sessions import SignIn

MOST_SERVICES = 200
"""Names kept for one sign-in."""


def see(tx: Writer, signin_id: str, service: str, at: float) -> None:
    """Note that the browser of this sign-in was used for ``service`` at ``at``. Nothing goes back; nothing is made up
    for a sign-in that is gone. No change is noted: being used turns no decision."""
    signin = tx.get(SignIn, signin_id)
    if signin is None or at <= signin.seen.get(service, 0.0):
        return
    if service in signin.seen or len(signin.seen) < MOST_SERVICES:
        tx.put(replace(signin, seen={**signin.seen, service: at}))
