"""Questions to the decision point, one and many: what is answered, from whose word, and what goes on record."""

from datetime import UTC, datetime

import pytest

from kernel.records.devices import Trust
from tests.idp.admin.house import LOCAL
from tests.idp.authzen.point import Point, question

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
FACTORS = {"factors": ["password", "totp"]}


async def test_who_may_is_told_so_with_what_it_stands_on(zen: Point) -> None:
    told = await zen.answer("evaluation", question(device_id=zen.laptop, proof="certificate", **FACTORS))
    assert told["decision"] is True
    context = told["context"]
    assert (context["rule"], context["revision"]) == ("the webmail for staff, with a second factor of today", 1)
    assert context["obligations"] == [{"id": "limits", "limits": {"session": 43200.0, "idle": 3600.0}}]
    ends = datetime.fromisoformat(context["valid_until"]).timestamp()
    assert ends == pytest.approx(zen.home.clock.now() + 8 * 3600, abs=1)


async def test_a_factor_that_is_missing_is_an_obligation_and_no_permission(zen: Point) -> None:
    told = await zen.answer("evaluation", question(device_id=zen.laptop, proof="certificate"))
    assert told["decision"] is False and told["context"]["reason"] == "step-up"
    [step_up] = told["context"]["obligations"]
    assert step_up["step-up"] == {
        "acr_values": "urn:gatepost:acr:2",
        "amr_values": ["otp"],
        "factors": ["totp"],
        "within": 28800.0,
    }
    late = zen.home.clock.now() - 9 * 3600
    asked = question(device_id=zen.laptop, proof="certificate", factors={"totp": late})
    assert (await zen.answer("evaluation", asked))["context"]["reason"] == "step-up"


async def test_a_denial_speaks_every_language_and_leads_to_its_record(zen: Point) -> None:
    await zen.home.devices.set_trust("admin:root", zen.laptop, Trust.LOST, "left in a train")
    told = await zen.answer("evaluation", question(device_id=zen.laptop, proof="certificate", **FACTORS))
    context = told["context"]
    assert told["decision"] is False and context["reason"] == "policy"
    assert context["reason_user"] == {
        "en": "This device was reported lost.",
        "ja": "この端末は紛失として登録されています。",
    }
    assert context["reason_admin"] == {"en": "rule `lost devices get nothing` of revision 1"}
    assert context["link"] == f"https://id.example.com/r/{context['reference']}"
    [decided] = await zen.log("decided")
    assert (decided["actor"], decided["user"], decided["reference"]) == ("client:edge", "alice", context["reference"])
    assert (decided["service"], decided["outcome"], decided["device_id"]) == ("webmail", "deny", zen.laptop)


async def test_a_person_is_known_by_address_name_or_id(zen: Point) -> None:
    alice = await zen.home.acts.people.show("alice")
    for named in ("alice@example.com", "alice", "ALICE", alice.user.id):
        asked = question(named, "imap", device_id=zen.laptop, proof="certificate")
        assert (await zen.answer("evaluation", asked))["decision"] is True, named
    for named in ("nobody", "alice@example.org", "u_0"):
        told = await zen.answer("evaluation", question(named, "imap"))
        assert told == {"decision": False, "context": {"error": {"status": 404, "message": "there is no such subject"}}}


async def test_the_device_may_stand_in_the_subjects_properties(zen: Point) -> None:
    asked = question(service="imap")
    asked["subject"]["properties"] = {"device_id": zen.laptop, "proof": "certificate", "ip_address": "192.0.2.9"}
    assert (await zen.answer("evaluation", asked))["decision"] is True
    [decided] = await zen.log("decided")
    assert decided["address"] == "192.0.2.9"
    by_name = question(service="imap", device="laptop", proof="certificate")
    assert (await zen.answer("evaluation", by_name))["decision"] is True


async def test_trust_groups_and_posture_are_never_the_askers_word(zen: Point) -> None:
    claimed = {"trust": "managed", "groups": ["staff"], "posture": "healthy", "signals": {"disk_encrypted": True}}
    asked = question("mallory", "imap", proof="certificate", **claimed)
    asked["subject"]["properties"] = {**claimed, "disabled": False, "role": "admin"}
    assert (await zen.answer("evaluation", asked))["decision"] is False
    asked = question(service="imap", proof="certificate", device_trust="managed", **claimed)
    assert (await zen.answer("evaluation", asked))["decision"] is False  # on no device that we know


async def test_somebody_elses_device_proves_nothing(zen: Point) -> None:
    mine = await zen.home.device("mallory", "tablet")
    told = await zen.answer("evaluation", question(service="imap", device_id=mine, proof="certificate"))
    assert (told["decision"], told["context"]["reason"]) == (False, "credential-revoked")
    told = await zen.answer("evaluation", question(service="imap", device_id="d_nothing", proof="certificate"))
    assert told["context"]["error"] == {"status": 404, "message": "there is no such device"}


async def test_a_disabled_person_is_denied_whatever_the_rules_say(zen: Point) -> None:
    await zen.home.acts.people.set_disabled(LOCAL, "alice", True)
    told = await zen.answer("evaluation", question(service="imap", device_id=zen.laptop, proof="certificate"))
    assert (told["decision"], told["context"]["reason"]) == (False, "user-disabled")


@pytest.mark.parametrize(
    ("context", "decision"),
    [
        ({"ip_address": "192.0.2.7", "time": "2026-06-01T12:00:00Z"}, True),
        ({"ip": "192.0.2.7", "time": "2026-06-01T14:00+02:00"}, True),
        ({"ip_address": "192.0.2.7", "time": NOON.timestamp()}, True),
        ({"ip_address": "192.0.2.7", "time": "2026-06-01T23:00:00Z"}, False),
        ({"ip_address": "198.51.100.7", "time": "2026-06-01T12:00:00Z"}, False),
        ({"time": "2026-06-01T12:00:00Z"}, False),
    ],
)
async def test_where_and_when_are_the_askers_word(zen: Point, context: dict[str, object], decision: bool) -> None:
    told = await zen.answer("evaluation", question(service="portal", **context))
    assert told["decision"] is decision
    [decided] = await zen.log("decided")
    assert decided["at"] == zen.home.clock.now()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subject": {"type": "device", "id": "x"}}, "there is no type of subject but `user`"),
        ({"resource": {"type": "record", "id": "1"}}, "there is no type of resource but `service`"),
        ({"action": {"name": "delete"}}, "there is no action but `use`"),
        ({"context": {"ip_address": "nowhere"}}, "`ip_address` is no IP address"),
        ({"context": {"time": "yesterday"}}, "a time is RFC 3339 with its offset, or seconds since 1970"),
        ({"context": {"time": "2026-06-01T12:00:00"}}, "a time is RFC 3339 with its offset, or seconds since 1970"),
        ({"context": {"proof": "charm"}}, "`proof` is one of none, certificate"),
        ({"context": {"factors": ["luck"]}}, "a factor is one of password"),
        ({"context": {"factors": "totp"}}, "`factors` is a list of factors"),
        ({"context": {"device_id": "a", "device": "b"}}, "`device_id` is given twice, and differs"),
    ],
)
async def test_what_cannot_be_judged_is_a_denial_that_says_why(
    zen: Point, change: dict[str, object], message: str
) -> None:
    told = await zen.answer("evaluation", {**question(), **change})
    assert told["decision"] is False and str(told["context"]["error"]["message"]).startswith(message)
    [consulted] = await zen.log("consulted", "decided")
    assert (consulted["kind"], consulted["actor"], consulted["what"]) == ("consulted", "client:edge", "evaluation")
    assert str(consulted["answer"]).startswith(message)


async def test_unknown_fields_and_optional_ones_change_nothing(zen: Point) -> None:
    asked = question(service="imap", device_id=zen.laptop, proof="certificate", source="batch", future={"x": [1]})
    asked |= {"foo": "bar", "futureField": {"nested": True}}
    asked["action"]["properties"] = {"method": "GET"}
    asked["resource"]["properties"] = {"status": "active", "owner": "bob"}
    assert (await zen.answer("evaluation", asked))["decision"] is True
    bare = {name: asked[name] for name in ("subject", "action", "resource")}
    assert (await zen.answer("evaluation", bare))["decision"] is False


async def test_the_same_question_has_the_same_answer(zen: Point) -> None:
    asked = question(service="imap", device_id=zen.laptop, proof="certificate")
    assert len({(await zen.answer("evaluation", asked))["decision"] for _ in range(5)}) == 1


async def test_without_a_policy_nobody_may(zen: Point) -> None:
    zen.judge.policy = None
    told = await zen.answer("evaluation", question(service="imap", device_id=zen.laptop, proof="certificate"))
    assert told["decision"] is False and told["context"]["reason_admin"] == {"en": "there is no policy yet"}


# -- many questions (section 7) -----------------------------------------------------------------------------------


async def batch(zen: Point, *evaluations: object, **body: object) -> list[bool]:
    told = await zen.answer("evaluations", {**body, "evaluations": list(evaluations)})
    assert "decision" not in told
    return [each["decision"] for each in told["evaluations"]]


def service(name: str) -> dict[str, object]:
    return {"resource": {"type": "service", "id": name}}


async def test_many_questions_share_what_they_do_not_say_themselves(zen: Point) -> None:
    shared = question(device_id=zen.laptop, proof="certificate")
    assert await batch(zen, service("imap"), service("portal"), service("submission"), **shared) == [True, False, True]
    assert len(await zen.log("decided")) == 3
    assert len({each["session"] for each in await zen.log("decided")}) == 1
    apart = {"subject": {"type": "user", "id": "mallory"}, **service("imap")}
    whole = {**question(service="imap"), "context": {"device_id": zen.laptop, "proof": "certificate"}}
    assert await batch(zen, whole, apart, **shared) == [True, False]


async def test_a_noun_replaces_the_shared_one_but_for_what_names_it(zen: Point) -> None:
    shared = question(device_id=zen.laptop, proof="certificate")
    shared["subject"]["properties"] = {"ip_address": "192.0.2.7"}
    shared["resource"] = {"type": "service"}
    given = {"subject": {"properties": {}}, "resource": {"id": "imap"}}
    assert await batch(zen, given, **shared) == [True]
    [decided] = await zen.log("decided")
    assert decided["address"] == ""


@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [
        (None, [True, False, True, False]),
        ("execute_all", [True, False, True, False]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
async def test_the_semantic_says_where_to_stop(zen: Point, semantic: str | None, decisions: list[bool]) -> None:
    shared = question(device_id=zen.laptop, proof="certificate")
    if semantic is not None:
        shared["options"] = {"evaluations_semantic": semantic, "another_option": "value"}
    asked = [service(name) for name in ("imap", "portal", "submission", "console")]
    assert await batch(zen, *asked, **shared) == decisions
    assert len(await zen.log("decided")) == len(decisions)


async def test_one_question_that_is_none_denies_itself_alone(zen: Point) -> None:
    shared = {
        name: each for name, each in question(device_id=zen.laptop, proof="certificate").items() if name != "resource"
    }
    told = await zen.answer("evaluations", {**shared, "evaluations": [service("imap"), {}, "x", service("submission")]})
    assert [each["decision"] for each in told["evaluations"]] == [True, False, False, True]
    assert told["evaluations"][1]["context"]["error"] == {"status": 400, "message": "`resource` is missing"}
    assert await batch(zen, {}, service("imap"), **shared, options={"evaluations_semantic": "deny_on_first_deny"}) == [
        False
    ]


async def test_without_many_it_is_the_single_question(zen: Point) -> None:
    asked = question(service="imap", device_id=zen.laptop, proof="certificate")
    for body in (asked, {**asked, "evaluations": []}):
        assert (await zen.answer("evaluations", body))["decision"] is True
