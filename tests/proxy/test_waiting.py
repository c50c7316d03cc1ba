"""Logins that wait for their person: judged again once when the answer is there, let go when time or client is gone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from kernel.authority import ApprovalOrder, Asked, Attempt
from kernel.problems import Refused
from kernel.reasons import Reason
from kernel.records.sessions import Factor
from policies.model import Decision, Outcome, Requirement
from proxy.admission import Admission
from proxy.waiting import MOST_OF_ONE, Waiter, Waiting
from tests.proxy.house import House, allow, policy, subject

STEP_UP = Decision(
    Outcome.STEP_UP, "staff with a code", 1, require=Requirement((Factor.TOTP,), 3600.0), say={"en": "Show a code."}
)


@dataclass
class Asker:
    """The identity side by the hand of the test."""

    orders: list[ApprovalOrder] = field(default_factory=list)
    thens: list[Callable[[Asked | Exception], None]] = field(default_factory=list)
    withdrawn: list[tuple[str, str]] = field(default_factory=list)

    def ask_person(self, order: ApprovalOrder, then: Callable[[Asked | Exception], None]) -> None:
        self.orders.append(order)
        self.thens.append(then)

    def withdraw(self, approval_id: str, session: str) -> None:
        self.withdrawn.append((approval_id, session))


@dataclass
class Door:
    """A house where IMAP takes a code, and who waits there."""

    house: House
    asker: Asker
    waiting: Waiting
    came: list[Admission] = field(default_factory=list)
    reminded: list[tuple[str, bool]] = field(default_factory=list)

    def knock(self, client: str = "") -> Waiter | None:
        attempt = Attempt("imap", "192.0.2.7", name="alice", password="right", client=client)
        judged: list[Admission] = []
        self.house.guard.admit(attempt, judged.append)
        assert judged[0].step_up
        remind = lambda number, first: self.reminded.append((number, first))  # noqa: E731
        return self.waiting.begin(attempt, judged[0], remind, self.came.append)

    def approve(self) -> None:
        self.house.follower.policy = policy(imap=allow())


@pytest.fixture
def door() -> Door:
    house, asker = House(), Asker()
    house.follower.policy = policy(imap=STEP_UP)
    house.knows("right", subject())
    made = Waiting(asker, house.guard.admit, house.follower, house.clock, house.timers, seconds=45.0)
    return Door(house, asker, made)


def test_what_is_asked_names_the_login_and_what_the_rule_takes(door: Door) -> None:
    door.knock("Thunderbird")
    (order,) = door.asker.orders
    assert (order.service, order.address, order.client, order.shows) == ("imap", "192.0.2.7", "Thunderbird", True)
    assert (order.factors, order.within, order.wait) == (("totp",), 3600.0, 45.0)


def test_the_answer_is_judged_at_once_and_the_login_goes_on(door: Door) -> None:
    door.knock()
    door.asker.thens[0](Asked("ask_1", "42"))
    assert door.reminded == [("42", True)] and door.came == []
    door.approve()
    door.house.change("approval:ask_1")
    assert [each.admitted for each in door.came] == [True]
    assert len(door.waiting) == 0 and door.asker.withdrawn == []


def test_a_no_is_the_refusal_with_its_words_and_link_and_is_not_asked_again(door: Door) -> None:
    door.knock()
    door.asker.thens[0](Asked("ask_1"))
    door.house.change("approval:ask_1")
    (refused,) = door.came
    assert (refused.admitted, refused.reason, refused.words) == (False, Reason.STEP_UP, "Show a code.")
    assert refused.link.startswith("https://id.example/r/") and len(door.asker.orders) == 1


def test_time_runs_out_and_the_client_was_told_that_we_live(door: Door) -> None:
    door.knock()
    door.asker.thens[0](Asked("ask_1"))
    for _ in range(44):
        door.house.timers.forward(1.0)
    assert door.came == [] and door.reminded == [("", True), *[("", False)] * 4]
    door.house.timers.forward(1.0)
    (refused,) = door.came
    assert refused.reason is Reason.STEP_UP and refused.link
    assert door.asker.withdrawn == [("ask_1", refused.session)]
    assert door.house.timers.later == []  # nobody waits: nothing ticks


def test_a_client_that_leaves_withdraws_whenever_it_does(door: Door) -> None:
    waiter, early = door.knock(), door.knock()
    assert waiter is not None and early is not None
    early.cancel()
    door.asker.thens[1](Asked("ask_2"))
    door.asker.thens[0](Asked("ask_1"))
    waiter.cancel()
    waiter.cancel()
    assert [each for each, _ in door.asker.withdrawn] == ["ask_2", "ask_1"]
    door.house.change("approval:ask_1", "approval:ask_2")
    door.house.timers.forward(60.0)
    assert door.came == [] and len(door.waiting) == 0


@pytest.mark.parametrize("trouble", [Refused("too many questions are open"), Exception("away")])
def test_who_may_not_ask_is_refused_at_once(door: Door, trouble: Exception) -> None:
    waiter = door.knock()
    door.asker.thens[0](trouble)
    assert waiter is not None and waiter.over
    assert [each.reason for each in door.came] == [Reason.STEP_UP]


def test_an_answer_that_came_first_is_not_missed(door: Door) -> None:
    door.knock()
    door.approve()
    door.house.change("approval:ask_1")
    door.asker.thens[0](Asked("ask_1"))
    assert [each.admitted for each in door.came] == [True]
    door.house.follower.policy = policy(imap=STEP_UP)
    door.knock()
    door.approve()
    door.asker.thens[1](Asked("ask_2", answered=True))
    assert [each.admitted for each in door.came] == [True, True]


def test_few_may_wait_for_one_person_and_none_where_nothing_is_waited_for(door: Door) -> None:
    assert all(door.knock() for _ in range(MOST_OF_ONE))
    assert door.knock() is None
    door.waiting.seconds = 0.0
    assert door.knock() is None
    admission = Admission(False, "s_1", "imap", "192.0.2.7", Reason.STEP_UP, True)
    door.waiting.seconds = 45.0
    assert door.waiting.begin(Attempt("imap", "192.0.2.7"), admission, lambda *_: None, door.came.append) is None
