"""The policy over the API: a race with one winner, a conflict as data, proposals from their making to their answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from idp.api.app import local_app
from kernel.config.settings import PolicySettings
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, House, house

YOURS = OPEN.replace("groups: [admins]", "groups: [admins, wardens]")


@pytest_asyncio.fixture
async def two(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API, as the local socket gives it, of a house where two must agree."""
    async with house(tmp_path, PolicySettings(second_approver=True)) as home:
        for name in ("ann", "ben"):
            await home.user(name, "admins", ready=True)
            await home.device(name, "desk")
        await home.acts.publishing.publish(LOCAL, OPEN, base=0, force=True)
        transport = httpx.ASGITransport(local_app(home.acts))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1") as api:
            yield api


async def test_a_conflict_is_data_that_a_page_can_merge_with(api: httpx.AsyncClient, home: House) -> None:
    await home.admin()
    for number, text in enumerate((OPEN, OPEN.replace("staff read mail", "interns read mail"))):
        await home.acts.publishing.publish(ADMIN, text, base=number)
    answer = await api.post("/policy/publish", json={"text": YOURS, "base": 1})
    conflict = answer.json()["conflict"]
    assert (answer.status_code, conflict["clean"]) == (409, True)
    assert [(each["whose"], each["line"]) for each in conflict["places"]] == [("yours", 4), ("theirs", 9)]
    assert conflict["places"][0]["base"] == ["    who: {groups: [admins]}"]
    assert (conflict["base"]["number"], conflict["current"]["number"]) == (1, 2)
    merged = await api.post("/policy/publish", json={"text": conflict["merged"], "base": 2})
    assert (merged.status_code, merged.json()["number"]) == (201, 3)


async def test_of_publishes_at_once_one_wins_and_the_others_see_its_change(api: httpx.AsyncClient, home: House) -> None:
    await home.admin()
    await home.acts.publishing.publish(LOCAL, OPEN, base=0)
    drafts = [{"text": f"{OPEN}# {number}\n", "base": 1} for number in range(6)]
    answers = await asyncio.gather(*(api.post("/policy/publish", json=draft) for draft in drafts))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409, 409, 409]
    winner = (await api.get("/policy")).json()["text"].splitlines()[-1]
    losers = [each.json()["conflict"] for each in answers if each.status_code == 409]
    assert all(f"+{winner}" in each["theirs"] and "+# " in each["yours"] for each in losers)


async def test_a_proposal_over_the_api(two: httpx.AsyncClient) -> None:
    made = await two.post("/policy/publish", json={"text": YOURS, "comment": "wardens", "base": 1})
    assert (made.status_code, made.json()["proposal"]["state"]) == (201, "open")
    listed = (await two.get("/policy/proposals")).json()["items"]
    assert [(each["number"], each["stale"]) for each in listed] == [(1, False)]
    shown = (await two.get("/policy/proposals/1")).json()
    assert (shown["text"], shown["conflict"]) == (YOURS, None)
    assert "+    who: {groups: [admins, wardens]}" in shown["changed"]
    own = await two.post("/policy/proposals/1/approve", json={})
    assert (own.status_code, "another admin" in own.json()["error"]) == (400, True)
    declined = await two.post("/policy/proposals/1/decline", json={"comment": "no"})
    assert declined.status_code == 400
    withdrawn = await two.post("/policy/proposals/1/withdraw", json={"comment": "mistaken"})
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert (await two.get("/policy/proposals")).json()["items"] == []
    assert [each["answer"] for each in (await two.get("/policy/proposals?closed=true")).json()["items"]] == ["mistaken"]
    await two.post("/policy/publish", json={"text": YOURS, "base": 1})
    forced = await two.post("/policy/proposals/2/approve", json={"force": True})
    assert (forced.status_code, forced.json()["number"], forced.json()["forced"]) == (201, 2, ["approval"])
    assert (await two.get("/policy/proposals/7")).status_code == 404


async def test_who_could_still_open_the_console(two: httpx.AsyncClient) -> None:
    answer = (await two.post("/policy/ways-in", json={"text": OPEN})).json()
    assert (answer["enough"], sorted(each["user"] for each in answer["items"])) == (2, ["ann", "ben"])
    assert (await two.post("/policy/ways-in", json={"text": "version: 2"})).status_code == 400


async def test_expected_decisions_over_the_api(api: httpx.AsyncClient, home: House) -> None:
    await home.admin()
    row = "{name: staff, groups: staff, service: imap, device: managed, expect: allow}"
    tests = f"version: 1\ntests:\n  - {row}\n"
    good = (await api.post("/policy/test", json={"text": OPEN, "tests": tests})).json()
    assert (good["good"], good["cases"], good["idle"]) == (True, 1, ["admins open the console"])
    assert (await api.post("/policy/publish", json={"text": OPEN, "tests": tests, "base": 0})).json()["tested"] is True
    refused = await api.post("/policy/publish", json={"text": OPEN.replace("imap", "pop3"), "base": 1})
    failure = refused.json()["tests"]["failures"][0]
    assert (refused.status_code, failure["line"]) == (400, 3)
    assert failure["misses"] == [{"what": "outcome", "wanted": "allow", "got": "deny"}]
    assert failure["decision"]["rule"] == ""
    broken = await api.post("/policy/test", json={"text": OPEN, "tests": tests.replace("imap", "imaps")})
    assert (broken.status_code, broken.json()["tests_problems"][0]["hint"]) == (400, "did you mean `imap`?")
    assert (await api.get("/policy/revisions/1")).json()["tests"] == tests
