"""Diff, prove and who-can over the API."""

import httpx

from tests.idp.admin.house import ADMIN, OPEN, House
from tests.idp.admin.test_meaning import HOLE, KEPT

WIDER = OPEN.replace("[portal, imap, submission]", "[portal, imap, submission, webmail]")


async def test_a_diff_is_rows_with_words_and_an_example(api: httpx.AsyncClient, home: House) -> None:
    await home.admin()
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    told = (await api.post("/policy/diff", json={"text": WIDER})).json()

    assert (told["same"], told["decided"], told["more"], told["undecided"]) == (False, True, [], [])
    (row,) = told["rows"]
    assert (row["kind"], row["scope"], row["likely"]) == ("opened", "all", True)
    assert row["words"] == {
        "en": "newly allowed: group staff, device managed or enrolled, service webmail, any network",
        "ja": "新たに許可: グループ staff、端末 managed・enrolled、サービス webmail、ネットワークを問わず",
    }
    assert [clause["words"]["en"] for clause in row["clauses"]][:2] == ["service webmail", "group staff"]
    assert (row["before"]["outcome"], row["after"]["outcome"], row["after"]["rule"]) == (
        "deny",
        "allow",
        "staff read mail",
    )
    assert (row["example"]["service"], row["example"]["user"]["groups"]) == ("webmail", ["staff"])
    same = await api.post("/policy/diff", json={"old_text": WIDER, "text": WIDER, "authorship": True})
    assert same.json()["same"] is True


async def test_a_proof_is_an_item_for_every_never(api: httpx.AsyncClient) -> None:
    kept = (await api.post("/policy/prove", json={"text": KEPT})).json()
    broken = (await api.post("/policy/prove", json={"text": HOLE})).json()

    assert [(each["name"], each["verdict"]) for each in kept["items"]] == [("no unknown device reads mail", "holds")]
    (item,) = broken["items"]
    assert (item["verdict"], item["line"], item["decision"]["outcome"]) == ("broken", 15, "allow")
    assert item["example"]["device"] is None


async def test_a_broken_never_is_told_when_it_is_published(api: httpx.AsyncClient, home: House) -> None:
    await home.admin()
    answer = await api.post("/policy/publish", json={"text": HOLE, "base": 0})

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("`no unknown device reads mail` (line 15) must never be so")
    assert [each["verdict"] for each in answer.json()["nevers"]] == ["broken"]


async def test_what_is_asked_wrongly_is_refused(api: httpx.AsyncClient) -> None:
    both = await api.post("/policy/diff", json={"text": OPEN, "revision": 1})
    fault = await api.post("/policy/prove", json={"text": "version: 2\nrules: []\n"})
    none = await api.post("/policy/prove", json={})

    assert (both.status_code, both.json()["error"]) == (400, "give `text` or `revision`, not both")
    assert (fault.status_code, fault.json()["problems"][0]["line"]) == (400, 1)
    assert none.status_code == 400


async def test_who_can_by_query_and_under_a_draft(api: httpx.AsyncClient, home: House) -> None:
    await home.admin()
    await home.user("mika", "staff", ready=True)
    await home.device("mika", "laptop")
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    found = (await api.get("/policy/who-can?service=portal,webmail&limit=10")).json()
    draft = (await api.post("/policy/who-can", json={"service": ["webmail"], "text": WIDER})).json()
    everything = (await api.get("/policy/who-can?user=mika")).json()

    assert sorted((each["user"], each["device"], each["service"]) for each in found["items"]) == [
        ("mika", "laptop", "portal"),
        ("root", "desk", "portal"),
    ]
    assert found["after"] == ""
    assert [(each["user"], each["rule"], each["place"]) for each in draft["items"]] == [("mika", "staff read mail", "")]
    assert [each["service"] for each in everything["items"]] == ["portal", "imap", "submission"]
    assert (await api.get("/policy/who-can?servise=imap")).status_code == 400
