"""The identity side's judge: in force is what was last published; nothing readable means nobody gets in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from idp.authority.subjects import Subjects
from idp.judge import Judge
from kernel.authority import Subject, SubjectKey
from kernel.chance import REFERENCE_LETTERS
from kernel.ports import Writer
from kernel.reasons import Reason
from kernel.records.changes import POLICY
from kernel.records.policy import PolicyRevision
from kernel.records.trials import PolicyTrial
from policies.decide import decide
from policies.facts import Facts
from policies.model import Decision, Outcome, Policy
from policies.snapshot import restore
from tests.idp.authority.site import AWAY, HOME, House, house

ALLOW = "version: 1\nrules:\n  - name: staff\n    who: {groups: [staff]}\n    service: portal\n    then: allow\n"
DENY = (
    "version: 1\nrules:\n  - name: nobody\n    service: portal\n    then: deny\n"
    '    say: {en: "Closed today.", ja: "本日は休業です。"}\n'
)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


async def publish(home: House, number: int, text: str) -> None:
    def work(tx: Writer) -> None:
        tx.insert(PolicyRevision(str(number), number, text, "admin:root", 1.0))
        tx.note(POLICY)

    await home.store.write(work)


async def anna(home: House) -> Subject:
    subject = await home.store.read(lambda tx: Subjects(home.clock)(tx, SubjectKey(home.anna.id)))
    assert subject is not None
    return subject


async def test_without_a_policy_everything_is_denied(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await judge.load()
    assert judge.decide(await anna(home), "portal", HOME).outcome is Outcome.DENY


async def test_what_is_published_is_in_force_within_moments(home: House) -> None:
    in_force: asyncio.Queue[int] = asyncio.Queue()

    class Telling(Judge):
        async def load(self) -> None:
            await super().load()
            in_force.put_nowait(self.policy.revision if self.policy else 0)

    judge = Telling(home.store, home.clock)
    await publish(home, 1, ALLOW)
    await judge.load()
    subject = await anna(home)
    assert judge.decide(subject, "portal", HOME).outcome is Outcome.ALLOW
    runner = asyncio.ensure_future(judge.run())
    await publish(home, 2, DENY)
    while await asyncio.wait_for(in_force.get(), 5) != 2:
        pass
    decision = judge.decide(subject, "portal", HOME)
    assert (decision.outcome, decision.rule, decision.revision) == (Outcome.DENY, "nobody", 2)
    runner.cancel()
    with suppress(asyncio.CancelledError):
        await runner


async def test_it_ends_though_a_change_comes_at_the_same_moment(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    wakes: list[Callable[[int], None]] = []
    monkeypatch.setattr(home.store, "watch", lambda wake: (wakes.append(wake), lambda: None)[1])
    judge, looked = Judge(home.store, home.clock), asyncio.Event()
    load = judge.load

    async def told() -> None:
        await load()
        looked.set()

    monkeypatch.setattr(judge, "load", told)
    runner = asyncio.ensure_future(judge.run())
    await asyncio.wait_for(looked.wait(), 5)
    await asyncio.sleep(0)  # it waits now
    wakes[0](1)
    runner.cancel()
    done, _ = await asyncio.wait({runner}, timeout=5)
    assert done == {runner}
    assert runner.cancelled()


async def test_a_document_that_does_not_compile_leaves_the_last_good_one(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await publish(home, 1, ALLOW)
    await judge.load()
    await publish(home, 2, "version: 1\nrulez: []\n")
    await judge.load()
    await judge.load()
    assert judge.decide(await anna(home), "portal", HOME).outcome is Outcome.ALLOW
    (fault,) = await home.events("fault")
    assert fault["where"] == "judge" and "revision 2" in fault["what"]


async def test_who_is_disabled_is_denied_whatever_the_rules_say(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await publish(home, 1, ALLOW)
    await judge.load()
    await home.accounts.set_disabled("admin:root", home.anna.id, True)
    assert judge.decide(await anna(home), "portal", HOME).outcome is Outcome.DENY


async def test_a_refusal_is_on_record_with_a_reference_to_read_out(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await publish(home, 1, DENY)
    await judge.load()
    subject = await anna(home)
    reference = await judge.record(judge.judge(subject, "portal", HOME))
    assert len(reference) == 8 and set(reference) <= set(REFERENCE_LETTERS)
    (found,) = await home.store.read(lambda tx: tx.audit_search(reference=reference))
    fields = found.fields
    assert (fields["user"], fields["rule"], fields["outcome"], fields["reason"]) == ("anna", "nobody", "deny", "policy")
    assert fields["words"] == {"en": "Closed today.", "ja": "本日は休業です。"}


TRIAL = ALLOW.replace("then: allow", "then: allow\n    require: {factors: [totp]}")


async def on_trial(home: House, number: int, text: str) -> None:
    def work(tx: Writer) -> None:
        tx.insert(PolicyTrial(str(number), number, text, "admin:root", 1.0))
        tx.note(POLICY)

    await home.store.write(work)


async def test_what_is_on_record_can_be_judged_again(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await publish(home, 1, DENY)
    await judge.load()
    judged = judge.judge(await anna(home), "portal", HOME)
    await judge.record(judged)
    (event,) = await home.events("decided")
    again = restore(event["facts"])
    assert again == replace(judged.facts, user=again.user)
    assert again.user is not None and (again.user.name, again.user.groups) == ("anna", {"staff"})
    assert judge.policy is not None and decide(judge.policy, again) == judged.decision


async def test_why_no_policy_was_asked_is_on_record(home: House) -> None:
    judge = Judge(home.store, home.clock)
    subject = await anna(home)
    await judge.record(judge.judge(subject, "portal", HOME))
    await publish(home, 1, ALLOW)
    await judge.load()
    await judge.record(judge.judge(replace(subject, fallen=Reason.SIGNIN_ENDED), "portal", HOME))
    await judge.record(judge.judge(replace(subject, user=replace(subject.user, disabled=True)), "portal", HOME))
    told = [(event["outcome"], event["reason"], event["revision"]) for event in await home.events("decided")]
    assert told == [("deny", "policy", 0), ("deny", "signin-ended", 1), ("deny", "user-disabled", 1)]


async def test_who_uses_our_own_services_is_on_record_once_and_when_it_turns(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await publish(home, 1, ALLOW)
    await judge.load()
    subject = await anna(home)
    for address in (HOME, HOME, HOME, AWAY, AWAY):
        await judge.entered(judge.judge(subject, "portal", address))
    await publish(home, 2, DENY)
    await judge.load()
    await judge.entered(judge.judge(subject, "portal", AWAY))
    told = [(event["address"], event["outcome"], event["again"]) for event in await home.events("decided")]
    assert told == [(HOME, "allow", False), (AWAY, "allow", True), (AWAY, "deny", True)]


async def test_a_trial_is_asked_beside_and_only_where_it_differs_is_that_told(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await publish(home, 1, ALLOW)
    await on_trial(home, 1, TRIAL)
    await judge.load()
    subject = await anna(home)
    judged = judge.judge(subject, "portal", HOME)
    assert judged.allowed
    await judge.entered(judged)
    await judge.record(judge.judge(subject, "console", HOME))
    assert [event["trial"] for event in await home.events("decided")] == [1, 1]
    (differed,) = await home.events("trial-differed")
    assert (differed["service"], differed["outcome"], differed["would"], differed["turn"]) == (
        *("portal", "allow", "step_up", "stepped_up"),
    )

    trial = await home.get(PolicyTrial, "1")
    await home.update(trial, ended_at=2.0)
    await judge.load()
    await judge.record(judge.judge(subject, "portal", HOME))
    assert judge.trial is None
    assert (await home.events("decided"))[-1]["trial"] == 0


async def test_a_trial_that_does_not_compile_is_a_fault_and_nothing_else(home: House) -> None:
    judge = Judge(home.store, home.clock)
    await publish(home, 1, ALLOW)
    await on_trial(home, 1, "version: 1\nrulez: []\n")
    await judge.load()
    await judge.load()
    assert judge.trial is None and judge.decide(await anna(home), "portal", HOME).outcome is Outcome.ALLOW
    (fault,) = await home.events("fault")
    assert "trial 1 does not compile" in fault["what"]


class OnFire:
    """A compiled policy that fails."""

    def run(self, facts: Facts) -> Decision:
        raise RuntimeError("on fire")


async def test_a_failure_inside_a_decision_is_a_refusal_and_a_fault_on_record(home: House) -> None:
    judge = Judge(home.store, home.clock)
    judge.policy = Policy(7, (), (), {}, OnFire())
    judgement = judge.judge(await anna(home), "portal", HOME)
    assert (judgement.allowed, judgement.decision.outcome) == (False, Outcome.DENY)
    code = await judge.record(judgement)
    (decided,) = await home.events("decided")
    assert (decided["outcome"], decided["reason"], decided["reference"]) == ("deny", "fault", code)
    (fault,) = await home.events("fault")
    assert (fault["where"], fault["what"]) == ("judge, portal", "RuntimeError: on fire")
