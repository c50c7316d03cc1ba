"""Diff, prove and the guard of invariants, as acts: what breaks a `never` is not published, by no force."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from idp.admin import prover
from idp.admin.comparing import Comparing, Side
from idp.admin.nevers import NotProven
from idp.admin.prover import Overran, Prover
from idp.admin.refusals import AdminRefused
from kernel.audit import PolicyChanged
from kernel.clock import SystemClock
from kernel.problems import Invalid, Missing, Unavailable
from policies.meaning.answers import Verdict
from tests.idp.admin.house import ADMIN, LOCAL, OPEN, House
from tests.policies.meaning.large_policy import text

NEVER = """
never:
  - {name: no unknown device reads mail, service: [imap, submission], device: {trust: unknown}, outcome: allow}
"""
KEPT = OPEN + NEVER
HOLE = KEPT.replace(
    "[portal, imap, submission]\n    device: {trust: [enrolled, managed]}", "[portal, imap, submission]"
)


async def test_what_keeps_its_invariants_is_published_and_proven_once(home: House) -> None:
    await home.admin()
    await home.acts.publishing.publish(ADMIN, KEPT, base=0)
    await home.acts.publishing.publish(ADMIN, KEPT, base=1)

    assert home.prover.asked == 1
    assert await home.acts.comparing.unproven(KEPT) == ()


@pytest.mark.parametrize("force", [False, True])
async def test_what_breaks_one_is_not_published_by_no_force(home: House, force: bool) -> None:
    await home.admin()
    with pytest.raises(NotProven) as refusal:
        await home.acts.publishing.publish(LOCAL, HOLE, base=0, force=force, acknowledge=True)

    assert [(each.name, each.line, each.verdict) for each in refusal.value.found] == [
        ("no unknown device reads mail", 15, Verdict.BROKEN)
    ]
    assert refusal.value.words == {
        "en": "`no unknown device reads mail` (line 15) must never be so, but under this policy it can: "
        "broken: group staff, device unknown, service imap or submission, any network",
        "ja": "禁止条件「no unknown device reads mail」（15行目）に反します。"
        "違反あり: グループ staff、端末 unknown、サービス imap・submission、ネットワークを問わず",
    }
    assert await home.acts.publishing.current() is None
    (event,) = [entry for entry in await home.log() if entry.kind == PolicyChanged.kind]
    assert event.fields["act"] == "publish-refused"
    assert str(event.fields["comment"]).startswith("`no unknown device reads mail` (line 15) must never be so")


class Silent:
    """A prover that never gets an answer."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    async def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        raise self._fault


@pytest.mark.parametrize("fault", [Overran(), Unavailable("the prover failed")])
async def test_what_was_not_decided_must_be_taken_as_it_is(home: House, fault: Exception) -> None:
    await home.admin()
    home.prover.ask = Silent(fault).ask  # type: ignore[method-assign]
    with pytest.raises(NotProven, match="was not decided in time"):
        await home.acts.publishing.publish(ADMIN, KEPT, base=0)
    made = await home.acts.publishing.publish(ADMIN, KEPT, base=0, acknowledge=True)

    assert (made.number, made.forced) == (1, ("never",))  # type: ignore[union-attr]


async def test_drafts_and_revisions_are_compared(home: House) -> None:
    await home.admin()
    await home.acts.publishing.publish(ADMIN, OPEN, base=0)
    await home.acts.publishing.publish(ADMIN, OPEN.replace("[portal, imap, submission]", "[portal, imap]"), base=1)
    told = await home.acts.comparing.diff(Side(revision=1), Side())
    back = await home.acts.comparing.diff(Side(), Side(text=OPEN))

    assert (told["same"], told["decided"], told["more"]) == (False, True, [])
    assert [(row["kind"], row["words"]["en"]) for row in told["rows"]] == [
        ("closed", "newly denied: group staff, device managed or enrolled, service submission, any network")
    ]
    assert told["rows"][0]["example"]["user"]["groups"] == ["staff"]
    assert (told["rows"][0]["before"]["rule"], told["rows"][0]["after"]["rule"]) == ("staff read mail", "")
    assert [row["kind"] for row in back["rows"]] == ["opened"]
    assert (await home.acts.comparing.diff(Side(revision=1), Side(text=OPEN)))["same"]


async def test_what_cannot_be_compared_is_refused(home: House) -> None:
    with pytest.raises(AdminRefused, match="No policy has been published yet"):
        await home.acts.comparing.prove(Side())
    with pytest.raises(Missing, match="no policy revision 7"):
        await home.acts.comparing.diff(Side(revision=7), Side(text=OPEN))
    with pytest.raises(Invalid):
        await home.acts.comparing.diff(Side(text="version: 2"), Side(text=OPEN))


async def test_a_prover_that_overran_has_decided_nothing(home: House) -> None:
    acts = Comparing(home.store, Silent(Overran()))
    told = await acts.diff(Side(text=OPEN), Side(text=OPEN))

    assert (told["same"], told["decided"], len(told["undecided"])) == (False, False, 6)
    assert [item["verdict"] for item in (await acts.prove(Side(text=KEPT)))["items"]] == ["undecided"]


@pytest.mark.e2e
async def test_the_prover_is_a_process_and_the_loop_has_its_turn_all_the_while() -> None:
    loop = asyncio.get_running_loop()
    longest, last = 0.0, loop.time()
    asked = asyncio.ensure_future(
        Prover(SystemClock(), limit=60.0).ask({"ask": "prove", "text": text(), "rules": True})
    )
    while not asked.done():
        await asyncio.sleep(0)
        longest, last = max(longest, loop.time() - last), loop.time()

    assert {item["verdict"] for item in asked.result()["items"]} == {"holds"}
    assert longest < 0.5


@pytest.mark.e2e
async def test_a_process_that_overruns_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prover, "GRACE", 0.0)
    with pytest.raises(Overran):
        await Prover(SystemClock(), limit=0.01).ask({"ask": "prove", "text": KEPT, "rules": True})


@pytest.mark.e2e
async def test_a_process_that_fails_says_so() -> None:
    with pytest.raises(Unavailable, match="the prover failed"):
        await Prover(SystemClock()).ask({"ask": "nothing of the kind"})
