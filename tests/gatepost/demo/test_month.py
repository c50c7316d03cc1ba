"""The invented month: as many uses as asked for, in order, the same from the same seed, and like an office."""

from collections import Counter
from ipaddress import ip_address

from gatepost.demo.month import BROWSERS, MIX, Month, Use
from gatepost.demo.office import NETWORKS, ZONE, OfficeGeography, Place, Worker
from kernel.geography import NOWHERE
from kernel.records.devices import Device, Proof, Trust
from kernel.records.people import User

START = 1_788_188_400.0
"""Midnight of a Tuesday in Tokyo, 2026-09-01."""


def worker(name: str, **more: bool) -> Worker:
    user = User(f"u_{name}", name, f"{name}@example.com")
    laptop, phone = (
        Device(f"d_{name}_{kind}", f"{name}-{kind}", user.id, Trust.MANAGED) for kind in ("laptop", "phone")
    )
    return Worker(user, laptop, phone if name != "ben" else None, 1.0, **more)


PEOPLE = [worker("anna", admin=True), worker("ben"), worker("carol", contractor=True)]


def month(seed: int = 1, decisions: int = 3000) -> list[Use]:
    return list(Month(seed, PEOPLE, START, 28, decisions).uses())


def test_it_has_just_so_many_uses_in_order_of_time() -> None:
    uses = month()
    assert len(uses) == 3000
    assert [use.at for use in uses] == sorted(use.at for use in uses)
    assert uses[0].at >= START and uses[-1].at < START + 28 * 86400
    assert len(month(decisions=7)) == 7


def test_the_same_seed_makes_the_same_month() -> None:
    assert month() == month()
    assert month() != month(seed=2)


def test_people_work_on_weekdays_by_day_and_contractors_read_in_the_webmail() -> None:
    uses = month()
    days = Counter(int((use.at + ZONE) // 86400 + 3) % 7 for use in uses)
    hours = Counter(int((use.at + ZONE) % 86400 // 3600) for use in uses)
    assert max(days[5], days[6]) < min(days[day] for day in range(5)) / 4
    assert hours[9] > 10 * hours[3]
    carols = Counter(use.service for use in uses if use.worker == 2)
    assert carols["webmail"] > carols["imap"] + carols["submission"] > 0
    assert {use.service for use in uses} == set(MIX)


def test_browsers_have_a_sign_in_behind_them_and_mail_programs_do_not() -> None:
    for use in month():
        if use.service in BROWSERS:
            assert 0 <= use.at - use.signed_in < 12 * 3600 and use.proof in (Proof.BROWSER_KEY, Proof.NONE)
        else:
            assert use.signed_in == 0.0 and use.machine in ("laptop", "phone")
        assert use.machine != "phone" or use.worker != 1


def test_every_address_is_where_it_says() -> None:
    geography = OfficeGeography()
    for use in month(decisions=500):
        network, location = NETWORKS[use.place]
        assert ip_address(use.address) in network and geography.locate(use.address) == location
    assert geography.locate("8.8.8.8") == NOWHERE
    assert NETWORKS[Place.ABROAD][1].country == "DE"
