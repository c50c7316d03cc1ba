"""Live sessions judged again under a draft: who would fall, who would stay, and of whom nothing is known."""

from dataclasses import replace

from kernel.records.devices import Trust
from kernel.records.people import User
from policies.language import load
from policies.model import Outcome
from tests.idp.admin.house import LOCAL, OPEN, House
from tests.idp.admin.records_of import decided, record, seen

STRICTER = OPEN.replace("service: [portal, imap, submission]", "service: [portal, submission]")


async def let_in(home: House, *names: str) -> None:
    """Let people in by IMAP, on record, on devices of their own; a proxy carries them."""
    at = home.clock.now()
    for number, name in enumerate(names, 1):
        user = await home.user(name, "staff")
        device = await home.device(name, "laptop")
        facts = seen(name, "imap", at - 60 * number)
        assert facts.user is not None and facts.device is not None
        facts = replace(facts, user=user, device=replace(facts.device, id=device, owner=user.id))
        live = home.session(number, user, device)
        await record(home, [decided(load(OPEN, 1), facts, session=live.id)])


async def test_whom_a_draft_would_end_and_by_which_rule(home: House) -> None:
    await let_in(home, "mika", "ken")
    stays = await home.acts.rejudging.under(OPEN)
    assert (stays.total, stays.judged, list(stays.turned)) == (2, 2, [])
    falls = await home.acts.rejudging.under(STRICTER)
    assert falls.people == ["ken", "mika"]
    assert [(each.session.user, each.decision.outcome) for each in falls.turned] == [
        ("mika", Outcome.DENY),
        ("ken", Outcome.DENY),
    ]


async def test_people_and_devices_count_as_they_are_now(home: House) -> None:
    await let_in(home, "mika", "ken")
    mika = await home.acts.people.get("mika")
    await home.store.write(lambda tx: tx.put(replace(mika, groups=frozenset())))
    laptop = (await home.acts.people.show("ken")).devices[0]
    await home.acts.machines.move(LOCAL, laptop.id, "lose")
    assert (await home.acts.rejudging.under(OPEN)).people == ["ken", "mika"]
    assert laptop.trust is Trust.ENROLLED


async def test_a_session_of_which_nothing_is_on_record_is_not_guessed_at(home: House) -> None:
    await let_in(home, "mika")
    home.session(2, User("u_x", "visitor", "x@example.com"))
    asked = await home.acts.rejudging.under(OPEN.replace("then: allow\n    require: {factors: [totp]}", "then: deny"))
    assert (asked.total, asked.judged) == (2, 1)


async def test_nobody_in_is_nobody_ended(home: House) -> None:
    found = await home.acts.rejudging.under(OPEN)
    assert (found.total, found.people) == (0, [])
