"""Replay, trial and counters over the API: what is asked, what is answered, with which status."""

import httpx

from policies.language import load
from tests.idp.admin.house import LOCAL, OPEN, House
from tests.idp.admin.records_of import decided, differed, record, seen

STRICTER = OPEN.replace("service: [portal, imap, submission]", "service: [portal, submission]")


async def with_records(home: House) -> None:
    await home.acts.publishing.publish(LOCAL, OPEN, base=None, force=True)
    now, policy = home.clock.now(), load(OPEN, 1)
    await record(home, [decided(policy, seen(name, "imap", now - 60), reference="") for name in ("anna", "ben")])


async def test_a_replay_is_begun_asked_for_and_found(api: httpx.AsyncClient, home: House) -> None:
    await with_records(home)
    begun = await api.post("/policy/replay", json={"text": STRICTER, "since": home.clock.now() - 3600, "examples": 1})
    assert begun.status_code == 202 and begun.json()["total"] == 2
    told = (await api.get(f"/policy/replay/{begun.json()['id']}", params={"wait": 20})).json()
    assert (told["state"], told["done"], told["actor"]) == ("done", 2, "admin:local:unknown")
    denied = told["found"]["turned"]["denied"]
    assert (denied["decisions"], denied["people"]) == (2, 2)
    assert [(each["user"], each["services"]) for each in denied["users"]] == [("anna", ["imap"]), ("ben", ["imap"])]
    assert denied["rules"] == [{"was": "staff read mail", "would": "", "decisions": 2}]
    [example] = denied["examples"]
    assert (example["device"], example["was"], example["would"]) == (f"{example['user']}-laptop", "allow", "deny")


async def test_a_replay_that_cannot_be_or_is_no_more(api: httpx.AsyncClient, home: House) -> None:
    await with_records(home)
    broken = await api.post("/policy/replay", json={"text": OPEN.replace("then: allow", "then: alow", 1)})
    assert (broken.status_code, broken.json()["problems"][0]["line"]) == (400, 7)
    assert (await api.post("/policy/replay", json={"revision": 7})).status_code == 404
    assert (await api.post("/policy/replay", json={"dyas": 7})).status_code == 400
    assert (await api.get("/policy/replay/replay_x")).status_code == 404
    assert (await api.delete("/policy/replay/replay_x")).status_code == 404
    first = (await api.post("/policy/replay", json={})).json()["id"]
    busy = await api.post("/policy/replay", json={})
    if busy.status_code == 409:  # the first one may be done already: there are two records to go through
        assert first in busy.json()["error"]
        assert (await api.delete(f"/policy/replay/{first}")).json()["state"] in ("cancelled", "done")
    else:
        assert busy.status_code == 202


async def test_a_trial_from_start_to_stop(api: httpx.AsyncClient, home: House) -> None:
    await with_records(home)
    assert (await api.get("/policy/trial")).status_code == 404
    assert (await api.post("/policy/trial", json={"text": "rulez: []"})).status_code == 400
    begun = await api.post("/policy/trial", json={"text": STRICTER, "comment": "no programs"})
    assert (begun.status_code, begun.json()["number"], begun.json()["running"]) == (201, 1, True)
    assert (await api.post("/policy/trial", json={"text": STRICTER})).status_code == 409

    await record(home, [differed(1, home.clock.now()), differed(1, home.clock.now(), "ben")])
    shown = (await api.get("/policy/trial")).json()
    assert (shown["trial"]["comment"], shown["counters"]["differed"]) == ("no programs", 2)
    assert [(each["user"], each["turn"], each["live"]) for each in shown["items"]] == [
        ("ben", "denied", False),
        ("anna", "denied", False),
    ]
    newer = (await api.get("/policy/trial", params={"since": shown["items"][1]["number"]})).json()
    assert [each["user"] for each in newer["items"]] == ["ben"]
    assert (await api.post("/policy/trial/stop")).json()["running"] is False
    assert (await api.post("/policy/trial/stop")).status_code == 400


async def test_counters_of_every_rule(api: httpx.AsyncClient, home: House) -> None:
    await with_records(home)
    await home.judge.load()
    told = (await api.get("/policy/counters", params={"today": int(home.clock.now() - 30 * 60)})).json()
    assert [(each["rule"], each["today"], each["day"], each["live"]) for each in told["items"]] == [
        ("admins open the console", 0, 0, 0),
        ("staff read mail", 2, 2, 0),
    ]
    assert told["watched"] == [] and told["since"] > 0
