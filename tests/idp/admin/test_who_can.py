"""Who could reach a service right now: with the devices, keys, factors and app passwords that they really have."""

import pytest

from idp.admin.who_can import Page, Wish
from kernel.ports import Writer
from kernel.problems import Missing
from kernel.records.credentials import AppPassword, TotpFactor
from kernel.records.devices import Proof
from kernel.records.people import User
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, House

OFFICE = """version: 1
networks: {office: [192.0.2.0/24]}
rules:
  - {name: office, who: {groups: staff}, service: imap, network: {in: office}, then: allow}
  - {name: Japan, who: {groups: staff}, service: webmail, network: {countries: JP}, then: allow}
"""


def told(page: Page) -> list[tuple[str, str, str, str, str]]:
    return [
        (each.user.name, each.device.name if each.device else "", each.service, each.proof.value, each.place)
        for each in page.rows
    ]


async def app_password(home: House, user_id: str, device_id: str, *services: str) -> None:
    made = AppPassword(f"ap-{device_id}", user_id, device_id, f"digest-{device_id}", frozenset(services))
    await home.store.write(lambda tx: tx.put(made))


async def test_each_comes_with_what_they_have(home: House) -> None:
    await home.admin()
    mika = await home.user("mika", "staff", ready=True)
    ken = await home.user("ken", "staff")
    await home.user("nobody", "interns", ready=True)
    await home.device("mika", "laptop")
    await app_password(home, ken.id, await home.device("ken", "phone", proof=None), "imap")
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)

    assert told(await home.acts.who_can.page(Wish(["console"]))) == [("root", "desk", "console", "browser-key", "")]
    assert sorted(told(await home.acts.who_can.page(Wish(["imap", "submission"])))) == [
        ("ken", "phone", "imap", "app-password", ""),
        ("mika", "laptop", "imap", "token", ""),
        ("mika", "laptop", "submission", "token", ""),
    ]
    assert told(await home.acts.who_can.page(Wish(["portal"], user="mika"))) == [
        ("mika", "laptop", "portal", "browser-key", "")
    ]
    await home.acts.people.set_disabled(LOCAL, "mika", True)
    assert told(await home.acts.who_can.page(Wish(["imap"], user=mika.name))) == []


async def test_a_certificate_alone_opens_a_mail_program(home: House) -> None:
    await home.user("mika", "staff")
    await home.device("mika", "laptop", Proof.CERTIFICATE)
    page = await home.acts.who_can.page(Wish(["imap", "portal"], text=OPEN))

    assert told(page) == [("mika", "laptop", "imap", "certificate", "")]


async def test_from_where_is_told_where_it_matters(home: House) -> None:
    await home.user("mika", "staff", ready=True)

    def asked(**more: str) -> Wish:
        return Wish(["imap", "webmail"], text=OFFICE, **more)  # type: ignore[arg-type]

    assert told(await home.acts.who_can.page(asked())) == [
        ("mika", "", "imap", "token", "office"),
        ("mika", "", "webmail", "none", "JP"),
    ]
    assert told(await home.acts.who_can.page(asked(address="192.0.2.7"))) == [
        ("mika", "", "imap", "token", "192.0.2.7")
    ]
    assert told(await home.acts.who_can.page(asked(address="198.51.100.7"))) == []


def fill(tx: Writer) -> None:
    """Store 45 users with a factor each, every other one of staff."""
    for number in range(45):
        name, group = f"user-{number:02}", "staff" if number % 2 else "sales"
        tx.put(User(f"u_{number}", name, f"{name}@example.com", groups=frozenset({group})))
        tx.put(TotpFactor(f"u_{number}", "sealed", True, 0.0))


async def test_pages_lead_through_everybody_once(home: House) -> None:
    await home.store.write(fill)
    text = OPEN.replace("    device: {trust: [enrolled, managed]}\n", "")
    seen: list[str] = []
    after, pages = "", 0
    while pages == 0 or after:
        page = await home.acts.who_can.page(Wish(["imap"], text=text, after=after, limit=1))
        seen += [each.user.name for each in page.rows]
        after, pages = page.after, pages + 1

    assert pages == 3
    assert sorted(seen) == [f"user-{number:02}" for number in range(45) if number % 2]
    only = await home.acts.who_can.page(Wish(["imap"], text=text, group="sales"))
    assert told(only) == []


async def test_nobody_of_that_name(home: House) -> None:
    with pytest.raises(Missing, match="no user"):
        await home.acts.who_can.page(Wish(["imap"], user="mikka", text=OPEN))
