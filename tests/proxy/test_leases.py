"""Sessions never outlive their reasons: what ends a lease, what only changes it, and how little it costs."""

import time
from dataclasses import replace

from kernel.reasons import Reason, words
from kernel.records.sessions import Factor, SignIn
from policies.model import Decision, Limits, Outcome
from proxy.lease import Lease
from tests.proxy.house import Carrier, House, allow, policy, subject


def test_a_lost_device_ends_its_session_with_the_rules_words(house: House) -> None:
    who = house.knows("secret", subject(language="ja"))
    lease, carrier = house.hold("secret")
    house.lose(who)
    house.timers.turn()
    assert carrier.told == [(Reason.POLICY, "この端末は紛失として登録されています。")]
    assert len(house.leases) == 0
    again = house.events("decided")[-1]
    assert (again.again, again.outcome, again.rule, again.session) == (True, "deny", "lost devices", lease.session)
    [ended] = house.events("session-ended")
    assert (ended.reason, ended.octets_in, ended.octets_out) == ("policy", 10, 20)


def test_a_thousand_sessions_of_one_device_cost_one_question_and_end_at_once(house: House) -> None:
    house.recorder._capacity = 100_000
    who = house.knows("secret", subject())
    carriers = [house.hold("secret", address=f"192.0.2.{nth % 250}")[1] for nth in range(1000)]
    house.authority.asked.clear()
    begin = time.thread_time()
    house.lose(who)
    house.timers.turn()
    took = time.thread_time() - begin
    assert all(carrier.told and carrier.told[0][0] is Reason.POLICY for carrier in carriers)
    assert house.authority.asked == ["facts"]
    assert took < 0.2
    assert len(house.leases) == 0


def test_sessions_of_others_are_left_alone(house: House) -> None:
    lost = house.knows("a", subject("alice"))
    house.knows("b", subject("bob", device="d_bob"))
    _, hers = house.hold("a")
    _, his = house.hold("b")
    house.authority.asked.clear()
    house.lose(lost)
    house.timers.turn()
    assert (len(hers.told), len(his.told)) == (1, 0)
    assert house.authority.asked == ["facts"]


def test_a_new_policy_ends_just_the_sessions_that_it_no_longer_allows(house: House) -> None:
    house.follower.policy = policy(imap=allow(), submission=allow())
    house.knows("secret", subject())
    _, imap = house.hold("secret", "imap")
    _, submission = house.hold("secret", "submission")
    house.authority.asked.clear()
    house.follower.policy = policy(2, imap=allow("staff", 2))
    house.change("policy")
    house.timers.turn()
    assert (imap.told, submission.told) == ([], [(Reason.POLICY, words(Reason.POLICY, "en"))])
    assert house.authority.asked == []


def test_new_limits_reach_the_holder_and_the_record(house: House) -> None:
    house.knows("secret", subject())
    lease, carrier = house.hold("secret")
    house.follower.policy = policy(2, imap=allow("visitors", 2, session=60.0))
    house.change("policy")
    house.timers.turn()
    assert carrier.limits == [Limits(session=60.0)]
    assert lease.decision.rule == "visitors"
    assert house.events("decided")[-1].again
    house.timers.forward(61.0)
    assert carrier.told[0][0] is Reason.SESSION_LIMIT


def test_an_idle_session_ends_and_a_busy_one_does_not(house: House) -> None:
    house.follower.policy = policy(imap=allow(idle=60.0))
    house.knows("secret", subject())
    _, idle = house.hold("secret")
    busy, carrier = house.hold("secret")
    house.timers.forward(40.0)
    busy.active_at = house.clock.monotonic()
    house.timers.forward(21.0)
    assert (idle.told[0][0], carrier.told) == (Reason.IDLE, [])
    house.timers.forward(40.0)
    assert carrier.told[0][0] is Reason.IDLE


def test_an_idle_browser_is_asked_for_at_the_other_workers_before_it_ends(house: House) -> None:
    house.follower.policy = policy(webmail=allow(idle=60.0))
    now = house.clock.now()
    signin = SignIn("si_1", "", "u_alice", now, now + 3600.0, {Factor.PASSWORD: now}, seen={"webmail": now})
    here = subject()
    key = replace(here.key, signin_id="si_1", credential_id="")
    here = replace(here, key=key, signin=signin)
    house.knows("cookie", here)
    _, carrier = house.hold("cookie", service="webmail")
    house.authority.present[key] = replace(here, signin=replace(signin, seen={"webmail": now + 40.0}))
    house.timers.forward(61.0)
    assert carrier.told == []
    house.timers.forward(38.0)
    assert carrier.told == []
    house.timers.forward(2.0)
    assert carrier.told[0][0] is Reason.IDLE


def test_a_decision_is_made_again_when_its_time_is_over(house: House) -> None:
    house.follower.policy = policy(imap=allow(valid_until=house.clock.now() + 3600))
    house.knows("secret", subject())
    _, carrier = house.hold("secret")
    house.timers.forward(3599.0)
    assert carrier.told == []
    house.follower.policy.program.decisions["imap"] = Decision(Outcome.DENY, "closed at night", 1)  # type: ignore[union-attr, attr-defined]
    house.timers.forward(1.1)
    assert carrier.told[0][0] is Reason.POLICY


def test_an_admin_ends_one_session(house: House) -> None:
    house.knows("secret", subject())
    lease, one = house.hold("secret")
    _, other = house.hold("secret")
    house.change(f"session:{lease.session}")
    assert (one.told[0][0], other.told) == (Reason.ENDED_BY_ADMIN, [])
    assert house.events("session-ended")[0].reason == "ended-by-admin"


def test_a_user_who_is_gone_has_no_sessions(house: House) -> None:
    who = house.knows("secret", subject())
    _, carrier = house.hold("secret")
    del house.authority.present[who.key]
    house.change("user:u_alice")
    house.timers.turn()
    assert carrier.told[0][0] is Reason.USER_DISABLED


def test_a_fallen_credential_ends_the_session_under_any_policy(house: House) -> None:
    who = house.knows("secret", subject())
    _, carrier = house.hold("secret")
    house.authority.present[who.key] = replace(who, fallen=Reason.CREDENTIAL_REVOKED, number=1)
    house.change("credential:c_alice")
    house.timers.turn()
    assert carrier.told == [(Reason.CREDENTIAL_REVOKED, words(Reason.CREDENTIAL_REVOKED, "en"))]


def test_a_stale_gate_ends_everything(house: House) -> None:
    house.knows("secret", subject())
    carriers = [house.hold("secret")[1] for _ in range(3)]
    house.follower._stale_told = False
    house.follower.confirmed_until = house.clock.monotonic() - 1
    house.follower.check()
    house.timers.turn()
    assert [carrier.told[0][0] for carrier in carriers] == [Reason.STALE] * 3


def test_facts_that_stay_out_of_reach_end_the_sessions_in_doubt(house: House) -> None:
    house.knows("secret", subject())
    _, carrier = house.hold("secret")
    house.authority.down = True
    house.change("user:u_alice")
    for _ in range(59):
        house.timers.forward(0.5)
    assert carrier.told == []
    for _ in range(2):
        house.timers.forward(0.5)
    assert carrier.told[0][0] is Reason.STALE


def test_facts_that_come_back_in_time_change_nothing(house: House) -> None:
    who = house.knows("secret", subject())
    lease, carrier = house.hold("secret")
    house.authority.down = True
    house.change("user:u_alice")
    house.timers.forward(0.6)
    house.authority.down = False
    house.authority.present[who.key] = replace(who, number=1)
    house.timers.forward(0.6)
    assert (carrier.told, lease.subject.number) == ([], 1)


def test_what_changed_between_admission_and_holding_is_not_missed(house: House) -> None:
    who = house.knows("secret", subject())
    admission = house.admit("secret")
    house.lose(who)
    carrier = Carrier(house.leases, admission.session)
    house.leases.hold(Lease(admission, carrier))
    house.timers.turn()
    assert carrier.told[0][0] is Reason.POLICY


def test_a_policy_published_between_admission_and_holding_is_not_missed(house: House) -> None:
    house.knows("secret", subject())
    admission = house.admit("secret")
    house.follower.policy = policy(2)
    house.change("policy")
    carrier = Carrier(house.leases, admission.session)
    house.leases.hold(Lease(admission, carrier))
    assert carrier.told[0][0] is Reason.POLICY


def test_a_holder_that_fails_does_not_keep_others_alive(house: House) -> None:
    who = house.knows("secret", subject())
    lease, _broken = house.hold("secret")
    _, sound = house.hold("secret")
    lease.holder = None  # type: ignore[assignment]
    house.lose(who)
    house.timers.turn()
    assert (len(house.leases), sound.told[0][0]) == (0, Reason.POLICY)
    assert house.events("fault")[0].where == "leases"


def test_an_older_answer_never_replaces_younger_facts(house: House) -> None:
    who = house.knows("secret", subject(number=0))
    lease, _ = house.hold("secret")
    house.leases._facts_came(who.key, replace(who, number=9), 0)
    house.leases._facts_came(who.key, replace(who, number=8), 0)
    house.timers.turn()
    assert lease.subject.number == 9


def test_unchanged_judgements_leave_no_pile_behind(house: House) -> None:
    house.follower.policy = policy(imap=allow(valid_until=house.clock.now() + 3600))
    house.knows("secret", subject())
    house.hold("secret")
    for _ in range(50):
        house.change("policy")
        house.timers.turn()
    assert len(house.leases._expiry._heap) == 1
    assert len(house.events("decided")) == 1


def test_ten_thousand_judgements_are_done_in_slices(house: House) -> None:
    house.recorder._capacity = 100_000
    house.knows("secret", subject())
    for nth in range(10_000):
        house.hold("secret", address=f"198.51.{nth // 250}.{nth % 250}")
    longest = 0.0
    house.leases._slices._clock = house.guard._clock = _Wall(house.clock)  # type: ignore[assignment]
    house.change("policy")
    for _ in range(10_000):
        if not house.timers.soon:
            break
        calls, house.timers.soon = house.timers.soon, []
        begin = time.thread_time()
        for callback, args in calls:
            callback(*args)
        longest = max(longest, time.thread_time() - begin)
    assert len(house.leases._slices) == 0
    assert longest < 0.05


class _Wall:
    """A clock that moves by itself; the wall's time is the house's."""

    def __init__(self, clock: object) -> None:
        self._clock = clock

    def now(self) -> float:
        return float(self._clock.now())  # type: ignore[attr-defined]

    def monotonic(self) -> float:
        return time.thread_time()


def test_release_forgets_all_of_it(house: House) -> None:
    house.knows("secret", subject())
    lease, carrier = house.hold("secret")
    house.leases.release(lease.session, None, 1, 2)
    house.leases.release(lease.session, None, 1, 2)
    assert (len(house.leases), house.leases._by_handle) == (0, {})
    [ended] = house.events("session-ended")
    assert (ended.reason, ended.octets_in, ended.octets_out) == ("closed", 1, 2)
    house.change("user:u_alice")
    house.timers.turn()
    assert carrier.told == []


async def test_sessions_are_announced_in_batches_and_whole_after_a_reconnect(house: House) -> None:
    house.knows("secret", subject())
    one, _ = house.hold("secret")
    two, _ = house.hold("secret")
    house.leases.release(two.session)
    await house.announcer.announce()
    assert house.authority.said == [([one.session], [], False)]
    house.leases.release(one.session)
    await house.announcer.announce()
    assert house.authority.said[-1] == ([], [one.session], False)
    three, _ = house.hold("secret")
    for callback in house.follower._connected:
        callback()
    await house.announcer.announce()
    assert house.authority.said[-1] == ([three.session], [], True)
