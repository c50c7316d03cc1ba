"""Devices and live sessions as an admin handles them."""

import pytest

from idp.admin.machines import MOVES, signal_value
from kernel.problems import Missing, Refused
from kernel.records.devices import Proof, Trust
from kernel.records.sessions import Factor
from tests.idp.admin.house import ADMIN, House


async def test_every_move_sets_its_trust_and_tells_the_proxies(home: House) -> None:
    await home.user("mika")
    device = await home.device("mika", "laptop")
    for act, trust in MOVES.items():
        assert (await home.acts.machines.move(ADMIN, device, act, "why")).trust is trust
    assert (await home.handles()).count(f"device:{device}") >= len(MOVES) - 1
    with pytest.raises(Refused, match="A device cannot `explode`"):
        await home.acts.machines.move(ADMIN, device, "explode")


async def test_a_device_is_found_by_id_name_and_owner(home: House) -> None:
    for owner in ("mika", "kei"):
        await home.user(owner)
    first, second = await home.device("mika", "laptop"), await home.device("kei", "laptop")
    assert (await home.acts.machines.show(first)).owner.name == "mika"
    assert (await home.acts.machines.show("kei/laptop")).device.id == second
    with pytest.raises(Refused, match="Several devices are called `laptop`"):
        await home.acts.machines.show("laptop")
    with pytest.raises(Missing, match="Did you mean `laptop`"):
        await home.acts.machines.show("laptpo")
    found = await home.acts.machines.find(owner="kei", trust="enrolled", text="LAP")
    assert [device.id for device, _ in found] == [second]
    with pytest.raises(Refused, match="no trust of a device"):
        await home.acts.machines.find(trust="loved")


async def test_signals_keep_the_type_that_was_typed(home: House) -> None:
    await home.user("mika")
    device = await home.device("mika", "laptop")
    moved = await home.acts.machines.signal(ADMIN, device, "disk_encrypted", signal_value("true"))
    moved = await home.acts.machines.signal(ADMIN, device, "os_version", signal_value("14.10"))
    assert {name: signal.value for name, signal in moved.signals.items()} == {
        "disk_encrypted": True,
        "os_version": "14.10",
    }
    assert moved.signals["disk_encrypted"].by == "admin"
    assert (signal_value("7"), signal_value("007x"), signal_value("false")) == (7, "007x", False)


async def test_ending_one_session_a_user_and_a_device(home: House) -> None:
    mika, kei = await home.user("mika"), await home.user("kei")
    laptop = await home.device("mika", "laptop")
    signin, _ = await home.signins.begin(mika, [Factor.PASSWORD], "192.0.2.7", "Firefox")
    bound, _ = await home.signins.begin(mika, [Factor.PASSWORD], "192.0.2.7", "Firefox")
    await home.signins.bind_device(bound.id, laptop, Proof.BROWSER_KEY)
    for number, (person, device) in enumerate([(mika, laptop), (mika, ""), (kei, "")], start=1):
        home.session(number, person, device, "imap" if number < 3 else "submission")
    assert dict(home.acts.sessions.per_service()) == {"imap": 2, "submission": 1}
    assert [each.id for each in home.acts.sessions.all(user="mika")] == ["s_1", "s_2"]

    ended = await home.acts.sessions.end_device(ADMIN, laptop)
    assert (ended.sessions, ended.signins) == (1, 1)
    ended = await home.acts.sessions.end_user(ADMIN, "mika")
    assert (ended.sessions, ended.signins) == (1, 1)
    assert home.board.ended == [("s_1", "admin:root"), ("s_2", "admin:root")]
    assert await home.signins.get(signin.id) is None or (await home.signins.get(signin.id)).ended_at

    await home.acts.sessions.end(ADMIN, "s_3")
    with pytest.raises(Missing, match="no live session `s_3`"):
        await home.acts.sessions.end(ADMIN, "s_3")


async def test_a_device_may_be_shared(home: House) -> None:
    made = await home.acts.machines.add(ADMIN, "", "meeting room")
    assert (made.owner, made.trust) == ("", Trust.ENROLLED)
