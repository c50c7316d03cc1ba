"""Searches: who may, what somebody may, and page by page; each result is one that the question itself would permit."""

from typing import Any

import pytest

from idp.authzen import searching
from kernel.records.devices import Proof, Trust
from tests.idp.admin.house import LOCAL
from tests.idp.authzen.point import Point

USE = {"name": "use"}


def subjects(service: str = "imap", **more: Any) -> dict[str, Any]:
    return {"subject": {"type": "user"}, "action": USE, "resource": {"type": "service", "id": service}, **more}


def resources(user: str = "alice@example.com", **more: Any) -> dict[str, Any]:
    return {"subject": {"type": "user", "id": user}, "action": USE, "resource": {"type": "service"}, **more}


async def staff(zen: Point, *names: str) -> None:
    """Add staff, each with a laptop that has a certificate."""
    for name in names:
        await zen.home.user(name, "staff", ready=True)
        await zen.home.device(name, f"{name}s-laptop", Proof.CERTIFICATE)


def ids(told: dict[str, Any]) -> list[str]:
    return [each["id"] for each in told["results"]]


async def test_who_may_is_found_with_the_device_on_which_they_may(zen: Point) -> None:
    told = await zen.answer("search/subject", subjects())
    [alice] = told["results"]
    assert (alice["type"], alice["id"]) == ("user", "alice@example.com")
    assert alice["properties"]["device_id"] == zen.laptop and alice["properties"]["proof"] == "certificate"
    assert told["page"] == {"next_token": "", "count": 1}


async def test_every_result_is_permitted_when_it_is_asked_about(zen: Point) -> None:
    await staff(zen, "bob", "carol")
    told = await zen.answer("search/subject", subjects())
    assert sorted(ids(told)) == ["alice@example.com", "bob@example.com", "carol@example.com"]
    for found in told["results"]:
        asked = {**subjects(), "subject": found}
        assert (await zen.answer("evaluation", asked))["decision"] is True


async def test_what_the_asker_says_narrows_the_search(zen: Point) -> None:
    await staff(zen, "bob")
    alone = await zen.answer("search/subject", subjects(context={"device_id": zen.laptop, "proof": "certificate"}))
    assert ids(alone) == ["alice@example.com"]
    assert ids(await zen.answer("search/subject", subjects(context={"proof": "browser-key"}))) == []
    assert ids(await zen.answer("search/subject", subjects("webmail"))) == []
    shown = {"factors": ["totp"]}
    assert len(ids(await zen.answer("search/subject", subjects("webmail", context=shown)))) == 2


async def test_an_app_password_is_a_way_for_its_own_services(zen: Point) -> None:
    await zen.home.user("dora", "staff", ready=True)
    phone = await zen.home.device("dora", "phone", None)
    dora = (await zen.home.acts.people.show("dora")).user
    assert ids(await zen.answer("search/subject", subjects())) == ["alice@example.com"]
    await zen.home.accounts.make_app_password("user:dora", dora.id, phone, ["imap"], "Mail")
    assert sorted(ids(await zen.answer("search/subject", subjects()))) == ["alice@example.com", "dora@example.com"]
    assert ids(await zen.answer("search/subject", subjects("submission"))) == ["alice@example.com"]


async def test_the_lost_the_disabled_and_the_strangers_are_not_found(zen: Point) -> None:
    await staff(zen, "bob", "carol")
    await zen.home.devices.set_trust("admin:root", zen.laptop, Trust.LOST, "")
    await zen.home.acts.people.set_disabled(LOCAL, "bob", True)
    assert ids(await zen.answer("search/subject", subjects())) == ["carol@example.com"]


async def test_pages_go_on_where_the_last_one_ended(zen: Point) -> None:
    await staff(zen, "bob", "carol", "dave", "erin")
    seen, body = list[str](), subjects(page={"limit": 2})
    for _ in range(5):
        told = await zen.answer("search/subject", body)
        seen += ids(told)
        assert told["page"]["count"] == len(told["results"]) <= 2
        if not told["page"]["next_token"]:
            break
        body = subjects(page={"token": told["page"]["next_token"]})
    assert sorted(seen) == sorted(f"{name}@example.com" for name in ("alice", "bob", "carol", "dave", "erin"))


async def test_a_page_looks_at_so_many_and_tells_where_to_go_on(zen: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT", 1)
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 1)
    seen, body = list[str](), subjects()
    for _ in range(4):
        told = await zen.answer("search/subject", body)
        seen += ids(told)
        if not told["page"]["next_token"]:
            break
        body = subjects(page={"token": told["page"]["next_token"]})
    assert seen == ["alice@example.com"]


async def test_a_token_is_for_its_own_search_and_for_nobody_who_made_one_up(zen: Point) -> None:
    await staff(zen, "bob", "carol")
    token = (await zen.answer("search/subject", subjects(page={"limit": 1})))["page"]["next_token"]
    assert token
    others = [
        subjects("submission", page={"token": token}),
        subjects(page={"token": token, "limit": 2}),
        subjects(page={"token": token}, context={"proof": "token"}),
        subjects(page={"token": token[:-4] + "AAAA"}),
        subjects(page={"token": "e30="}),
        subjects(page={"token": "é"}),
        subjects(page={"token": "A" * 5000}),
        subjects(page={"token": 7}),
    ]
    for body in others:
        assert (await zen.post("search/subject", body)).status_code == 400, body["page"]
    assert (await zen.post("search/resource", resources(page={"token": token}))).status_code == 400
    assert (await zen.post("search/subject", subjects(page={"token": token, "limit": 1}))).status_code == 200


async def test_what_somebody_may_use_is_found_with_relying_parties_and_routes(zen: Point) -> None:
    shown = {"device_id": zen.laptop, "proof": "certificate", "factors": ["totp"]}
    told = await zen.answer("search/resource", resources(context=shown))
    assert told["results"] == [{"type": "service", "id": name} for name in ("imap", "submission", "webmail")]
    assert ids(await zen.answer("search/resource", resources())) == []
    page = await zen.answer("search/resource", resources(context=shown, page={"limit": 2}))
    assert ids(page) == ["imap", "submission"]
    rest = resources(context=shown, page={"token": page["page"]["next_token"]})
    assert ids(await zen.answer("search/resource", rest)) == ["webmail"]


async def test_the_one_action_is_found_where_it_is_allowed(zen: Point) -> None:
    asked = {"subject": {"type": "user", "id": "alice"}, "resource": {"type": "service", "id": "imap"}}
    told = await zen.answer("search/action", {**asked, "context": {"device_id": zen.laptop, "proof": "certificate"}})
    assert told["results"] == [{"name": "use"}]
    assert (await zen.answer("search/action", asked))["results"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("subject", subjects() | {"subject": {"type": "spaceship"}}),
        ("subject", subjects() | {"resource": {"type": "record", "id": "1"}}),
        ("subject", subjects() | {"action": {"name": "read"}}),
        ("subject", subjects("nothing")),
        ("resource", resources("nobody")),
        ("resource", resources() | {"resource": {"type": "record"}}),
        ("action", {"subject": {"type": "user", "id": "nobody"}, "resource": {"type": "service", "id": "imap"}}),
    ],
)
async def test_what_does_not_exist_finds_nothing_and_is_no_error(zen: Point, path: str, body: dict[str, Any]) -> None:
    told = await zen.answer(f"search/{path}", body)
    assert told["results"] == [] and told["page"]["next_token"] == ""


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        (
            "subject",
            {"subject": {"type": "user"}, "resource": {"type": "service", "id": "imap"}},
            "`action` is missing",
        ),
        ("subject", subjects() | {"resource": {"type": "service"}}, "`resource.id` is missing"),
        ("resource", {"action": USE, "resource": {"type": "service"}}, "`subject` is missing"),
        ("resource", resources() | {"subject": {"type": "user"}}, "`subject.id` is missing"),
        ("action", {"subject": {"type": "user", "id": "alice"}}, "`resource` is missing"),
        ("subject", subjects(page={"limit": -1}), "`page.limit` must be a whole number"),
        ("subject", subjects(page=[]), "`page` must be an object"),
        ("subject", subjects(context={"ip": "x"}), "`ip_address` is no IP address"),
    ],
)
async def test_a_search_that_is_none_is_refused(zen: Point, path: str, body: dict[str, Any], why: str) -> None:
    reply = await zen.post(f"search/{path}", body)
    assert (reply.status_code, reply.json()) == (400, why)


async def test_an_id_that_is_sought_is_not_looked_at(zen: Point) -> None:
    asked = subjects() | {"subject": {"type": "user", "id": "mallory"}}
    assert ids(await zen.answer("search/subject", asked)) == ["alice@example.com"]


async def test_what_was_searched_is_on_record_once_a_page(zen: Point) -> None:
    await zen.answer("search/subject", subjects())
    [searched] = await zen.log("consulted", "decided")
    assert (searched["actor"], searched["what"], searched["answer"]) == ("client:edge", "search subjects", "1 found")
    assert searched["about"] == "user, use, service imap"
