"""Who could still open the console under a policy: what keeps a publish from locking every admin out.

For every enabled user whom a rule about the console may mean, each of their devices is tried: with the factors they
really have, shown just now, with every proof that the device's keys give, and from the addresses that they have really
used; now, and at each later moment at which the decision itself says that it would turn. Only of somebody who never
came, any address is believed, and one out of each network that the policy names.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from idp.admin.finding import every
from kernel.audit import Decided, SignedIn
from kernel.geography import Geography
from kernel.ports import Reader
from kernel.records.credentials import Password, TotpFactor
from kernel.records.devices import Device, DeviceKey, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor, SignIn
from policies.addresses import RangeIndex
from policies.decide import decide
from policies.facts import Facts
from policies.model import Condition, Outcome, Policy, Truth
from policies.trace import judged

CONSOLE = "console"
TURNS = 24
ANYWHERE = "198.18.0.1"
REMEMBERED = 200
"""How many of a user's newest audit entries of a kind are looked through for addresses."""
DEVICES = 1000
NO_NETWORKS = RangeIndex({})


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody could open the console: who, on which device (``""``: any), from where, from when on."""

    user: str
    device: str
    device_id: str
    address: str
    at: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a ``policy`` at a moment. ``here`` maps user names to where they are now: who asks, that is."""

    policy: Policy
    now: float
    here: dict[str, str]
    geography: Geography


def ways_in(tx: Reader, question: Question, enough: int = 1) -> Sequence[Way]:
    """Return a way for each of the first ``enough`` users for whom the policy opens the console; fewer when there are
    fewer."""
    doors = _doors(question)
    people = (each for each in every(tx, User) if not each.disabled and _meant(question, each, doors))
    ways = (_way(tx, question, person) for person in people)
    return list(islice((way for way in ways if way is not None), enough))


def best_factors(tx: Reader, person: User) -> Sequence[Factor]:
    """Return the factors that a user has set up."""
    totp = tx.get(TotpFactor, person.id)
    has = {
        Factor.PASSWORD: tx.get(Password, person.id) is not None,
        Factor.TOTP: totp is not None and totp.confirmed,
    }
    return [factor for factor, present in has.items() if present]


def _doors(question: Question) -> list[list[Condition]]:
    """Return what each allow that may be about the console says of people."""
    nobody = Facts(CONSOLE, question.now)
    allows = (rule.conditions for rule in question.policy.rules if rule.outcome is Outcome.ALLOW)
    return [
        [each for each in conditions if each.key.startswith("who.")]
        for conditions in allows
        if _all_hold((each for each in conditions if each.key == "service"), nobody)
    ]


def _meant(question: Question, person: User, doors: Sequence[Iterable[Condition]]) -> bool:
    """Return whether an allow for the console may mean this person."""
    facts = Facts(CONSOLE, question.now, user=person)
    return any(_all_hold(conditions, facts) for conditions in doors)


def _all_hold(conditions: Iterable[Condition], facts: Facts) -> bool:
    """Return whether conditions, none of them about networks, hold."""
    return all(judged(each, facts, NO_NETWORKS).truth is Truth.HELD for each in conditions)


def _way(tx: Reader, question: Question, person: User) -> Way | None:
    factors = best_factors(tx, person)
    places = _places(tx, question, person) if factors else ()
    for device, proof in devices_of(tx, person, question.now) if factors else ():
        for address in places:
            at = _opens(question, _facts(question, person, device, proof, factors, address))
            if at is not None:
                return Way(person.name, device.name if device else "", device.id if device else "", address, at)
    return None


def _opens(question: Question, facts: Facts) -> float | None:
    """Return when these facts are let in: now, or after one of the next ``TURNS`` turns of the decision."""
    for _ in range(TURNS):
        decision = decide(question.policy, facts)
        if decision.outcome is Outcome.ALLOW:
            return facts.now
        if not math.isfinite(decision.valid_until) or decision.valid_until <= facts.now:
            return None
        facts = _later(facts, decision.valid_until)
    return None


def _later(facts: Facts, at: float) -> Facts:
    """The same person at a later moment, having just signed in again."""
    return replace(facts, now=at, factors=dict.fromkeys(facts.factors, at), signin_at=at)


def devices_of(tx: Reader, person: User, now: float) -> Iterator[tuple[Device | None, Proof]]:
    """Yield no device, then each that is theirs or everybody's, with each proof that its keys can give."""
    yield None, Proof.NONE
    for owner in (person.id, ""):
        for device in islice(every(tx, Device, owner=owner), DEVICES):
            keys = [key for key in every(tx, DeviceKey, device_id=device.id) if _good(key, now)]
            for proof in dict.fromkeys(key.proof for key in keys) or (Proof.NONE,):
                yield device, proof


def _good(key: DeviceKey, now: float) -> bool:
    return not key.revoked and not 0.0 < key.not_after <= now


def _places(tx: Reader, question: Question, person: User) -> Sequence[str]:
    """Return the addresses from which a person has come; of who never came, any, and one of each named network."""
    here = question.here.get(person.name, "")
    signins = [each.address for each in every(tx, SignIn, user_id=person.id)]
    told = [
        str(entry.fields.get("address", ""))
        for kind in (SignedIn.kind, Decided.kind)
        for entry in tx.audit_search(user=person.name, kind=kind, limit=REMEMBERED)
        if entry.fields.get("outcome") != "deny"
    ]
    used = [address for address in dict.fromkeys([here, *signins, *told]) if address]
    return used or [ANYWHERE, *_named_addresses(question.policy)]


def _named_addresses(policy: Policy) -> Iterator[str]:
    """Yield one address out of every range that the policy names."""
    for network in policy.networks.values():
        for each in network.ranges:
            yield str(each.network_address)


def _facts(
    question: Question, person: User, device: Device | None, proof: Proof, factors: Sequence[Factor], address: str
) -> Facts:
    """Return the best case. What is new about a sign-in is so once: whoever comes again is not new any more."""
    location = question.geography.locate(address)
    return Facts(
        service=CONSOLE,
        now=question.now,
        address=address,
        user=person,
        device=device,
        proof=proof,
        factors=dict.fromkeys(factors, question.now),
        signin_at=question.now,
        new_device=False,
        new_country=False,
        impossible_travel=False,
        country=location.country,
        asn=location.asn,
        anonymous=location.anonymous,
    )
