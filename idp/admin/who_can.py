"""Who could reach a service right now: users and their devices, under a policy.

The best case of each is decided, by the judge itself: every way in which they may come (``ways``), all factors shown
just now, from anywhere, else from each network and country that the policy names. Who is listed could get in now; who
is not could not, wherever they were.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from idp.admin.finding import user
from idp.admin.reach import ANYWHERE
from idp.admin.revisions import asked_for
from idp.admin.ways import Way, ways_of
from kernel.clock import Clock
from kernel.geography import NOWHERE, Geography, Location, Nowhere
from kernel.ports import Reader, Store
from kernel.records.devices import Device, Proof
from kernel.records.people import User
from policies.addresses import RangeIndex
from policies.decide import decide
from policies.facts import Facts
from policies.language import load
from policies.model import Decision, Outcome, Policy

PEOPLE = 20
"""Users who are read, and decided about, at once."""
LOOKED_AT = 2000
"""Users who are looked at for one page at most."""
MOST = 500
"""Rows of one page, about: what belongs to one batch of users stays together."""
PLACES = 50
"""Networks, and countries, of the policy that are tried."""

Person = tuple[User, Sequence[Way]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked. ``services`` to ask about; ``user`` and ``group`` narrow it down; ``address``: where they all are.

    ``text``: under this draft; ``revision``: under that one (0: the one in force). ``after``: from the user after the
    one with this id.
    """

    services: Sequence[str]
    user: str = ""
    group: str = ""
    address: str = ""
    text: str | None = field(default=None, repr=False)
    revision: int = 0
    after: str = ""
    limit: int = 200


@dataclass(frozen=True, slots=True)
class Access:
    """One who could, on one device (None: on any, or none). ``place``: from where; ``""`` when that does not matter."""

    user: User
    device: Device | None
    service: str
    proof: Proof
    place: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the answer; ``after`` leads to the next page, ``""`` when this is the last."""

    rows: Sequence[Access]
    after: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Somewhere to come from; ``name`` as it is told."""

    name: str
    address: str
    location: Location


class WhoCan:
    """The act. ``geography`` None: nothing tells where addresses are."""

    def __init__(self, store: Store, clock: Clock, geography: Geography | None = None) -> None:
        self._store, self._clock, self._geography = store, clock, geography or Nowhere()

    async def page(self, wish: Wish) -> Page:
        """Return who could reach the services, in the order of users.

        Raises:
            Missing: no such user or revision.
            Invalid: the draft has faults.
        """
        policy = await self._policy(wish)
        places = self._places(policy, wish.address)
        rows: list[Access] = []
        after = wish.after
        for _ in range(LOOKED_AT // PEOPLE):
            people = await self._people(wish, after)
            rows += await asyncio.to_thread(self._rows, policy, people, wish.services, places)
            if wish.user or len(people) < PEOPLE:
                return Page(rows, "")
            after = people[-1][0].id
            if len(rows) >= max(1, min(wish.limit, MOST)):
                break
        return Page(rows, after)

    async def _policy(self, wish: Wish) -> Policy:
        if wish.text is not None:
            return await asyncio.to_thread(load, wish.text)
        found = await self._store.read(lambda tx: asked_for(tx, wish.revision))
        return await asyncio.to_thread(load, found.text, found.number)

    async def _people(self, wish: Wish, after: str) -> Sequence[Person]:
        now = self._clock.now()

        def work(tx: Reader) -> Sequence[Person]:
            people = [user(tx, wish.user)] if wish.user else tx.find(User, limit=PEOPLE, after=after)
            return [(each, ways_of(tx, each, now) if _meant(each, wish) else ()) for each in people]

        return await self._store.read(work)

    def _rows(
        self, policy: Policy, people: Sequence[Person], services: Sequence[str], places: Sequence[_Place]
    ) -> list[Access]:
        now = self._clock.now()
        return [
            access
            for person, ways in people
            for service in services
            for access in _access(policy, person, [way for way in ways if way.leads_to(service)], service, places, now)
        ]

    def _places(self, policy: Policy, address: str) -> Sequence[_Place]:
        """Return where to try from: the given address; or else anywhere, then what the policy names."""
        if address:
            return (_Place(address, address, self._geography.locate(address)),)
        inside = ((name, RangeIndex({name: each.ranges}).examples(())) for name, each in policy.networks.items())
        networks = [(name, examples[1]) for name, examples in inside if 1 in examples]
        wanted = (one for rule in policy.rules for one in rule.conditions if one.key == "network.countries")
        countries = sorted({str(value) for one in wanted for value in one.wanted})
        return (
            _Place("", ANYWHERE, NOWHERE),
            *(_Place(name, example, self._geography.locate(example)) for name, example in networks[:PLACES]),
            *(_Place(code, ANYWHERE, Location(country=code, anonymous=False)) for code in countries[:PLACES]),
        )


def _meant(person: User, wish: Wish) -> bool:
    return not person.disabled and (not wish.group or wish.group in person.groups)


def _access(
    policy: Policy, person: User, ways: Sequence[Way], service: str, places: Sequence[_Place], now: float
) -> Iterator[Access]:
    """Yield how a user reaches a service, once for each device: from anywhere, if they can."""
    done: set[str] = set()
    for place in places:
        for way in ways:
            device = way.device.id if way.device else ""
            if device in done:
                continue
            decision = decide(policy, _facts(person, way, service, place, now))
            if decision.outcome is Outcome.ALLOW:
                done.add(device)
                yield Access(person, way.device, service, way.proof, place.name, decision)


def _facts(person: User, way: Way, service: str, place: _Place, now: float) -> Facts:
    """Return the best case. What is new about a sign-in is so once: whoever comes again is not new any more."""
    new = False if way.factors else None
    return Facts(
        service=service,
        now=now,
        address=place.address,
        user=person,
        device=way.device,
        proof=way.proof,
        factors=dict.fromkeys(way.factors, now),
        signin_at=now if way.factors else None,
        new_device=new,
        new_country=new,
        impossible_travel=new,
        country=place.location.country,
        asn=place.location.asn,
        anonymous=place.location.anonymous,
    )
