"""When an office uses its mail: days, hours, places and programs of a month, drawn from a seed. Decides nothing.

The same seed, people and beginning make the same month.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from gatepost.demo.office import NETWORKS, ZONE, Place, Worker
from kernel.records.devices import Proof

DAY, HOUR = 86400.0, 3600.0
WEEKEND = (5, 6)
QUIET = 0.08
"""How busy a day of the weekend is, beside a working day."""

WORKING_HOURS = (
    *(0.2, 0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.8, 4.5, 9.0, 8.0, 7.0),
    *(5.0, 8.0, 8.0, 7.5, 7.0, 6.0, 4.0, 2.6, 1.8, 1.2, 0.8, 0.4),
)
"""How busy each hour of the day is."""

MIX = {
    "imap": 56.0,
    "submission": 15.0,
    "webmail": 13.0,
    "portal": 6.0,
    "client:demo": 8.0,
    "console": 2.0,
}
BROWSERS = frozenset({"webmail", "portal", "client:demo", "console"})
PROGRAMS = {"laptop": "Thunderbird", "phone": "Mail", "": "a browser"}


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a service. ``machine`` is ``laptop``, ``phone``, or ``""`` for one that nobody registered.

    ``signed_in`` is when the sign-in behind a browser began, 0.0 for a mail program. ``whole``: all factors were shown
    there, not the password alone.
    """

    at: float
    worker: int
    service: str
    place: Place
    address: str
    machine: str
    proof: Proof
    signed_in: float = 0.0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One person's day: where they work, when they sign in, and the host number of their addresses."""

    place: Place
    signs_in: float
    host: int


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the office's clock, or what of it lies in the month, and how busy it is."""

    begins: float
    seconds: float
    weight: float


class Month:
    """``decisions`` uses in ``days`` days that begin at ``start`` (seconds since 1970), in order of time."""

    def __init__(self, seed: int, people: Sequence[Worker], start: float, days: int, decisions: int) -> None:
        self._chance = Random(f"office {seed}")  # noqa: S311 - an invented month, no secret
        self._people, self._decisions = people, decisions
        self._dates = _dates(start, start + days * DAY)

    def uses(self) -> Iterator[Use]:
        """Yield every use, day by day."""
        for (midnight, cells), count in zip(self._dates.items(), self._shares(), strict=True):
            plans = [self._plan(midnight, nth) for nth in range(len(self._people))]
            drawn = self._chance.choices(cells, [cell.weight for cell in cells], k=count)
            moments = sorted(cell.begins + cell.seconds * self._chance.random() for cell in drawn)
            yield from (self._use(at, plans) for at in moments)

    def _shares(self) -> list[int]:
        """Return how many uses each date has; together exactly as many as were asked for."""
        weights = [sum(cell.weight for cell in cells) for cells in self._dates.values()]
        parts = [self._decisions * weight / sum(weights) for weight in weights]
        shares = [int(part) for part in parts]
        by_rest = sorted(range(len(parts)), key=lambda date: shares[date] - parts[date])
        for date in by_rest[: self._decisions - sum(shares)]:
            shares[date] += 1
        return shares

    def _plan(self, midnight: float, worker: int) -> Whereabouts:
        (place,) = self._chance.choices((Place.OFFICE, Place.HOME, Place.ABROAD), (66.0, 31.0, 3.0))
        signs_in = midnight + (8 + 2 * self._chance.random()) * HOUR
        return Whereabouts(place, signs_in, 10 + worker * 3 + self._chance.randrange(3))

    def _use(self, at: float, plans: Sequence[Whereabouts]) -> Use:
        chance, people = self._chance, self._people
        (worker,) = chance.choices(range(len(people)), [person.busy for person in people])
        (service,) = chance.choices(tuple(MIX), tuple(MIX.values()))
        person, plan = people[worker], plans[worker]
        if service == "console" and not person.admin and chance.random() < 0.95:
            service = "webmail"
        if person.contractor and service in ("imap", "submission") and chance.random() < 0.9:
            service = "webmail"
        machine, proof = self._machine(person, service)
        place = self._place(plan, machine, at)
        network = NETWORKS[place][0]
        address = str(network[1 + plan.host % (network.num_addresses - 2)])
        if service not in BROWSERS:
            return Use(at, worker, service, place, address, machine, proof)
        since = at - plan.signs_in
        signed_in = plan.signs_in if 0 <= since < 12 * HOUR else at - 60 * chance.random()
        return Use(at, worker, service, place, address, machine, proof, signed_in, chance.random() > 0.04)

    def _machine(self, person: Worker, service: str) -> tuple[str, Proof]:
        chance = self._chance
        if service in BROWSERS:
            return ("laptop", Proof.BROWSER_KEY) if chance.random() > 0.07 else ("", Proof.NONE)
        if person.phone is not None and chance.random() < 0.45:
            return "phone", Proof.APP_PASSWORD
        return "laptop", Proof.CERTIFICATE if chance.random() < 0.25 else Proof.APP_PASSWORD

    def _place(self, plan: Whereabouts, machine: str, at: float) -> Place:
        hour = (at + ZONE) % DAY // HOUR
        if plan.place is not Place.ABROAD and not 8 <= hour < 19:
            return Place.MOBILE if machine == "phone" else Place.HOME
        if machine == "phone" and plan.place is not Place.ABROAD and self._chance.random() < 0.3:
            return Place.MOBILE
        return plan.place


def _dates(start: float, end: float) -> dict[float, list[Cell]]:
    """Return the hours between two moments, by the midnight before them on the office's clock."""
    dates: dict[float, list[Cell]] = {}
    hour = start // HOUR * HOUR
    while hour < end:
        midnight = (hour + ZONE) // DAY * DAY - ZONE
        begins, ends = max(hour, start), min(hour + HOUR, end)
        weekday = int((hour + ZONE) // DAY + 3) % 7
        busy = WORKING_HOURS[int((hour - midnight) // HOUR)] * (QUIET if weekday in WEEKEND else 1.0)
        dates.setdefault(midnight, []).append(Cell(begins, ends - begins, busy * (ends - begins) / HOUR))
        hour += HOUR
    return dates
