"""Publishing by two: an admin proposes, another one approves or declines; what is stale, own or too old is refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from idp.admin import proposals
from idp.admin.actor import Actor
from idp.admin.publishing import LocksOut, PolicyConflict
from kernel.config.settings import PolicySettings
from kernel.problems import Invalid, Missing, Refused
from kernel.records.policy import PolicyProposal, PolicyRevision, ProposalState
from tests.idp.admin.house import LOCAL, OPEN, House, house

DAY = 86400.0
ANN, BEN, EVE = (Actor.of(name) for name in ("ann", "ben", "eve"))
SHUT = OPEN.replace("service: [console, portal]", "service: [portal]")


@pytest_asyncio.fixture
async def two(tmp_path: Path) -> AsyncIterator[House]:
    """A house where two must agree, with two admins and a first revision."""
    async with house(tmp_path, PolicySettings(second_approver=True)) as opened:
        for name in ("ann", "ben"):
            await opened.user(name, "admins", ready=True)
            await opened.device(name, "desk")
        await opened.acts.publishing.publish(LOCAL, OPEN, "first", base=0, force=True)
        yield opened


async def propose(home: House, actor: Actor = ANN, text: str = f"{OPEN}# changed\n", base: int = 1) -> PolicyProposal:
    made = await home.acts.publishing.publish(actor, text, "why", base=base)
    assert isinstance(made, PolicyProposal)
    return made


async def told(home: House) -> list[tuple[str, str, int, int]]:
    """Return act, actor, revision and proposal of every audit entry about the policy."""
    entries = [entry.fields for entry in await home.log() if entry.kind == "policy-changed"]
    return [(each["act"], each["actor"], each["revision"], each["proposal"]) for each in entries]


async def number_in_force(home: House) -> int:
    current = await home.acts.publishing.current()
    return current.number if current else 0


async def test_what_one_admin_publishes_waits_for_another(two: House) -> None:
    made = await propose(two)
    assert (made.number, made.author, made.base, made.comment) == (1, "admin:ann", 1, "why")
    assert await number_in_force(two) == 1
    assert (await two.handles())[-1] == "proposals"
    approved = await two.acts.publishing.proposals.approve(BEN, 1, "looks right")
    assert (approved.number, approved.author, approved.approver) == (2, "admin:ann", "admin:ben")
    assert (approved.text, approved.comment, approved.proposal) == (f"{OPEN}# changed\n", "why", 1)
    assert (await two.handles())[-2:] == ["policy", "proposals"]
    shown = (await two.acts.publishing.proposals.show(1)).proposal
    assert (shown.state, shown.answered_by, shown.answer) == (ProposalState.APPROVED, "admin:ben", "looks right")
    assert (await told(two))[1:] == [
        ("proposed", "admin:ann", 0, 1),
        ("published", "admin:ben", 2, 1),
        ("approved", "admin:ben", 2, 1),
    ]


async def test_nobody_approves_their_own(two: House) -> None:
    await propose(two)
    with pytest.raises(Refused, match="another admin must approve"):
        await two.acts.publishing.proposals.approve(ANN, 1)
    with pytest.raises(Refused, match="withdraw it instead"):
        await two.acts.publishing.proposals.decline(ANN, 1)
    assert await number_in_force(two) == 1


async def test_a_proposal_is_declined_or_withdrawn_with_a_reason_and_then_closed(two: House) -> None:
    await propose(two)
    with pytest.raises(Refused, match="admin:ann's: only they"):
        await two.acts.publishing.proposals.withdraw(BEN, 1)
    declined = await two.acts.publishing.proposals.decline(BEN, 1, "not before Friday")
    assert (declined.state, declined.answer) == (ProposalState.DECLINED, "not before Friday")
    with pytest.raises(Refused, match="admin:ben has declined proposal 1"):
        await two.acts.publishing.proposals.approve(BEN, 1)
    await propose(two)
    assert (await two.acts.publishing.proposals.withdraw(ANN, 2)).state is ProposalState.WITHDRAWN
    with pytest.raises(Refused, match="has withdrawn proposal 2"):
        await two.acts.publishing.proposals.approve(BEN, 2)
    with pytest.raises(Missing, match="no proposal 3"):
        await two.acts.publishing.proposals.decline(BEN, 3)
    assert await two.acts.publishing.proposals.find() == []
    assert [each.proposal.number for each in await two.acts.publishing.proposals.find(closed=True)] == [2, 1]


async def test_an_author_has_one_open_proposal_the_newest(two: House) -> None:
    await propose(two)
    await propose(two, text=f"{OPEN}# better\n")
    assert [each.proposal.number for each in await two.acts.publishing.proposals.find()] == [2]
    with pytest.raises(Refused, match="another proposal in the place of proposal 1"):
        await two.acts.publishing.proposals.approve(BEN, 1)


async def test_a_proposal_expires(two: House) -> None:
    await propose(two)
    two.clock.forward(7 * DAY + 1)
    assert (await two.acts.publishing.proposals.show(1)).state is ProposalState.EXPIRED
    with pytest.raises(Refused, match="Nobody answered proposal 1 in time"):
        await two.acts.publishing.proposals.approve(BEN, 1)
    assert (await told(two))[-1] == ("expired", "system", 0, 1)
    assert await number_in_force(two) == 1


async def test_a_proposal_goes_stale_when_something_else_is_published_and_its_approver_sees_both_changes(
    two: House,
) -> None:
    await propose(two, ANN)
    await propose(two, EVE, OPEN.replace("groups: [staff]", "groups: [interns]"))
    await two.acts.publishing.proposals.approve(BEN, 2)
    (standing,) = await two.acts.publishing.proposals.find()
    assert standing.stale and standing.proposal.number == 1
    with pytest.raises(PolicyConflict, match="Proposal 1 was made from revision 1") as refusal:
        await two.acts.publishing.proposals.approve(BEN, 1)
    assert "+    who: {groups: [interns]}" in refusal.value.theirs()
    assert "+# changed" in refusal.value.yours()
    assert refusal.value.merged.clean
    again = await propose(two, ANN, refusal.value.merged.text, base=2)
    assert (await two.acts.publishing.proposals.approve(BEN, again.number)).number == 3


async def test_of_many_approvers_at_once_one_puts_it_in_force(two: House) -> None:
    await propose(two)
    approvers = [Actor.of(f"admin{number}") for number in range(8)]
    ended = await asyncio.gather(
        *(two.acts.publishing.proposals.approve(each, 1) for each in approvers), return_exceptions=True
    )
    assert sum(isinstance(each, PolicyRevision) for each in ended) == 1
    assert sum(isinstance(each, Refused) for each in ended) == 7
    assert await number_in_force(two) == 2


async def test_of_two_proposals_approved_at_once_one_is_in_force_and_the_other_is_stale(two: House) -> None:
    await propose(two, ANN)
    await propose(two, EVE)
    ended = await asyncio.gather(
        *(two.acts.publishing.proposals.approve(BEN, number) for number in (1, 2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in ended) == ["PolicyConflict", "PolicyRevision"]


async def test_approving_and_declining_at_once_come_to_one_of_them(two: House) -> None:
    await propose(two)
    acts = two.acts.publishing.proposals
    approved, declined = await asyncio.gather(acts.approve(BEN, 1), acts.decline(EVE, 1), return_exceptions=True)
    assert isinstance(approved, PolicyRevision) is isinstance(declined, Refused)
    assert await number_in_force(two) == (2 if isinstance(approved, PolicyRevision) else 1)


async def test_at_the_server_force_stands_in_for_the_other_admin_and_is_put_on_record(two: House) -> None:
    waiting = await two.acts.publishing.publish(LOCAL, f"{OPEN}# local\n", base=1)
    assert isinstance(waiting, PolicyProposal)
    with pytest.raises(Refused, match="another admin must approve"):
        await two.acts.publishing.proposals.approve(LOCAL, 1)
    with pytest.raises(Refused, match="cannot tell who you are"):
        await two.acts.publishing.proposals.approve(Actor.on_this_machine("other"), 1)
    with pytest.raises(Refused, match="Only the command line on the server"):
        await two.acts.publishing.proposals.approve(BEN, 1, force=True)
    forced = await two.acts.publishing.proposals.approve(LOCAL, 1, force=True)
    assert (forced.number, forced.approver, forced.forced) == (2, "admin:local:root", ("approval",))
    direct = await two.acts.publishing.publish(LOCAL, OPEN, base=2, force=True)
    assert isinstance(direct, PolicyRevision) and direct.forced == ("approval",)
    assert [each.fields["forced"] for each in await two.log() if each.fields.get("act") == "published"] == [
        ["approval"],
        ["approval"],
        ["approval"],
    ]


async def test_a_draft_is_guarded_when_it_is_proposed_and_again_when_it_is_approved(two: House) -> None:
    with pytest.raises(Invalid):
        await propose(two, text=OPEN.replace("then: allow", "then: alow"))
    with pytest.raises(LocksOut):
        await propose(two, text=SHUT)
    await propose(two)
    await two.acts.people.set_disabled(LOCAL, "ann", True)
    with pytest.raises(LocksOut, match="only ben could open the console"):
        await two.acts.publishing.proposals.approve(BEN, 1)
    assert (await two.acts.publishing.proposals.show(1)).state is ProposalState.OPEN


async def test_one_admin_alone_brings_back_what_was_in_force_until_lately(two: House) -> None:
    await two.acts.publishing.publish(LOCAL, f"{OPEN}# second\n", base=1, force=True)
    back = await two.acts.publishing.rollback(ANN, 1, "it broke the webmail")
    assert isinstance(back, PolicyRevision) and (back.number, back.restores, back.forced) == (3, 1, ())
    two.clock.forward(31 * DAY)
    waiting = await two.acts.publishing.rollback(ANN, 2, "perhaps it was better")
    assert isinstance(waiting, PolicyProposal) and waiting.restores == 2
    approved = await two.acts.publishing.proposals.approve(BEN, 1)
    assert (approved.number, approved.restores, approved.text) == (4, 2, f"{OPEN}# second\n")


async def test_whoever_wants_it_so_lets_nobody_roll_back_alone(tmp_path: Path) -> None:
    async with house(tmp_path, PolicySettings(second_approver=True, rollback_alone=0.0)) as home:
        await home.acts.publishing.publish(LOCAL, OPEN, base=0, force=True)
        waiting = await home.acts.publishing.rollback(LOCAL, 1)
        assert isinstance(waiting, PolicyProposal)


async def test_there_may_be_only_so_many_open(two: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "MOST_OPEN", 3)
    for number in range(3):
        await propose(two, Actor.of(f"admin{number}"))
    with pytest.raises(Refused, match="3 open proposals already"):
        await propose(two, ANN)
