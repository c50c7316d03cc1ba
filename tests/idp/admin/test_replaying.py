"""Replays as jobs: own revisions to the letter, a draft that names whom it concerns, one at a time, and out of the
way."""

import asyncio
import time

import pytest

from idp.admin.replaying import Busy, Job, State, Wish
from kernel.problems import Invalid, Missing
from kernel.records.devices import Trust
from policies.language import load
from policies.turning import Turn
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, House
from tests.idp.admin.records_of import decided, record, seen

STRICTER = OPEN.replace("service: [portal, imap, submission]", "service: [portal, submission]")
LATER = OPEN.replace("staff read mail", "staff and mail")


async def replayed(home: House, wish: Wish) -> Job:
    job = await home.acts.replaying.start(ADMIN, wish)
    return await home.acts.replaying.wait(job.id, 20.0)


async def published(home: House, *texts: str) -> None:
    for text in texts:
        await home.acts.publishing.publish(LOCAL, text, base=None, force=True)


async def fortnight(home: House, days: int = 14, text: str = OPEN, revision: int = 1) -> None:
    """Let anna and ben read mail once a day, carol write it, for so many days up to now."""
    policy, now = load(text, revision), home.clock.now()
    await record(
        home,
        [
            decided(policy, seen(name, service, now - day * 86400.0))
            for day in range(days)
            for name, service in (("anna", "imap"), ("ben", "imap"), ("carol", "submission"))
        ],
    )


async def test_every_record_is_made_again_by_its_own_revision(home: House) -> None:
    await published(home, OPEN, LATER)
    await fortnight(home)
    await fortnight(home, 3, LATER, 2)
    job = await replayed(home, Wish())
    assert (job.state, job.done, job.total) == (State.DONE, 51, 51)
    assert (job.found.replayed, job.found.same) == (51, 51)
    assert job.found.revisions == {1: 42, 2: 9}


async def test_a_draft_names_whom_it_would_refuse_in_the_time_that_is_asked_for(home: House) -> None:
    await published(home, OPEN)
    await fortnight(home)
    whole = await replayed(home, Wish(text=STRICTER))
    denied = whole.found.turned[Turn.DENIED]
    assert {name: person.decisions for name, person in denied.people.items()} == {"anna": 14, "ben": 14}
    assert (whole.found.same, denied.decisions) == (14, 28)

    week = await replayed(home, Wish(text=STRICTER, since=home.clock.now() - 6.5 * 86400))
    assert (week.total, week.found.turned[Turn.DENIED].decisions) == (21, 14)
    latest = await replayed(home, Wish(text=STRICTER, limit=4))
    assert (latest.total, latest.found.seen, latest.found.first_at) == (4, 4, home.clock.now() - 86400)


async def test_a_stored_revision_can_be_asked_and_can_stand_for_what_was(home: House) -> None:
    await published(home, OPEN, STRICTER)
    await fortnight(home, 2)
    by_revision = await replayed(home, Wish(revision=2))
    assert by_revision.found.turned[Turn.DENIED].decisions == 4
    against_it = await replayed(home, Wish(text=STRICTER, against=2))
    assert against_it.found.same == against_it.found.replayed == 6


async def test_a_revision_that_is_gone_or_no_longer_compiles_is_told(home: House) -> None:
    await published(home, OPEN)
    await fortnight(home, 1)
    await record(home, [decided(load(OPEN, 9), seen("dora", "imap", home.clock.now()))])
    job = await replayed(home, Wish())
    assert (job.found.same, job.found.unreadable) == (3, {"revision 9 is gone": 1})


async def test_what_cannot_be_asked_is_refused_at_once(home: House) -> None:
    with pytest.raises(Invalid):
        await home.acts.replaying.start(ADMIN, Wish(text="version: 1\nrulez: []"))
    with pytest.raises(Missing):
        await home.acts.replaying.start(ADMIN, Wish(revision=3))
    with pytest.raises(Missing):
        home.acts.replaying.job("replay_nobody")


async def test_one_at_a_time_and_one_can_be_given_up(home: House) -> None:
    await published(home, OPEN)
    await fortnight(home)
    job = await home.acts.replaying.start(ADMIN, Wish())
    with pytest.raises(Busy, match="admin:root"):
        await home.acts.replaying.start(ADMIN, Wish())
    assert home.acts.replaying.cancel(job.id).state is State.CANCELLED
    assert (await home.acts.replaying.wait(job.id, 5.0)).state is State.CANCELLED
    assert (await replayed(home, Wish())).state is State.DONE
    assert home.acts.replaying.job(job.id) is job


async def test_only_the_last_few_are_kept(home: House) -> None:
    first = await replayed(home, Wish())
    for _ in range(8):
        await replayed(home, Wish())
    with pytest.raises(Missing):
        home.acts.replaying.job(first.id)


async def test_the_loop_has_its_turn_all_the_while(home: House) -> None:
    """The bound that counts is 20 ms (see the end-to-end test with 100,000); here, that work and rest take turns."""
    await published(home, OPEN)
    policy, now = load(OPEN, 1), home.clock.now()
    await record(home, [decided(policy, seen("anna", "imap", now - nth, trust=Trust.MANAGED)) for nth in range(2000)])
    home.clock.monotonic = time.monotonic  # type: ignore[method-assign]
    pauses: list[float] = []
    home.acts.replaying._pause = pauses.append
    job = await home.acts.replaying.start(ADMIN, Wish(text=STRICTER))
    turns, counts = 0, []
    while job.state is State.RUNNING:
        await asyncio.sleep(0)
        turns += 1
        counts.append(home.acts.replaying.job(job.id).found.seen)
    assert set(counts) <= {0, 500, 1000, 1500, 2000} and len(set(counts)) > 2  # whole pages, while it goes on
    assert job.found.turned[Turn.DENIED].decisions == 2000
    assert turns > 10 and len(pauses) > 5
