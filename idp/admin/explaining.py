"""Asking the policy a question without opening a door: this user, device, service, address and time - what, and why?"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from idp.admin.finding import device, every, user
from idp.admin.reach import best_factors
from idp.admin.refusals import refused
from idp.admin.revisions import newest, numbered
from idp.signins.history import FAST, impossible_travel, new_country, new_device, seeded, spot_of
from kernel.clock import Clock
from kernel.geography import Geography, Nowhere
from kernel.ports import Reader, Store
from kernel.records.devices import Device, DeviceKey, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor, PastSignIns
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Decision


@dataclass(frozen=True, slots=True)
class Question:
    """What to explain. ``text`` asks a draft, ``revision`` an earlier one (0: the one in force).

    ``proof`` and ``factors`` None mean the best that user and device have; ``at`` None means now.
    """

    service: str
    user: str = ""
    device: str = ""
    address: str = ""
    at: float | None = None
    proof: str | None = None
    factors: Sequence[str] | None = None
    text: str | None = field(default=None, repr=False)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer, with the facts that it was made from."""

    decision: Decision
    facts: Facts


@dataclass(frozen=True, slots=True)
class _Found:
    user: User | None
    device: Device | None
    proofs: Sequence[Proof]
    factors: Sequence[Factor]
    past: PastSignIns
    text: str
    revision: int


BEST_PROOFS: Mapping[str, Sequence[Proof]] = {
    "portal": (Proof.BROWSER_KEY, Proof.CERTIFICATE),
    "console": (Proof.BROWSER_KEY, Proof.CERTIFICATE),
    "": (Proof.CERTIFICATE, Proof.BROWSER_KEY, Proof.APP_PASSWORD),
}
"""Which proof a session of a service would most likely bring, of those its device has."""


class Explaining:
    """The act of explaining. ``geography`` None: nothing tells where addresses are. ``speed``: how fast people travel
    (km/h)."""

    def __init__(self, store: Store, clock: Clock, geography: Geography | None = None, speed: float = FAST) -> None:
        self._store, self._clock, self._geography, self._speed = store, clock, geography or Nowhere(), speed

    async def explain(self, question: Question) -> Explanation:
        """Return decision and trace.

        Raises:
            Missing: no such user, device or revision.
            Invalid: the draft has faults.
            Refused: an address, proof or factor that is none, or no policy yet.
        """
        _sensible(question)
        found = await self._store.read(lambda tx: _look_up(tx, question))
        facts = self._facts(question, found)
        policy = load(found.text, found.revision)
        return Explanation(decide(policy, facts, trace=True), facts)

    def _facts(self, question: Question, found: _Found) -> Facts:
        at = self._clock.now() if question.at is None else question.at
        factors = found.factors if question.factors is None else [Factor(each) for each in question.factors]
        proof = _best(question.service, found.proofs) if question.proof is None else Proof(question.proof)
        location = self._geography.locate(question.address)
        return Facts(
            service=question.service,
            now=at,
            address=question.address,
            user=found.user,
            device=found.device,
            proof=proof,
            factors=dict.fromkeys(factors, at),
            signin_at=at if factors else None,
            new_device=_new_device(found) if factors else None,
            new_country=new_country(found.past, location.country) if factors else None,
            impossible_travel=impossible_travel(found.past, spot_of(location, at), self._speed) if factors else None,
            country=location.country,
            asn=location.asn,
            anonymous=location.anonymous,
        )


def _sensible(question: Question) -> None:
    if not question.service:
        raise refused("no-service")
    if question.address:
        try:
            ipaddress.ip_address(question.address)
        except ValueError:
            raise refused("no-address", text=question.address) from None
    if question.proof is not None and question.proof not in list(Proof):
        raise refused("no-proof", text=question.proof, known=", ".join(Proof))
    for factor in question.factors or ():
        if factor not in list(Factor):
            raise refused("no-factor", text=factor, known=", ".join(Factor))


def _look_up(tx: Reader, question: Question) -> _Found:
    person = user(tx, question.user) if question.user else None
    machine = device(tx, question.device) if question.device else None
    proofs = [key.proof for key in every(tx, DeviceKey, device_id=machine.id) if not key.revoked] if machine else []
    factors = best_factors(tx, person) if person else []
    past = _past(tx, person) if person else PastSignIns("")
    if question.text is not None:
        return _Found(person, machine, proofs, factors, past, question.text, 0)
    revision = numbered(tx, question.revision) if question.revision else newest(tx)
    if revision is None:
        raise refused("no-policy")
    return _Found(person, machine, proofs, factors, past, revision.text, revision.number)


def _past(tx: Reader, person: User) -> PastSignIns:
    return tx.get(PastSignIns, person.id) or seeded(person.id, every(tx, Device, owner=person.id))


def _new_device(found: _Found) -> bool | None:
    return None if found.device is None else new_device(found.past, found.device.id, "")


def _best(service: str, has: Sequence[Proof]) -> Proof:
    order = BEST_PROOFS.get(service, BEST_PROOFS[""])
    return next((proof for proof in order if proof in has), Proof.NONE)
