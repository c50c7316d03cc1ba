"""In which ways a person may come to a service, with the devices and credentials that they really have.

Browsers come with a sign-in, on a device with a key or on any; mail programs with an app password of its own device, a
certificate alone, or an access token that carries the sign-in's factors.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idp.admin.finding import every
from idp.admin.reach import best_factors, devices_of
from kernel.ports import Reader
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.vocabulary import MAIL_PROGRAMS


@dataclass(frozen=True, slots=True)
class Way:
    """On which device, proved how, and with which factors: none where there is no sign-in. ``programs``: the services
    of mail programs that this opens; None: it is a browser, and opens all others."""

    device: Device | None
    proof: Proof
    factors: Sequence[Factor] = ()
    programs: frozenset[str] | None = None

    def leads_to(self, service: str) -> bool:
        """Return whether somebody can come to a service so."""
        if self.programs is None:
            return service not in MAIL_PROGRAMS
        return service in self.programs


def ways_of(tx: Reader, person: User, now: float) -> Sequence[Way]:
    """Return every way in which this person may come, at their best: with all factors that they have set up."""
    return [*_app_passwords(tx, person), *_with_devices(tx, person, now)]


def _app_passwords(tx: Reader, person: User) -> Iterator[Way]:
    for each in every(tx, AppPassword, user_id=person.id):
        device = tx.get(Device, each.device_id) if each.device_id else None
        if not each.revoked and (device is None) == (not each.device_id):
            yield Way(device, Proof.APP_PASSWORD, (), each.services)


def _with_devices(tx: Reader, person: User, now: float) -> Iterator[Way]:
    factors = best_factors(tx, person)
    tokens: set[str] = set()
    for device, proof in devices_of(tx, person, now):
        name = device.id if device else ""
        if proof is Proof.CERTIFICATE and device is not None and device.owner == person.id:
            yield Way(device, proof, (), MAIL_PROGRAMS)
        if factors and name not in tokens:
            tokens.add(name)
            yield Way(device, Proof.TOKEN, factors, MAIL_PROGRAMS)
        if factors:
            yield Way(device, proof, factors)
