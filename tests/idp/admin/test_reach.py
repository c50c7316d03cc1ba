"""Nobody is locked out by a policy: judged by the devices, factors and networks that admins really have and use."""

from collections.abc import Mapping, Sequence

import pytest

from idp.admin.actor import Actor
from idp.admin.publishing import LocksOut, Publishing
from idp.admin.reach import Question, Way, ways_in
from kernel.audit import Decided, Entry, SignedIn
from kernel.geography import Location, Nowhere
from kernel.ports import Reader
from kernel.records.devices import DeviceKey, Proof
from kernel.records.sessions import Factor, SignIn
from policies.language import load
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, House

HOME, OFFICE = "192.0.2.7", "203.0.113.9"
AT_OFFICE = OPEN.replace("version: 1\n", "version: 1\nnetworks: {office: [203.0.113.0/24]}\n").replace(
    "    then: allow\n    require", "    network: {in: office}\n    then: allow\n    require"
)
IN_JAPAN = OPEN.replace("    then: allow\n    require", "    network: {countries: JP}\n    then: allow\n    require")
FRESH = OPEN.replace("factors: [totp]", "factors: [totp], within: 5m")


async def came(home: House, address: str, *, outcome: str = "allow", name: str = "root") -> None:
    """Put on record that an admin was at the console from an address."""
    event = Decided(
        at=home.clock.now(),
        actor=f"user:{name}",
        user=name,
        address=address,
        session="s",
        service="console",
        outcome=outcome,
        rule="",
        revision=1,
    )
    await home.store.write(lambda tx: tx.log(event))


async def publish(home: House, text: str, actor: Actor = ADMIN, address: str = "") -> int:
    made = await home.acts.publishing.publish(actor, text, base=None, address=address)
    return made.number


async def test_who_never_came_is_believed_to_come_from_anywhere(home: House) -> None:
    await home.admin()
    assert await publish(home, AT_OFFICE) == 1


async def test_who_has_only_ever_come_from_home_would_be_locked_out_by_the_office(home: House) -> None:
    await home.admin()
    await came(home, HOME)
    with pytest.raises(LocksOut, match="from where they have been"):
        await publish(home, AT_OFFICE)
    await came(home, OFFICE, outcome="deny")
    with pytest.raises(LocksOut):
        await publish(home, AT_OFFICE)
    await came(home, OFFICE, outcome="step_up")
    assert await publish(home, AT_OFFICE) == 1


async def test_where_the_asking_admin_is_counts_for_them_and_for_nobody_else(home: House) -> None:
    await home.admin()
    await came(home, HOME)
    with pytest.raises(LocksOut):
        await publish(home, AT_OFFICE, Actor.of("somebody-else"), OFFICE)
    assert await publish(home, AT_OFFICE, ADMIN, OFFICE) == 1


@pytest.mark.parametrize("kind", ["sign-in", "log"])
async def test_a_sign_in_tells_where_somebody_has_been(home: House, kind: str) -> None:
    admin = await home.admin()
    now = home.clock.now()
    if kind == "sign-in":
        record = SignIn("signin_1", "digest", admin.id, now, now + 60, address=OFFICE)
        await home.store.write(lambda tx: tx.put(record))
    else:
        event = SignedIn(at=now, actor="user:root", user="root", address=OFFICE, signin_id="signin_1", step="password")
        await home.store.write(lambda tx: tx.log(event))
    assert await publish(home, AT_OFFICE) == 1


async def test_a_step_up_that_an_admin_can_take_is_no_lock_out(home: House) -> None:
    await home.admin()
    assert await publish(home, FRESH) == 1
    (way,) = await home.acts.publishing.ways_in(load(FRESH))
    assert (way.user, way.device, way.at) == ("root", "desk", home.clock.now())


async def test_a_window_that_opens_tonight_is_waited_for_and_told(home: House) -> None:
    await home.admin()
    nights = OPEN.replace(
        "    then: allow\n    require", '    when: {between: "02:00-03:00", zone: UTC}\n    then: allow\n    require'
    )
    (way,) = await home.acts.publishing.ways_in(load(nights))
    assert way.at % 86400 == 2 * 3600 and way.at - home.clock.now() < 86400


async def test_a_revoked_key_or_an_expired_certificate_proves_nothing(home: House) -> None:
    await home.admin()
    (device,) = [each for each, _ in await home.acts.machines.find(owner="root")]

    async def keyed(proof: Proof, not_after: float, revoked: bool) -> None:
        key = DeviceKey(f"key-{device.id}", device.id, proof, "{}", 0.0, not_after, revoked)
        await home.store.write(lambda tx: tx.put(key))

    now = home.clock.now()
    for proof, not_after, revoked in ((Proof.BROWSER_KEY, 0.0, True), (Proof.CERTIFICATE, now - 1, False)):
        await keyed(proof, not_after, revoked)
        with pytest.raises(LocksOut):
            await publish(home, OPEN)
    await keyed(Proof.CERTIFICATE, now + 60, False)
    assert await publish(home, OPEN) == 1


async def test_a_shared_device_lets_an_admin_in_too(home: House) -> None:
    await home.user("root", "admins", ready=True)
    with pytest.raises(LocksOut):
        await publish(home, OPEN)
    await home.device("", "kiosk")
    assert await publish(home, OPEN) == 1


class Atlas:
    """Knows two addresses."""

    def __init__(self, countries: Mapping[str, str]) -> None:
        self._countries = countries

    def locate(self, address: str) -> Location:
        return Location(self._countries.get(address))


async def test_a_country_is_looked_up_for_the_addresses_that_were_used(home: House) -> None:
    await home.admin()
    await came(home, HOME)
    for country, left in (("US", 0), ("JP", 1)):
        publishing = Publishing(home.store, home.clock, tuple, None, Atlas({HOME: country}))
        assert len(await publishing.ways_in(load(IN_JAPAN))) == left


class Watched:
    """A reader that remembers whose log was searched."""

    tx: Reader

    def __init__(self) -> None:
        self.searched: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.tx, name)

    def audit_search(self, *, user: str, kind: str, limit: int) -> Sequence[Entry]:
        self.searched.append(user)
        return self.tx.audit_search(user=user, kind=kind, limit=limit)


async def test_only_those_are_looked_at_whom_a_rule_about_the_console_may_mean(home: House) -> None:
    """Whoever has no access costs no look at devices, sign-ins and log."""
    await home.admin()
    for number in range(5):
        await home.user(f"mika{number}", "staff", ready=True)
    watched = Watched()

    def work(tx: Reader) -> list[Way]:
        watched.tx = tx
        return list(ways_in(watched, Question(load(OPEN), home.clock.now(), {}, Nowhere()), enough=9))  # type: ignore[arg-type]

    assert [way.user for way in await home.store.read(work)] == ["root"]
    assert set(watched.searched) == {"root"}


async def test_factors_shown_in_a_live_sign_in_are_no_more_than_what_is_set_up(home: House) -> None:
    """An invitation or a recovery code was shown once; it will not open the console again."""
    admin = await home.user("root", "admins")
    await home.device("root", "desk")
    now = home.clock.now()
    shown = {Factor.INVITATION: now, Factor.RECOVERY: now}
    await home.store.write(lambda tx: tx.put(SignIn("signin_1", "d", admin.id, now, now + 60, shown)))
    with pytest.raises(LocksOut):
        await publish(home, OPEN.replace("[totp]", "[invitation, recovery, totp]"))
    assert (await home.acts.publishing.publish(LOCAL, OPEN, base=None)).number == 1
