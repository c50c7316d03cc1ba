"""Whether any admin could still open the console under a draft policy: what keeps a publish from locking everybody out.

For every enabled user and each of their devices the best case is tried: the factors they really have, shown just now,
every proof that the device's keys give, from anywhere and from each network the policy names, now and at each later
moment at which the decision itself says it would turn.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from idp.admin.finding import every
from kernel.ports import Reader
from kernel.records.credentials import Password, TotpFactor
from kernel.records.devices import Device, DeviceKey, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor
from policies.decide import decide
from policies.facts import Facts
from policies.model import Outcome, Policy

CONSOLE = "console"
TURNS = 24
ANYWHERE = "198.18.0.1"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user, one of their devices (or none) and what they can show at best."""

    user: User
    device: Device | None
    proofs: Sequence[Proof]
    factors: Sequence[Factor]


def candidates(tx: Reader) -> Sequence[Candidate]:
    """Return everybody who might open the console, once per device and once without one."""
    return [each for person in every(tx, User) if not person.disabled for each in _of(tx, person)]


def reaches(policy: Policy, who: Sequence[Candidate], now: float, address: str = "") -> str:
    """Return the name of the first user for whom ``policy`` opens the console, or ``""`` when it opens for nobody.

    ``address`` is where the asking admin is, tried first.
    """
    places = list(dict.fromkeys([address or ANYWHERE, ANYWHERE, *named_addresses(policy)]))
    for candidate in who:
        for facts in _facts(candidate, places, now):
            if opens(policy, facts):
                return candidate.user.name
    return ""


def opens(policy: Policy, facts: Facts) -> bool:
    """Return whether these facts are allowed in, now or after one of the next ``TURNS`` turns of the decision."""
    for _ in range(TURNS):
        decision = decide(policy, facts)
        if decision.outcome is Outcome.ALLOW:
            return True
        if not math.isfinite(decision.valid_until) or decision.valid_until <= facts.now:
            return False
        facts = _later(facts, decision.valid_until)
    return False


def named_addresses(policy: Policy) -> Iterator[str]:
    """Yield one address out of every network that the policy names."""
    for network in policy.networks.values():
        for each in network.ranges:
            yield str(each.network_address)


def best_factors(tx: Reader, person: User) -> Sequence[Factor]:
    """Return the factors that a user has set up."""
    totp = tx.get(TotpFactor, person.id)
    has = {
        Factor.PASSWORD: tx.get(Password, person.id) is not None,
        Factor.TOTP: totp is not None and totp.confirmed,
    }
    return [factor for factor, present in has.items() if present]


def _later(facts: Facts, at: float) -> Facts:
    """The same person at a later moment, having just signed in again."""
    return replace(facts, now=at, factors=dict.fromkeys(facts.factors, at), signin_at=at)


def _of(tx: Reader, person: User) -> Iterator[Candidate]:
    factors = best_factors(tx, person)
    if not factors:
        return
    yield Candidate(person, None, (Proof.NONE,), factors)
    for device in every(tx, Device, owner=person.id):
        keys: Mapping[Proof, None] = {
            key.proof: None for key in every(tx, DeviceKey, device_id=device.id) if not key.revoked
        }
        yield Candidate(person, device, (*keys,) or (Proof.NONE,), factors)


def _facts(who: Candidate, places: Sequence[str], now: float) -> Iterator[Facts]:
    for proof in who.proofs:
        for address in places:
            yield Facts(
                service=CONSOLE,
                now=now,
                address=address,
                user=who.user,
                device=who.device,
                proof=proof,
                factors=dict.fromkeys(who.factors, now),
                signin_at=now,
                new_device=False,
            )
