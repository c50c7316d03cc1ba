"""The scenes of a row: every choice out of its lists, put together as facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from kernel.records.devices import Proof
from kernel.records.people import User
from policies.conditions import Scope
from policies.expected.cast import Found, Machine
from policies.expected.choices import Cast, Spot, read_machines, read_services, read_spots, read_users, read_values
from policies.expected.moments import FLAGS, Shown, read_at, read_shown
from policies.facts import Facts
from policies.model import Value
from policies.vocabulary import MAIL_PROGRAMS

SCENE_KEYS = (
    *("user", "groups", "attributes", "service", "device", "proof", "network", "address", "country", "asn", "at"),
    *("factors", "signin_age", *FLAGS),
)
USUAL = dict.fromkeys(("ssh", "ssh-admin"), Proof.SSH_KEY) | dict.fromkeys(MAIL_PROGRAMS, Proof.APP_PASSWORD)
"""The proof that a service gets from a device, unless a row says otherwise; a browser's key elsewhere."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Facts, and in words what was chosen for them."""

    about: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Setting:
    """What all scenes of a row have in common."""

    at: float
    shown: Shown
    asn: Value | None


def read_scenes(row: Found, cast: Cast, scope: Scope) -> Iterator[Scene]:
    """Yield every scene that a row stands for; none after noting what is wrong."""
    before = scope.problems.count
    asn = next(iter(read_values("network", "asn", "asn", row, scope)), None)
    setting = Setting(read_at(row, scope), read_shown(row, scope), asn)
    lists = (
        read_users(row, cast, scope),
        read_services(row, scope),
        read_machines(row, cast, scope),
        read_values("device", "proof", "proof", row, scope),
        read_spots(row, cast, scope),
        read_values("network", "countries", "country", row, scope),
    )
    if scope.problems.count == before:
        for choice in product(*lists):
            yield _scene(setting, *choice)


def _scene(
    setting: Setting,
    user: User,
    service: str,
    named: tuple[str, Machine],
    proof: Value | None,
    spot: Spot,
    country: Value | None,
) -> Scene:
    word, machine = named
    at, shown = setting.at, setting.shown
    device = machine.of(user, at)
    proved = Proof(str(proof)) if proof else USUAL.get(service, Proof.BROWSER_KEY) if device else Proof.NONE
    signed_in = service not in MAIL_PROGRAMS or proved is Proof.TOKEN  # nothing else of theirs stands on a sign-in
    began = shown.began if signed_in else None
    facts = Facts(
        service=service,
        now=at,
        address=spot.address,
        user=user,
        device=device,
        proof=proved,
        factors={factor: at - ago for factor, ago in shown.factors.items()} if signed_in else {},
        signin_at=None if began is None else at - began,
        new_device=shown.flags["new_device"],
        new_country=shown.flags["new_country"],
        impossible_travel=shown.flags["impossible_travel"],
        country=None if country is None else str(country),
        asn=None if setting.asn is None else int(setting.asn),
        anonymous=shown.flags["anonymous"],
    )
    words = (user.name, service, word or machine.trust.value, proved.value, spot.word, facts.country or "")
    return Scene(", ".join(each for each in words if each), facts)
