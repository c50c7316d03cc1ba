"""The registry: what each act stores, logs and tells; what a lost or removed device takes along; odd texts."""

import math
from functools import partial
from typing import Any

import pytest

from idp.devices import DeviceRefused, NoSuchDevice
from idp.devices.refusals import WORDS
from kernel.problems import Missing
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, DeviceKey, Proof, Signal, Trust
from kernel.records.sessions import Grant, SignIn
from tests.idp.devices.house import ANNA, BEN, Site


async def laptop(site: Site) -> Device:
    return await site.devices.register_device("admin:root", ANNA.id, "Laptop", "Linux", "computer")


@pytest.mark.parametrize(
    ("actor", "trust"), [("user:anna", Trust.PENDING), ("admin:root", Trust.ENROLLED), ("user:ben", Trust.ENROLLED)]
)
async def test_a_device_begins_with_the_trust_of_whoever_registers_it(site: Site, actor: str, trust: Trust) -> None:
    register = partial(site.devices.register_device, actor, ANNA.id, " Laptop ", "Linux", "computer")
    device, entries, changes = await site.since(register)
    assert (device.name, device.owner, device.trust, device.platform) == ("Laptop", ANNA.id, trust, "Linux")
    assert await site.get(Device, device.id) == device
    assert [(e.kind, e.fields["act"], e.fields["actor"], e.fields["user"], e.fields["device"]) for e in entries] == [
        ("device-changed", "registered", actor, "anna", "Laptop")
    ]
    assert [change.handle for change in changes] == [f"device:{device.id}"]


async def test_a_shared_device_belongs_to_nobody(site: Site) -> None:
    kiosk = await site.devices.register_device("admin:root", "", "Kiosk", "", "computer")
    assert kiosk.owner == ""
    assert await site.devices.for_user("") == []


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda d, i: d.rename("admin:root", i, "Notebook"), ("renamed", "was Laptop")),
        (
            lambda d, i: d.set_trust("admin:root", i, Trust.MANAGED, "checked"),
            ("managed", "enrolled -> managed checked"),
        ),
        (lambda d, i: d.set_signal("admin:root", i, "disk_encrypted", True), ("signal", "disk_encrypted=True")),
        (lambda d, i: d.remove("admin:root", i), ("removed", "")),
    ],
)
async def test_every_change_leaves_an_event_and_a_change_row(site: Site, act: Any, expected: tuple[str, str]) -> None:
    device = await laptop(site)
    _, entries, changes = await site.since(lambda: act(site.devices, device.id))
    assert [(e.fields["act"], e.fields["detail"], e.fields["actor"]) for e in entries] == [(*expected, "admin:root")]
    assert [change.handle for change in changes] == [f"device:{device.id}"]
    assert {e.fields["device_id"] for e in entries} == {device.id}


async def test_what_was_changed_is_stored(site: Site) -> None:
    device = await laptop(site)
    await site.devices.rename("a", device.id, "Notebook")
    await site.devices.set_trust("a", device.id, Trust.MANAGED, "checked")
    await site.devices.set_signal("a", device.id, "os_version", "12.4", by="agent")
    stored = await site.devices.get(device.id)
    assert (stored.name, stored.trust, stored.note) == ("Notebook", Trust.MANAGED, "checked")
    assert stored.signals == {"os_version": Signal("12.4", site.clock.now(), "agent")}


async def test_nobody_s_device_is_missing(site: Site) -> None:
    for act in (
        lambda: site.devices.rename("a", "d_none", "x"),
        lambda: site.devices.set_trust("a", "d_none", Trust.LOST),
        lambda: site.devices.set_signal("a", "d_none", "x", 1),
        lambda: site.devices.remove("a", "d_none"),
        lambda: site.devices.get("d_none"),
        lambda: site.devices.register_device("a", "u_none", "x"),
    ):
        with pytest.raises(NoSuchDevice) as refusal:
            await act()
        assert isinstance(refusal.value, Missing)
        assert set(refusal.value.words) == {"en", "ja"}


@pytest.mark.parametrize("trust", [Trust.LOST, Trust.REVOKED, Trust.EXPIRED])
async def test_a_device_that_is_out_ends_its_sign_ins_in_the_same_moment(site: Site, trust: Trust) -> None:
    device = await laptop(site)
    await site.sign_in(ANNA, "s_one", device.id)
    await site.sign_in(ANNA, "s_two", device.id)
    await site.sign_in(ANNA, "s_other", "d_other")
    now = site.clock.now()
    offline = ("mail offline_access", ("mail",), now, now + 3600)
    await site.put(Grant("g_1", ANNA.id, "client", "", device.id, Proof.BROWSER_KEY, *offline))
    _, _, changes = await site.since(lambda: site.devices.set_trust("admin:root", device.id, trust))
    assert {change.handle for change in changes} == {
        *(f"device:{device.id}", "signin:s_one", "signin:s_two", "grant:g_1")
    }
    ended = [(await site.get(SignIn, each)).ended_at > 0 for each in ("s_one", "s_two", "s_other")]
    assert ended == [True, True, False]


async def test_a_lost_device_keeps_its_credentials_for_the_policy_to_refuse(site: Site) -> None:
    device = await laptop(site)
    await site.put(AppPassword("ap_1", ANNA.id, device.id, "digest", frozenset({"imap"})))
    await site.devices.set_trust("admin:root", device.id, Trust.LOST)
    assert not (await site.get(AppPassword, "ap_1")).revoked
    assert (await site.devices.set_trust("admin:root", device.id, Trust.ENROLLED)).trust is Trust.ENROLLED


async def test_a_removed_device_takes_everything_along(site: Site) -> None:
    device = await laptop(site)
    await site.put(AppPassword("ap_1", ANNA.id, device.id, "digest", frozenset({"imap"})))
    await site.put(DeviceKey("k_1", device.id, Proof.BROWSER_KEY, "{}", 0.0))
    await site.sign_in(ANNA, "s_one", device.id)
    _, _, changes = await site.since(lambda: site.devices.remove("admin:root", device.id))
    assert {change.handle for change in changes} == {
        *(f"device:{device.id}", "signin:s_one", "credential:k_1", "credential:ap_1")
    }
    assert (await site.get(Device, device.id), await site.get(DeviceKey, "k_1")) == (None, None)
    assert (await site.get(AppPassword, "ap_1")).revoked


async def test_an_unknown_device_is_the_absence_of_one(site: Site) -> None:
    device = await laptop(site)
    with pytest.raises(DeviceRefused):
        await site.devices.set_trust("admin:root", device.id, Trust.UNKNOWN)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u202eb", "x" * 81, "a\0b", "a\x1b[2J", "a\u2028b"])
async def test_odd_names_are_refused(site: Site, name: str) -> None:
    device = await laptop(site)
    with pytest.raises(DeviceRefused):
        await site.devices.rename("a", device.id, name)
    with pytest.raises(DeviceRefused):
        await site.devices.register_device("a", ANNA.id, name, "", "computer")
    assert await site.devices.for_user(ANNA.id) == [device]


@pytest.mark.parametrize(
    ("name", "value"),
    [("", 1), ("A B", 1), ("a\n", 1), ("x" * 65, 1), ("x", "y" * 257), ("x", math.nan), ("x", [1]), ("x", None)],
)
async def test_odd_signals_are_refused(site: Site, name: str, value: Any) -> None:
    device = await laptop(site)
    with pytest.raises(DeviceRefused):
        await site.devices.set_signal("a", device.id, name, value)
    assert await site.devices.get(device.id) == device


async def test_sixty_four_signals_and_a_hundred_devices_are_enough(site: Site) -> None:
    device = await laptop(site)
    for number in range(64):
        await site.devices.set_signal("a", device.id, f"s{number}", number)
    with pytest.raises(DeviceRefused):
        await site.devices.set_signal("a", device.id, "one-more", 1)
    await site.devices.set_signal("a", device.id, "s1", "again")
    for number in range(99):
        await site.devices.register_device("a", ANNA.id, f"n{number}")
    with pytest.raises(DeviceRefused):
        await site.devices.register_device("a", ANNA.id, "one more")
    await site.devices.register_device("a", BEN.id, "Ben's")


async def test_the_latest_seen_comes_first(site: Site) -> None:
    first = await laptop(site)
    site.clock.forward(10)
    second = await laptop(site)
    assert [each.id for each in await site.devices.for_user(ANNA.id)] == [second.id, first.id]


def test_every_refusal_speaks_both_languages() -> None:
    assert all(set(sentences) == {"en", "ja"} for sentences in WORDS.values())
