"""The policy's life: refused with places, published on a base, rolled back, never so that every admin is locked out."""

import pytest

from idp.admin.explaining import Question
from idp.admin.guards import Unexpected, UnreadableTests
from idp.admin.publishing import LocksOut, PolicyConflict
from kernel.problems import Invalid, Missing, Refused
from kernel.records.devices import Proof
from policies.model import Outcome, Truth
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, House

STRICT = OPEN.replace("groups: [staff]", "groups: [nobody-yet]")
SHUT = OPEN.replace("service: [console, portal]", "service: [portal]")
BROKEN = OPEN.replace("service: [console, portal]", "servise: [console, portal]")
NIGHTS = OPEN.replace(
    "    then: allow\n    require", '    when: {between: "02:00-03:00", zone: UTC}\n    then: allow\n    require'
)
OFFICE = OPEN.replace("version: 1\n", "version: 1\nnetworks:\n  office: [203.0.113.0/24]\n").replace(
    "    then: allow\n    require", "    network: {in: [office]}\n    then: allow\n    require"
)


async def test_a_revision_its_change_and_its_audit_entry_come_together(home: House) -> None:
    await home.admin()
    made = await home.acts.publishing.publish(ADMIN, OPEN, "first", base=0)
    assert (made.number, made.author, made.comment) == (1, "admin:root", "first")
    assert await home.acts.publishing.current() == made
    assert (await home.handles())[-1] == "policy"
    said = (await home.log())[-1].fields
    assert (said["kind"], said["act"], said["revision"]) == ("policy-changed", "published", 1)


async def test_a_broken_policy_is_refused_with_its_place_and_the_old_one_stays(home: House) -> None:
    await home.admin()
    old = await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    with pytest.raises(Invalid) as refusal:
        await home.acts.publishing.publish(ADMIN, BROKEN, base=1)
    problem = refusal.value.problems[0]
    assert (problem.place.line, problem.place.column, problem.text) == (5, 5, "servise")
    assert "`service`" in problem.hint
    assert await home.acts.publishing.current() == old
    assert (await home.log())[-1].fields["act"] == "publish-refused"


async def test_two_admins_at_once_get_a_conflict_with_both_changes(home: House) -> None:
    await home.admin()
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    await home.acts.publishing.publish(LOCAL, STRICT, "tighter", base=1)
    with pytest.raises(PolicyConflict) as refusal:
        await home.acts.publishing.publish(ADMIN, OPEN.replace("submission]", "submission, pop3]"), base=1)
    assert "admin:local:root published revision 2 while you worked on revision 1" in str(refusal.value)
    assert "+    who: {groups: [nobody-yet]}" in refusal.value.theirs()
    assert "+    service: [portal, imap, submission, pop3]" in refusal.value.yours()
    assert len(await home.acts.publishing.history()) == 2


async def test_what_locks_every_admin_out_is_refused_unless_forced_on_the_server(home: House) -> None:
    await home.admin()
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    with pytest.raises(LocksOut):
        await home.acts.publishing.publish(ADMIN, SHUT, base=1)
    with pytest.raises(Refused, match="Only the command line on the server"):
        await home.acts.publishing.publish(ADMIN, SHUT, base=1, force=True)
    assert (await home.acts.publishing.publish(LOCAL, SHUT, base=1, force=True)).number == 2


async def test_where_nobody_is_an_admin_yet_the_server_may_publish_without_force(home: House) -> None:
    with pytest.raises(LocksOut):
        await home.acts.publishing.publish(ADMIN, OPEN, base=None)
    assert (await home.acts.publishing.publish(LOCAL, OPEN, base=None)).number == 1
    assert (await home.acts.publishing.publish(LOCAL, SHUT, base=1)).number == 2
    await home.admin()
    assert (await home.acts.publishing.publish(LOCAL, OPEN, base=2)).number == 3
    with pytest.raises(LocksOut):
        await home.acts.publishing.publish(LOCAL, SHUT, base=3)


@pytest.mark.parametrize("text", [OPEN, NIGHTS, OFFICE], ids=["now", "only at night", "only from the office"])
async def test_an_admin_who_can_come_later_or_from_elsewhere_is_not_locked_out(home: House, text: str) -> None:
    await home.admin()
    assert (await home.acts.publishing.publish(ADMIN, text, base=0)).number == 1


async def test_an_admin_without_the_factor_or_the_proof_does_not_count(home: House) -> None:
    await home.admin()
    passkeys = OPEN.replace("factors: [totp]", "factors: [passkey]")
    with pytest.raises(LocksOut):
        await home.acts.publishing.publish(ADMIN, passkeys, base=0)
    with pytest.raises(LocksOut):
        await home.acts.publishing.publish(
            ADMIN, OPEN.replace("proof: [browser-key, certificate]", "proof: ssh-key"), base=0
        )
    await home.acts.people.set_disabled(LOCAL, "root", True)
    with pytest.raises(LocksOut):
        await home.acts.publishing.publish(ADMIN, OPEN, base=0)


async def test_rolling_back_is_a_new_revision_with_the_old_text(home: House) -> None:
    await home.admin()
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    await home.acts.publishing.publish(ADMIN, STRICT, base=1)
    made = await home.acts.publishing.rollback(ADMIN, 1, "too tight")
    assert (made.number, made.text, made.restores) == (3, OPEN, 1)
    assert [each.number for each in await home.acts.publishing.history(limit=2)] == [3, 2]
    assert [each.number for each in await home.acts.publishing.history(before=2)] == [1]
    with pytest.raises(Missing, match="no policy revision 9"):
        await home.acts.publishing.rollback(ADMIN, 9)


async def test_a_rollback_does_not_sweep_away_what_came_in_meanwhile(home: House) -> None:
    await home.admin()
    for number in range(3):
        await home.acts.publishing.publish(ADMIN, f"{OPEN}# {number}\n", base=number)
    with pytest.raises(PolicyConflict, match="published revision 3 while you worked on revision 2"):
        await home.acts.publishing.rollback(ADMIN, 1, base=2)
    assert (await home.acts.publishing.rollback(ADMIN, 1, base=3)).restores == 1


async def test_check_knows_the_users_and_groups_that_exist(home: House) -> None:
    await home.admin()
    report = await home.acts.publishing.check(OPEN)
    assert report.problems == ()
    assert any("staff" in f"{each.text} {each.what}" for each in report.warnings)


async def test_explain_says_what_and_why(home: House) -> None:
    await home.admin()
    await home.user("mika", "staff")
    laptop = await home.device("mika", "laptop", Proof.CERTIFICATE)
    with pytest.raises(Refused, match="No policy has been published"):
        await home.acts.explaining.explain(Question("imap"))
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    told = await home.acts.explaining.explain(Question("imap", "mika", laptop, "192.0.2.7"))
    assert (told.decision.outcome, told.decision.rule, told.decision.revision) == (Outcome.ALLOW, "staff read mail", 1)
    assert told.facts.proof is Proof.CERTIFICATE
    refused = await home.acts.explaining.explain(Question("imap", "mika"))
    assert refused.decision.outcome is Outcome.DENY
    lacking = [each.key for rule in refused.decision.trace for each in rule.conditions if each.truth is Truth.NOT_HELD]
    assert "device.trust" in lacking
    draft = await home.acts.explaining.explain(Question("imap", "mika", laptop, text=STRICT))
    assert draft.decision.outcome is Outcome.DENY


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(""), "Name the service"),
        (Question("imap", address="192.0.2.300"), "no IP address"),
        (Question("imap", proof="smile"), "no proof"),
        (Question("imap", factors=["smile"]), "no sign-in factor"),
        (Question("imap", user="ghost"), "no user `ghost`"),
    ],
)
async def test_explain_refuses_what_makes_no_sense(home: House, question: Question, words: str) -> None:
    with pytest.raises(Refused, match=words):
        await home.acts.explaining.explain(question)


TABLE = """\
version: 1
people: {root: {groups: [admins]}, mika: {groups: [staff]}}
tests:
  - {name: staff read mail, user: mika, service: imap, device: managed, expect: allow}
"""


async def test_a_table_is_kept_with_its_revision_and_goes_on_to_the_next(home: House) -> None:
    await home.admin()
    publishing = home.acts.publishing
    assert (await publishing.publish(ADMIN, OPEN, base=0, tests=TABLE)).tests == TABLE
    with pytest.raises(Unexpected, match="1 of 1 expected decisions come out otherwise") as refusal:
        await publishing.publish(ADMIN, STRICT, base=1)
    assert refusal.value.result.failures[0].case.name == "staff read mail"
    assert (await home.log())[-1].fields["act"] == "publish-refused"
    assert (await publishing.publish(ADMIN, f"{OPEN}# same\n", base=1)).tests == TABLE
    assert (await publishing.publish(ADMIN, STRICT, base=2, tests="")).tests == ""
    assert (await publishing.rollback(ADMIN, 2)).tests == TABLE


async def test_force_does_not_pass_a_table_that_fails_or_a_policy_with_faults(home: House) -> None:
    await home.acts.publishing.publish(LOCAL, OPEN, base=0, tests=TABLE)
    with pytest.raises(Unexpected):
        await home.acts.publishing.publish(LOCAL, STRICT, base=1, force=True)
    with pytest.raises(UnreadableTests, match="tests:1:10: version `2` of the language is not known"):
        await home.acts.publishing.publish(LOCAL, OPEN, base=1, tests=TABLE.replace("version: 1", "version: 2"))
    with pytest.raises(Invalid):
        await home.acts.publishing.publish(LOCAL, BROKEN, base=1, force=True)


async def test_a_draft_is_tried_on_its_table_without_publishing(home: House) -> None:
    await home.admin()
    assert (await home.acts.publishing.test(OPEN)).cases == 0
    await home.acts.publishing.publish(ADMIN, OPEN, base=0, tests=TABLE)
    assert (await home.acts.publishing.test(STRICT)).failed == 1
    assert (await home.acts.publishing.test(STRICT, TABLE.replace("allow}", "deny}"))).failed == 0
