"""The doorway: who gets in, what is remembered, and every way in which it stays shut."""

from dataclasses import replace

import pytest

from kernel.authority import Attempt, Verified
from kernel.chance import REFERENCE_LETTERS
from kernel.problems import Unavailable
from kernel.reasons import Reason, words
from policies.model import Decision, Outcome, Requirement
from proxy.admission import Admission
from tests.proxy.house import House, allow, policy, subject


def test_a_good_credential_is_admitted_and_on_record(house: House) -> None:
    house.knows("secret", subject())
    admission = house.admit("secret")
    assert admission.admitted
    assert admission.reason is None
    assert admission.session.startswith("s_")
    assert admission.subject is not None
    assert admission.subject.user.name == "alice"
    [event] = house.events("decided")
    assert (event.user, event.session, event.outcome, event.rule) == ("alice", admission.session, "allow", "staff")
    assert event.facts["device"]["trust"] == "enrolled"
    assert "secret" not in repr(event)


def test_five_connections_cost_one_question(house: House) -> None:
    house.knows("secret", subject())
    sessions = {house.admit("secret").session for _ in range(5)}
    assert len(sessions) == 5
    assert house.authority.asked == ["verify"]
    assert len(house.events("decided")) == 5


def test_five_connections_at_the_same_moment_cost_one_question(house: House) -> None:
    house.knows("secret", subject())
    house.asker.at_once = False
    came: list[Admission] = []
    for _ in range(5):
        house.guard.admit(Attempt("imap", "192.0.2.7", password="secret"), came.append)
    assert came == []
    house.asker.answer()
    assert [admission.admitted for admission in came] == [True] * 5
    assert house.authority.asked == ["verify"]


def test_a_ticket_is_never_shared_nor_remembered(house: House) -> None:
    house.knows("T", subject(), cookie="fresh")
    house.asker.at_once = False
    came: list[Admission] = []
    for _ in range(2):
        house.guard.admit(Attempt("imap", "192.0.2.7", ticket="T", state="s"), came.append)
    house.asker.answer()
    assert house.authority.asked == ["verify", "verify"]
    assert came[0].cookie == "fresh"
    assert "fresh" not in repr(came[0])


def test_a_wrong_credential_is_refused_without_a_record_of_ours_and_not_remembered(house: House) -> None:
    for _ in range(2):
        admission = house.admit("wrong")
        assert (admission.admitted, admission.reason) == (False, Reason.CREDENTIALS)
        assert (admission.reference, admission.link) == ("", "")
    assert house.authority.asked == ["verify", "verify"]
    assert house.events("decided") == []


def test_a_remembered_credential_is_dropped_by_every_handle_it_stands_on(house: House) -> None:
    who = house.knows("secret", subject())
    for nth, handle in enumerate(who.handles, start=2):
        house.admit("secret")
        house.authority.good["secret"] = Verified(replace(who, number=nth), good_until=house.clock.now() + 3600)
        house.change(handle)
        house.admit("secret")
    assert house.authority.asked == ["verify"] * 4


def test_memory_ends_with_its_time(house: House) -> None:
    house.knows("secret", subject())
    house.admit("secret")
    house.clock.forward(299.0)
    house.recorder._outbox.clear()
    assert house.admit("secret").admitted
    house.clock.forward(2.0)
    house.recorder._outbox.clear()
    house.admit("secret")
    assert house.authority.asked == ["verify", "verify"]


def test_another_service_is_another_credential(house: House) -> None:
    house.knows("secret", subject(), denied=Reason.WRONG_SERVICE)
    admission = house.admit("secret")
    assert (admission.admitted, admission.reason) == (False, Reason.WRONG_SERVICE)
    assert admission.words == words(Reason.WRONG_SERVICE, "en")
    house.knows("secret", subject())
    assert house.admit("secret", service="submission").reason is Reason.POLICY


def test_a_policy_refusal_speaks_the_users_language_and_can_be_looked_up(house: House) -> None:
    say = {"en": "Not from here.", "ja": "ここからは使えません。"}
    house.follower.policy = policy(imap=Decision(Outcome.DENY, "office only", 1, say=say))
    house.knows("secret", subject(language="ja"))
    admission = house.admit("secret")
    assert (admission.reason, admission.words) == (Reason.POLICY, "ここからは使えません。")
    assert len(admission.reference) == 8
    assert set(admission.reference) <= set(REFERENCE_LETTERS)
    assert admission.link == f"https://id.example/r/{admission.reference}"
    [event] = house.events("decided")
    assert (event.outcome, event.rule, event.reference) == ("deny", "office only", admission.reference)
    assert event.words == say


def test_a_step_up_is_a_refusal_that_says_so(house: House) -> None:
    house.follower.policy = policy(imap=Decision(Outcome.STEP_UP, "totp", 1, require=Requirement(())))
    house.knows("secret", subject())
    admission = house.admit("secret")
    assert (admission.admitted, admission.step_up, admission.reason) == (False, True, Reason.STEP_UP)
    assert house.events("decided")[0].outcome == "step_up"


def test_whoever_stands_on_something_fallen_is_refused_whatever_the_policy_says(house: House) -> None:
    house.knows("a", subject(fallen=Reason.CREDENTIAL_REVOKED))
    assert house.admit("a").reason is Reason.CREDENTIAL_REVOKED
    who = subject("bob")
    house.knows("b", replace(who, user=replace(who.user, disabled=True)))
    assert house.admit("b").reason is Reason.USER_DISABLED


def test_without_a_policy_nobody_gets_in(house: House) -> None:
    house.follower.policy = None
    house.knows("secret", subject())
    assert house.admit("secret").reason is Reason.POLICY


def test_a_stale_gate_refuses_even_what_it_remembers(house: House) -> None:
    house.knows("secret", subject())
    assert house.admit("secret").admitted
    house.follower.confirmed_until = house.clock.monotonic() - 0.001
    admission = house.admit("secret")
    assert (admission.admitted, admission.reason) == (False, Reason.STALE)
    assert house.events("decided")[-1].reason == "stale"


def test_no_record_no_session(house: House) -> None:
    house.knows("secret", subject())
    assert house.admit("secret").admitted
    house.clock.forward(5.1)
    assert house.admit("secret").reason is Reason.AUDIT


def test_an_identity_side_out_of_reach_is_not_the_callers_fault(house: House) -> None:
    house.authority.down = True
    assert house.admit("secret").reason is Reason.AUTHORITY


@pytest.mark.parametrize("where", ["asker", "policy", "facts"])
def test_whatever_breaks_lets_nobody_in_and_is_on_record(
    house: House, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("on fire")

    if where == "asker":
        monkeypatch.setattr(house.asker, "verify", broken)
    elif where == "policy":
        house.follower.policy = policy(imap=None)  # type: ignore[arg-type]
    else:
        monkeypatch.setattr("proxy.judging.Facts.of", broken)
    house.knows("secret", subject())
    admission = house.admit("secret")
    assert (admission.admitted, admission.reason) == (False, Reason.FAULT)
    assert house.events("fault")
    assert house.events("decided")[-1].reason == "fault"


def test_an_answer_that_a_change_overtook_is_asked_for_again(house: House) -> None:
    who = house.knows("secret", subject())
    house.asker.at_once = False
    came: list[Admission] = []
    house.guard.admit(Attempt("imap", "192.0.2.7", password="secret"), came.append)
    house.lose(who)
    house.asker.answer()
    assert came == []
    house.asker.answer()
    assert (came[0].admitted, came[0].words) == (False, "This device was reported lost.")
    assert house.authority.asked == ["verify", "facts"]


def test_an_answer_that_is_overtaken_for_ever_is_given_up(house: House) -> None:
    house.knows("secret", subject())
    house.change("user:u_alice")
    admission = house.admit("secret")
    assert admission.reason is Reason.AUTHORITY
    assert house.authority.asked == ["verify", "facts", "facts", "facts"]


def test_a_credential_that_no_text_codec_takes_is_refused_like_any_other(house: House) -> None:
    assert house.admit("\ud800").reason is Reason.CREDENTIALS


def test_unavailable_is_told_from_a_bug(house: House) -> None:
    house.asker.verify = lambda attempt, then: then(Unavailable("slow"))  # type: ignore[method-assign]
    assert house.admit("x").reason is Reason.AUTHORITY
    house.asker.verify = lambda attempt, then: then(ValueError("bug"))  # type: ignore[method-assign]
    assert house.admit("y").reason is Reason.FAULT


def test_allow_is_what_the_policy_said(house: House) -> None:
    house.follower.policy = policy(imap=allow("night shift", 7, session=60.0))
    house.knows("secret", subject())
    admission = house.admit("secret")
    assert admission.decision is not None
    assert (admission.decision.rule, admission.decision.limits.session) == ("night shift", 60.0)


def test_a_failure_that_somebody_brings_about_again_and_again_fills_no_log(house: House) -> None:
    for nth in range(100):
        house.guard.fault("web", f"ValueError: field {nth}")
    house.guard.fault("web", "KeyError: another kind")
    assert [fault.what for fault in house.events("fault")] == ["ValueError: field 0", "KeyError: another kind"]

    house.clock.forward(10.0)
    house.guard.fault("web", "ValueError: and later")
    assert house.events("fault")[-1].what == "ValueError: and later"
