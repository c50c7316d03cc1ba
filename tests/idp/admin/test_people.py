"""Users and groups as an admin handles them: what changes, what is refused, what the log and the change log say."""

import pytest

from kernel.problems import Conflict, Missing, Refused
from kernel.records.devices import Device, DeviceKey, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor, Grant
from tests.idp.admin.house import ADMIN, LOCAL, House


async def test_a_user_is_added_found_shown_and_changed(home: House) -> None:
    made = await home.user("mika", "staff")
    assert [each.name for each in await home.acts.people.find("MIK")] == ["mika"]
    assert [each.name for each in await home.acts.people.find(group="staff")] == ["mika"]
    assert await home.acts.people.find("nobody") == []
    changed = await home.acts.people.change(ADMIN, "mika@example.com", {"display_name": "Mika Mori", "language": "ja"})
    assert (changed.id, changed.display_name, changed.language) == (made.id, "Mika Mori", "ja")
    shown = await home.acts.people.show("mika")
    assert (shown.factors, shown.invited, list(shown.devices)) == ([], False, [])


async def test_a_misspelt_name_is_answered_with_the_nearest(home: House) -> None:
    await home.user("mika")
    with pytest.raises(Missing, match=r"no user `mikka`\. Did you mean `mika`"):
        await home.acts.people.get("mikka")
    with pytest.raises(Missing, match="no group `staf`"):
        await home.acts.people.add(ADMIN, "kei", "kei@example.com", "", "en", ["staf"])
    with pytest.raises(Refused, match="`groups` cannot be changed"):
        await home.acts.people.change(ADMIN, "mika", {"groups": ["admins"]})
    with pytest.raises(Conflict):
        await home.user("mika")


async def test_reset_takes_every_credential_and_ends_every_sign_in(home: House) -> None:
    person = await home.user("mika", "staff", ready=True)
    device = await home.device("mika", "laptop")
    signin, _ = await home.signins.begin(person, [Factor.PASSWORD], "192.0.2.7", "Firefox")
    grant = Grant("g_1", person.id, "client_1", "", device, Proof.TOKEN, "mail", ("mail",), home.clock.now(), 2e9)
    await home.store.write(lambda tx: tx.put(grant))
    password, _ = await home.accounts.make_app_password("user:mika", person.id, device, ["imap"], "phone")
    link = await home.acts.people.reset(ADMIN, "mika")
    shown = await home.acts.people.show("mika")
    assert (shown.factors, shown.signins, shown.app_passwords, shown.invited) == ([], [], [], True)
    assert [each.id for each in shown.devices] == [device]
    assert (await home.store.read(lambda tx: tx.get(Grant, "g_1"))).ended_at == home.clock.now()
    assert {f"signin:{signin.id}", "grant:g_1", f"credential:{password.id}"} <= set(await home.handles())
    assert (await home.accounts.accept_invitation(link)).id == person.id
    assert {entry.fields["actor"] for entry in await home.log() if entry.fields.get("act") == "reset"} == {"admin:root"}


async def test_remove_leaves_nothing_but_the_log(home: House) -> None:
    person = await home.user("mika", "staff", ready=True)
    device = await home.device("mika", "laptop")
    await home.acts.people.remove(ADMIN, "mika")
    assert await home.store.read(lambda tx: tx.get(User, person.id)) is None
    assert await home.store.read(lambda tx: tx.get(Device, device)) is None
    assert not await home.store.read(lambda tx: tx.find(DeviceKey, device_id=device))
    assert {f"user:{person.id}", f"device:{device}"} <= set(await home.handles())
    assert (await home.log())[-1].fields["act"] == "removed"


async def test_disable_and_enable(home: House) -> None:
    await home.user("mika")
    assert (await home.acts.people.set_disabled(ADMIN, "mika", True)).disabled
    assert not (await home.acts.people.set_disabled(ADMIN, "mika", False)).disabled


async def test_groups_join_leave_and_remove(home: House) -> None:
    person = await home.user("mika")
    await home.acts.groups.add(ADMIN, "Ｓtaff", "everybody")
    joined = await home.acts.groups.join(ADMIN, "staff", "mika")
    assert joined.groups == {"staff"}
    assert [(each.group.name, each.members) for each in await home.acts.groups.all()] == [("staff", 1)]
    assert (await home.acts.groups.leave(ADMIN, "staff", "mika")).groups == frozenset()
    await home.acts.groups.join(ADMIN, "staff", "mika")
    assert await home.acts.groups.remove(ADMIN, "staff") == 1
    assert (await home.acts.people.get("mika")).groups == frozenset()
    assert (await home.handles()).count(f"user:{person.id}") >= 4


@pytest.mark.parametrize("name", ["", "a b", "a,b", "x" * 65, "a/b"])
async def test_a_group_needs_a_plain_name(home: House, name: str) -> None:
    with pytest.raises(Refused):
        await home.acts.groups.add(LOCAL, name)


async def test_a_group_is_made_once(home: House) -> None:
    await home.acts.groups.add(LOCAL, "staff")
    with pytest.raises(Conflict, match="There is a group `staff` already"):
        await home.acts.groups.add(LOCAL, "STAFF")
