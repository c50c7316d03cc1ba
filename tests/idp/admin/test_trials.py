"""Trials: begun and stopped by an admin, followed by everybody, shown with counts and rows, one at a time."""

import pytest

from idp.admin.counting import Counting
from idp.admin.trials import TrialRuns
from kernel.problems import Invalid, Refused
from policies.language import load
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, House
from tests.idp.admin.records_of import decided, differed, record, seen

STRICTER = OPEN.replace("service: [portal, imap, submission]", "service: [portal, submission]")


async def begun(home: House) -> None:
    await home.acts.publishing.publish(LOCAL, OPEN, base=None, force=True)
    await home.acts.trials.start(ADMIN, STRICTER, " only the portal ")


async def test_a_trial_begins_beside_the_policy_and_ends(home: House) -> None:
    await begun(home)
    await home.judge.load()
    assert home.judge.policy is not None and home.judge.trial is not None
    assert (home.judge.policy.revision, home.judge.trial.revision) == (1, 1)
    assert (await home.handles())[-1] == "policy"

    ended = await home.acts.trials.stop(LOCAL)
    assert (ended.running, ended.ended_by) == (False, LOCAL.name)
    await home.judge.load()
    assert home.judge.trial is None
    told = [entry.fields for entry in await home.log() if entry.kind == "policy-changed"][-2:]
    assert [(each["act"], each["actor"], each["trial"], each["comment"]) for each in told] == [
        ("trial-started", ADMIN.name, 1, "only the portal"),
        ("trial-stopped", LOCAL.name, 1, "only the portal"),
    ]


async def test_one_runs_at_a_time_and_the_next_has_the_next_number(home: House) -> None:
    await begun(home)
    with pytest.raises(TrialRuns, match="Trial 1, started by admin:root"):
        await home.acts.trials.start(LOCAL, OPEN)
    await home.acts.trials.stop(ADMIN)
    with pytest.raises(Refused, match="No trial is running"):
        await home.acts.trials.stop(ADMIN)
    assert (await home.acts.trials.start(ADMIN, OPEN)).number == 2


async def test_a_broken_document_or_a_house_without_policy_has_no_trial(home: House) -> None:
    with pytest.raises(Refused, match="No policy"):
        await home.acts.trials.start(ADMIN, OPEN)
    await home.acts.publishing.publish(LOCAL, OPEN, base=None, force=True)
    with pytest.raises(Invalid):
        await home.acts.trials.start(ADMIN, OPEN.replace("imap", "imao"))
    assert await home.acts.trials.latest() is None and await home.acts.trials.show() is None


async def test_what_it_said_is_counted_and_shown_latest_first(home: House) -> None:
    await begun(home)
    now, policy = home.clock.now(), load(OPEN, 1)
    home.session(1, await home.user("anna"))
    await record(home, [decided(policy, seen("anna", "imap", now), trial=1), differed(1, now, session="s_1")])
    await record(home, [decided(policy, seen("ben", "submission", now), trial=1)])
    await record(
        home, [differed(1, now, "ben", again=True), differed(1, now, "ben", turn="", fault="ZeroDivisionError")]
    )
    shown = await home.acts.trials.show()
    assert shown is not None
    assert (shown.tally.judged, shown.tally.turned, shown.tally.faults) == (2, {"denied": 2}, 1)
    assert shown.tally.users == {"anna": 1, "ben": 1}
    assert shown.tally.rules == {("staff", "nobody", "denied"): 2}
    assert [entry.fields["user"] for entry in shown.rows] == ["ben", "ben", "anna"]
    assert shown.live == {"s_1"}

    newer = await home.acts.trials.show(since=shown.rows[-1].number)
    assert newer is not None and len(newer.rows) == 2


async def test_a_new_trial_counts_from_nothing_and_an_old_one_is_not_mixed_in(home: House) -> None:
    await begun(home)
    await record(home, [differed(1, home.clock.now())])
    await home.acts.trials.stop(ADMIN)
    await home.acts.trials.start(ADMIN, OPEN)
    shown = await home.acts.trials.show()
    assert shown is not None and (shown.trial.number, shown.tally.number, list(shown.rows)) == (2, 2, [])
    assert shown.tally.turned == {}


async def test_after_a_restart_the_counts_are_the_same(home: House) -> None:
    await begun(home)
    policy, began = load(OPEN, 1), home.clock.now()
    for day in range(3):
        at = began + day * 86400.0
        await record(home, [decided(policy, seen("anna", "imap", at), trial=1), differed(1, at)])
    home.clock.forward(3 * 86400.0)
    before = await home.acts.trials.show()
    again = await Counting(home.store, home.clock, home.board, lambda: None).tried(1)
    assert before is not None and again == before.tally
    assert (again.judged, again.turned) == (3, {"denied": 3})
