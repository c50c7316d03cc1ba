"""A login waits, its person is asked: once however often it knocks, not too often; a yes stands on its credential."""

from dataclasses import replace

import pytest

from idp.approvals import fatigue
from kernel.audit import ApprovalChanged
from kernel.authority import ApprovalOrder, Attempt, Subject, Verified
from kernel.problems import Refused
from kernel.records.approvals import Answer, Approval
from kernel.records.credentials import AppPassword
from kernel.records.sessions import Factor
from policies.facts import Facts
from tests.idp.authority.site import House

HOME, NEAR, FAR = "192.0.2.7", "192.0.2.99", "198.51.100.4"


async def subject(home: House, secret: str, address: str = HOME) -> Subject:
    answer = await home.answers.verify(Attempt("imap", address, "anna", secret))
    assert isinstance(answer, Verified)
    return answer.subject


def order(who: Subject, session: str = "s_1", address: str = HOME, **more: object) -> ApprovalOrder:
    return ApprovalOrder(who.key, session, "imap", address, ("totp",), 3600.0, **more)  # type: ignore[arg-type]


async def test_a_yes_with_the_factor_lets_the_credential_in_from_that_network_while_it_lasts(home: House) -> None:
    _, secret = await home.app_password("imap")
    who = await subject(home, secret)
    asked = await home.answers.ask_person(order(who))
    (question,) = await home.answers.approvals.waiting(home.anna.id)
    assert (question.id, question.zone, question.address, question.number) == (asked.id, "192.0.2.0/24", HOME, "")

    before = await home.store.read(lambda tx: tx.last_change())
    shown = {Factor.TOTP.value: home.clock.now(), Factor.APPROVAL.value: home.clock.now()}
    assert await home.answers.approvals.approve(home.anna, asked.id, shown)
    handles = [each.handle for each in await home.store.read(lambda tx: tx.changes(before))]
    # First what proxies remember of the credential goes, then the waiting login looks again.
    assert handles == [f"credential:{who.key.credential_id}", f"approval:{asked.id}", f"approvals:{home.anna.id}"]

    let_in, now = await subject(home, secret), home.clock.now()
    assert Facts.of(let_in, "imap", NEAR, now).factors[Factor.TOTP] == shown["totp"]
    assert Facts.of(let_in, "imap", f"::ffff:{NEAR}", now).factors.keys() == {Factor.TOTP, Factor.APPROVAL}
    assert Facts.of(let_in, "imap", FAR, now).factors == {}
    assert Facts.of(let_in, "imap", "no address", now).factors == {}
    assert Facts.of(let_in, "imap", NEAR, now + 3600.0).factors == {}
    assert [each["act"] for each in await home.events(ApprovalChanged.kind)] == ["asked", "approved"]
    assert (await home.events(ApprovalChanged.kind))[1]["actor"] == "user:anna"


async def test_the_yes_is_this_credentials_alone_and_falls_with_it(home: House) -> None:
    _, secret = await home.app_password("imap")
    _, other = await home.app_password("imap")
    who = await subject(home, secret)
    asked = await home.answers.ask_person(order(who))
    await home.answers.approvals.approve(home.anna, asked.id, {"totp": home.clock.now()})
    assert (await subject(home, other)).approved == ()
    await home.accounts.revoke_app_password("user:anna", who.key.credential_id)
    found = await home.answers.facts(who.key)
    assert found is not None and found.fallen is not None


async def test_an_old_factor_or_none_is_no_yes(home: House) -> None:
    _, secret = await home.app_password("imap")
    asked = await home.answers.ask_person(order(await subject(home, secret)))
    now = home.clock.now()
    for shown in ({}, {"totp": now - 1.0}, {"approval": now, "password": now}):
        assert await home.answers.approvals.approve(home.anna, asked.id, shown) is None
    assert await home.answers.approvals.approve(home.ben, asked.id, {"totp": now}) is None
    assert (await subject(home, secret)).approved == ()
    assert len(await home.answers.approvals.waiting(home.anna.id)) == 1


async def test_several_connections_of_one_program_are_one_question_which_the_last_takes_along(home: House) -> None:
    _, secret = await home.app_password("imap")
    who = await subject(home, secret)
    first = await home.answers.ask_person(order(who, "s_1"))
    second = await home.answers.ask_person(order(who, "s_2", NEAR))
    assert first.id == second.id
    await home.answers.withdraw(first.id, "s_1")
    assert len(await home.answers.approvals.waiting(home.anna.id)) == 1
    await home.answers.withdraw(first.id, "s_2")
    assert await home.answers.approvals.waiting(home.anna.id) == []
    assert await home.answers.approvals.approve(home.anna, first.id, {"totp": home.clock.now()}) is None


async def test_a_no_is_not_asked_again_soon(home: House) -> None:
    _, secret = await home.app_password("imap")
    who = await subject(home, secret)
    asked = await home.answers.ask_person(order(who))
    await home.answers.approvals.deny(home.anna, asked.id)
    with pytest.raises(Refused, match="denied"):
        await home.answers.ask_person(order(who))
    assert (await home.answers.ask_person(order(who, address=FAR))).id != asked.id  # elsewhere is somebody else
    home.clock.forward(fatigue.QUIET)
    assert (await home.answers.ask_person(order(who))).id != asked.id
    assert [each["act"] for each in await home.events(ApprovalChanged.kind)][:3] == ["asked", "denied", "refused"]


async def test_who_asks_too_much_is_refused_at_once_and_no_credential_counts_as_wrong(home: House) -> None:
    _, secret = await home.app_password("imap")
    who = await subject(home, secret)
    for network in range(fatigue.OPEN):
        await home.answers.ask_person(order(who, address=f"203.0.{network}.1"))
    with pytest.raises(Refused, match="open"):
        await home.answers.ask_person(order(who, address="203.0.99.1"))
    home.clock.forward(60.0)
    for network in range(fatigue.OPEN, fatigue.PER_HOUR):
        asked = await home.answers.ask_person(order(who, address=f"203.0.{network}.1"))
        await home.answers.withdraw(asked.id, "s_1")
    with pytest.raises(Refused, match="within an hour"):
        await home.answers.ask_person(order(who, address="203.0.99.1"))
    assert await home.events("credential-refused") == []


async def test_who_asks_just_after_the_yes_is_told_so(home: House) -> None:
    _, secret = await home.app_password("imap")
    who = await subject(home, secret)
    asked = await home.answers.ask_person(order(who))
    await home.answers.approvals.approve(home.anna, asked.id, {"totp": home.clock.now()})
    again = await home.answers.ask_person(order(who, "s_2"))
    assert (again.id, again.answered) == (asked.id, True)


async def test_a_question_is_over_when_its_time_is(home: House) -> None:
    _, secret = await home.app_password("imap")
    asked = await home.answers.ask_person(order(await subject(home, secret), wait=45.0))
    home.clock.forward(45.0)
    assert await home.answers.approvals.waiting(home.anna.id) == []
    assert await home.answers.approvals.approve(home.anna, asked.id, {"totp": home.clock.now()}) is None


async def test_what_has_fallen_asks_nobody(home: House) -> None:
    _, secret = await home.app_password("imap")
    who = await subject(home, secret)
    for odd in (replace(who.key, user_id="u_nobody"), replace(who.key, credential_id="", device_id="")):
        with pytest.raises(Refused):
            await home.answers.ask_person(order(replace(who, key=odd)))
    await home.accounts.revoke_app_password("user:anna", who.key.credential_id)
    with pytest.raises(Refused):
        await home.answers.ask_person(order(who))


async def test_a_client_that_can_show_a_number_is_given_one(home: House) -> None:
    _, secret = await home.app_password("imap")
    asked = await home.answers.ask_person(order(await subject(home, secret), shows=True, client="mutt"))
    assert 10 <= int(asked.number) <= 99


async def test_pages_that_listen_are_woken_and_only_their_persons(home: House) -> None:
    _, secret = await home.app_password("imap")
    bell = home.answers.approvals.bell
    with bell.listen(home.anna.id) as hers, bell.listen(home.ben.id) as his:
        assert hers is not None and his is not None
        await home.answers.ask_person(order(await subject(home, secret)))
        await hers.wait()
        assert not his.is_set()
    assert bell._unwatch is None and not bell._listening


async def test_old_records_without_the_new_field_are_read(home: House) -> None:
    name, secret = await home.app_password("imap")
    found = await home.store.read(lambda tx: tx.find(AppPassword, user_id=home.anna.id))
    assert [each.approved for each in found] == [()] and (await subject(home, secret)).approved == () and name


def question(**more: object) -> Approval:
    made = Approval("ask_1", "u_1", "ap_1", "", "192.0.2.0/24", "imap", HOME, ("totp",), 0.0, 45.0, 3600.0)
    return replace(made, **more)  # type: ignore[arg-type]


def test_fatigue_counts_what_is_open_and_what_was_asked() -> None:
    many = [question(zone=f"203.0.{n}.0/24", asked_at=float(n), until=float(n) + 45) for n in range(3)]
    assert fatigue.too_much(many, question(), 10.0) == "too many questions are open"
    assert fatigue.too_much(many, question(), 48.0) == ""
    denied = question(answer=Answer.DENIED, answered_at=10.0)
    assert fatigue.too_much([denied], question(), 20.0) == "denied a moment ago"
    assert fatigue.too_much([denied], question(credential_id="ap_2"), 20.0) == ""
