"""osquery's TLS API: a recorded conversation, what its rows mean, and what is refused."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.signals.osquery_nodes import OsqueryNodes
from idp.signals.osquery_pages import OsqueryPages, read_pack
from idp.signals.osquery_results import results_in, signals_of
from kernel.chance import SystemChance
from kernel.config.signals import OsquerySettings
from kernel.records.devices import Device, Trust
from tests.idp.signals.house import ANNA, SECRET, Site

RECORDED = json.loads(Path(__file__).with_name("osquery_conversation.json").read_text())
MAC = RECORDED[0]["send"]


@pytest.fixture
async def osquery(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    near = (site.store, site.vault, site.clock, SystemChance(), site.devices)
    nodes = OsqueryNodes(*near, OsquerySettings(every=60.0), SECRET)
    async with site.pages(OsqueryPages(nodes, read_pack()).routes()) as client:
        yield client


async def call(osquery: httpx.AsyncClient, to: str, **said: Any) -> dict[str, Any]:
    answer = await osquery.post(f"/osquery/{to}", json=said)
    assert answer.status_code == 200
    return dict(answer.json())


async def signals(site: Site, device: Device) -> dict[str, Any]:
    found = (await site.get(Device, device.id)).signals
    assert {each.by for each in found.values()} <= {"osquery"}
    return {name: each.value for name, each in found.items()}


async def test_a_recorded_conversation_becomes_signals_of_the_machine_with_that_serial_number(
    site: Site, osquery: httpx.AsyncClient
) -> None:
    device, key = await site.device(), ""
    await site.devices.know_as("admin:ines", device.id, "serial", "c02xyz")
    for turn in RECORDED:
        said = json.loads(json.dumps(turn["send"]).replace("$SECRET", SECRET).replace("$KEY", key))
        told = await call(osquery, turn["to"], **said)
        assert {name: told[name] for name in turn["expect"]} == turn["expect"]
        key = told.get(turn.get("keep", ""), key)
    assert await signals(site, device) == {
        "disk_encrypted": True,
        "firewall": False,
        "secure_boot": True,
        "os_version": "14.4.1",
        "screen_lock": True,
    }
    enrolled = (await site.audit("signal-heard"))[0].fields
    assert (enrolled["device_id"], enrolled["detail"]) == (device.id, "serial C02XYZ, uuid 4c4c4544-0042")


async def test_the_pack_is_handed_out_with_our_own_interval(osquery: httpx.AsyncClient) -> None:
    key = (await call(osquery, "enroll", **{**MAC, "enroll_secret": SECRET}))["node_key"]
    config = await call(osquery, "config", node_key=key)
    assert {each["interval"] for each in config["schedule"].values()} == {60}
    asked = await call(osquery, "distributed/read", node_key=key)
    assert asked["queries"].keys() == asked["discovery"].keys() == config["schedule"].keys()


async def test_a_code_makes_a_device_once_and_a_wrong_secret_nothing(site: Site, osquery: httpx.AsyncClient) -> None:
    code = await site.devices.invite("admin:ines", ANNA.id, "mac", "macos", "computer", Trust.MANAGED)
    assert "node_key" in await call(osquery, "enroll", **{**MAC, "enroll_secret": code})
    made = (await site.devices.for_user(ANNA.id))[0]
    assert (made.name, made.trust) == ("mac", Trust.MANAGED)
    for wrong in (code, "wrong", ""):
        assert await call(osquery, "enroll", **{**MAC, "enroll_secret": wrong}) == {"node_invalid": True}
    assert [each.fields["reason"] for each in await site.audit("signal-refused")] == ["secret"]


async def test_a_machine_that_nobody_registered_says_nothing_until_it_is_known(
    site: Site, osquery: httpx.AsyncClient
) -> None:
    device = await site.device()
    key = (await call(osquery, "enroll", **{**MAC, "enroll_secret": SECRET}))["node_key"]
    rows = {"queries": {"gatepost_secure_boot": [{"enabled": "1"}]}, "statuses": {}}
    await call(osquery, "distributed/write", node_key=key, **rows)
    assert await signals(site, device) == {}
    await site.devices.know_as("admin:ines", device.id, "serial", "C02XYZ")
    await call(osquery, "distributed/write", node_key=key, **rows)
    assert await signals(site, device) == {"secure_boot": True}
    again = (await call(osquery, "enroll", **{**MAC, "enroll_secret": SECRET}))["node_key"]
    assert again != key and await call(osquery, "config", node_key=key) == {"node_invalid": True}


async def test_compressed_bodies_are_read_and_bombs_are_not(osquery: httpx.AsyncClient) -> None:
    packed = {"Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps({**MAC, "enroll_secret": SECRET}).encode())
    assert "node_key" in (await osquery.post("/osquery/enroll", content=body, headers=packed)).json()
    for bad in (gzip.compress(b" " * 5_000_000 + b"{}"), body[:-9], b"no gzip"):
        answer = await osquery.post("/osquery/enroll", content=bad, headers=packed)
        assert answer.json() == {"node_invalid": True}


@pytest.mark.parametrize(
    ("query", "rows", "found"),
    [
        ("gatepost_disk_linux", [{"found": "2", "encrypted": "1"}], {"disk_encrypted": False}),
        ("gatepost_disk_linux", [{"found": "0", "encrypted": ""}], {}),
        ("gatepost_disk_windows", [{"found": "1", "encrypted": "2"}], {"disk_encrypted": False}),
        (
            "gatepost_security_windows",
            [{"firewall": "Good", "antivirus": "Poor"}],
            {"firewall": True, "antivirus": False},
        ),
        ("gatepost_secure_boot", [{"enabled": "yes"}], {}),
        ("gatepost_os_version", [{"major": "12", "minor": "5", "patch": ""}], {"os_version": "12.5.0"}),
        ("gatepost_secure_boot", [], {}),
        ("compliant", [{"enabled": "1"}], {}),
    ],
)
def test_what_rows_mean(query: str, rows: Any, found: dict[str, Any]) -> None:
    assert signals_of(query, rows) == found


@given(st.recursive(st.none() | st.text(max_size=9) | st.integers(), lambda each: st.lists(each, max_size=3)))
def test_whatever_a_log_holds_it_is_read(data: Any) -> None:
    assert results_in(data) == {}
