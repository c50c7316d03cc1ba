"""AuthZEN over HTTP: who may ask, what is refused and how, what is published; as the certification profile tries it."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.authzen.batch import read_batch
from idp.authzen.entities import Malformed, read_json
from idp.authzen.gate import AT_ONCE, TurnedAway
from idp.oidc.tokens import AccessTokens
from kernel.problems import Unavailable
from kernel.records.sessions import Factor
from tests.idp.authzen.point import ISSUER, Point, question

PATHS = ("evaluation", "evaluations", "search/subject", "search/resource", "search/action")


async def test_the_metadata_is_where_and_what_the_endpoints_are(zen: Point) -> None:
    reply = await zen.http.get("/.well-known/authzen-configuration")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json() == {
        "policy_decision_point": ISSUER,
        "access_evaluation_endpoint": f"{ISSUER}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{ISSUER}/access/v1/evaluations",
        "search_subject_endpoint": f"{ISSUER}/access/v1/search/subject",
        "search_resource_endpoint": f"{ISSUER}/access/v1/search/resource",
        "search_action_endpoint": f"{ISSUER}/access/v1/search/action",
    }


@pytest.mark.parametrize(
    ("authorization", "error"),
    [
        ("", ""),
        ("Basic ZWRnZTpzZWNyZXQ=", ""),
        ("Bearer", ""),
        ("Bearer e30.e30.e30", "invalid_token"),
        ("Bearer " + "a" * 200_000, "invalid_token"),
    ],
)
async def test_who_has_no_token_learns_nothing(zen: Point, authorization: str, error: str) -> None:
    for path in PATHS:
        reply = await zen.post(path, question(), Authorization=authorization)
        assert reply.status_code == 401 and isinstance(reply.json(), str)
        assert reply.headers["www-authenticate"].startswith(f'Bearer realm="{ISSUER}"')
        assert (error in reply.headers["www-authenticate"]) or not error
    assert await zen.log("decided", "consulted") == []


async def test_each_scope_opens_its_own_endpoints(zen: Point) -> None:
    asker, searcher = await zen.program("asker", "authzen"), await zen.program("searcher", "authzen-search")
    for path in PATHS:
        allowed, other = (searcher, asker) if path.startswith("search") else (asker, searcher)
        assert (await zen.post(path, question(), Authorization=f"Bearer {allowed}")).status_code == 200
        reply = await zen.post(path, question(), Authorization=f"Bearer {other}")
        assert reply.status_code == 403 and 'error="insufficient_scope"' in reply.headers["www-authenticate"]


async def test_a_persons_token_asks_nothing(zen: Point) -> None:
    alice = (await zen.home.acts.people.show("alice")).user
    signin, _ = await zen.home.signins.begin(alice, [Factor.PASSWORD], "192.0.2.7", "")
    tokens = AccessTokens(zen.keys, zen.home.clock, zen.home.chance, ISSUER)
    token, _ = tokens.issue(alice, signin.id, "", "edge", "authzen authzen-search", ["authzen"])
    assert (await zen.post("evaluation", question(), Authorization=f"Bearer {token}")).status_code == 401


NONE = {"subject": "alice", "action": {"name": "use"}, "resource": {"type": "service", "id": "imap"}}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        *(({name: each for name, each in question().items() if name != left}, f"`{left}` is missing")
          for left in ("subject", "action", "resource")),
        *(({**question(), "subject": {key: "x"}}, "is missing") for key in ("type", "id")),
        ({**question(), "action": {}}, "`action.name` is missing"),
        ({**question(), "resource": {"type": "service"}}, "`resource.id` is missing"),
        (NONE, "`subject` must be an object"),
        ({**question(), "action": {"name": 123}}, "`action.name` must be a text"),
        ({**question(), "subject": {"type": "user", "id": ""}}, "`subject.id` must be a text"),
        ({**question(), "subject": {"type": "user", "id": "x" * 400}}, "`subject.id` must be a text"),
        ({**question(), "subject": {"type": "user", "id": "a\u0000b"}}, "`subject.id` must be a text"),
        ({**question(), "context": "noon"}, "`context` must be an object"),
        ({**question(), "subject": {"type": "user", "id": "a", "properties": []}}, "`properties` must be an object"),
        ([], "the body must be a JSON object"),
        ("", "the body is no JSON"),
        ("{", "the body is no JSON"),
        ('{"a": NaN}', "the body is no JSON"),
        ('{"a": 1, "a": 2}', "the body is no JSON"),
        (b'{"a": "\xff"}', "the body is no JSON"),
        ("[" * 100_000, "the body is no JSON"),
    ],
)  # fmt: skip
async def test_what_is_no_question_is_refused_with_its_reason(zen: Point, body: Any, why: str) -> None:
    reply = await zen.post("evaluation", body)
    assert reply.status_code == 400 and why in reply.json()


async def test_only_json_is_read_and_only_so_much(zen: Point) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"):
        assert (await zen.post("evaluation", json.dumps(question()), Content_Type=kind)).status_code == 400
    charset = await zen.post("evaluation", json.dumps(question()), Content_Type="Application/JSON; charset=utf-8")
    assert charset.status_code == 200
    assert (await zen.post("evaluation", {**question(), "pad": "x" * 300_000})).status_code == 413
    assert (await zen.post("evaluations", {"evaluations": [{}] * 101})).status_code == 400
    assert (await zen.post("evaluations", {**question(), "evaluations": {}})).status_code == 400
    options = {"evaluations_semantic": "first_come"}
    assert (await zen.post("evaluations", {"evaluations": [{}], "options": options})).status_code == 400
    assert (await zen.http.get("/access/v1/evaluation")).status_code == 405


async def test_a_request_keeps_the_name_that_it_came_with(zen: Point) -> None:
    name = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    for body in (question(), {}):
        assert (await zen.post("evaluation", body, X_Request_ID=name)).headers["x-request-id"] == name
    assert (await zen.post("evaluation", {}, Authorization="", X_Request_ID=name)).headers["x-request-id"] == name
    assert "x-request-id" not in (await zen.post("evaluation", question())).headers
    assert "x-request-id" not in (await zen.post("evaluation", question(), X_Request_ID="x" * 300)).headers


async def test_no_answer_is_given_that_is_not_on_record(zen: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(work: object) -> None:
        raise Unavailable("disk full")

    monkeypatch.setattr(zen.home.store, "write", full)
    for path in PATHS:
        reply = await zen.post(path, question(service="imap", device_id=zen.laptop, proof="certificate"))
        assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
        assert reply.json() == "not available now; try again shortly"


async def test_a_fault_of_ours_tells_nothing_of_our_insides(zen: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zen.judge, "judge", None)
    reply = await zen.post("evaluation", question())
    assert (reply.status_code, reply.json()) == (500, "something failed on our side")


async def test_one_program_takes_so_many_places_and_leaves_the_rest(
    zen: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, write, held = asyncio.Event(), zen.home.store.write, 0

    async def slow(work: Any) -> Any:
        nonlocal held
        held += 1
        await gate.wait()
        return await write(work)

    other = await zen.program("other", "authzen")
    monkeypatch.setattr(zen.home.store, "write", slow)
    waiting = [asyncio.ensure_future(zen.post("evaluation", question())) for _ in range(AT_ONCE)]
    while held < AT_ONCE:
        await asyncio.sleep(0)
    assert (await zen.post("evaluation", question())).status_code == 429
    beside = asyncio.ensure_future(zen.post("evaluation", question(), Authorization=f"Bearer {other}"))
    while held <= AT_ONCE:
        await asyncio.sleep(0)
    gate.set()
    assert {(await each).status_code for each in (*waiting, beside)} == {200}
    assert (await zen.post("evaluation", question())).status_code == 200


def test_a_refusal_of_the_gate_can_be_raised_through_a_context() -> None:
    with pytest.raises(TurnedAway, match="not now"):
        raise TurnedAway(429, "not now")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(question())), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*question(), "evaluations", "options", "type", "id", "name"]), VALUES))
def test_any_object_is_a_question_or_malformed_and_nothing_else(body: dict[str, Any]) -> None:
    try:
        read_batch(read_json(json.dumps(body).encode()))
    except Malformed as fault:
        assert str(fault)
