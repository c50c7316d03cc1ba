"""The timer wheel, turned by hand."""

from kernel.clock import SetClock
from proxy.relays.deadlines import Deadlines


def wheel() -> tuple[SetClock, Deadlines, list[str]]:
    clock = SetClock()
    return clock, Deadlines(clock), []


def test_fires_when_due_and_not_before() -> None:
    clock, deadlines, fired = wheel()
    deadlines.after(2.0, lambda: fired.append("two"))
    deadlines.after(1.0, lambda: fired.append("one"))
    for passed, expected in [(0.9, []), (0.35, ["one"]), (0.6, ["one"]), (0.5, ["one", "two"]), (9, ["one", "two"])]:
        clock.forward(passed)
        deadlines.turn()
        assert fired == expected
    assert len(deadlines) == 0


def test_cancelled_never_fires() -> None:
    clock, deadlines, fired = wheel()
    deadline = deadlines.after(1.0, lambda: fired.append("x"))
    assert deadline.pending
    deadline.cancel()
    deadline.cancel()
    assert not deadline.pending
    assert len(deadlines) == 0
    clock.forward(5)
    deadlines.turn()
    assert fired == []


def test_extended_again_and_again_fires_once_after_the_last() -> None:
    clock, deadlines, fired = wheel()
    deadline = deadlines.after(10.0, lambda: fired.append("idle"))
    for _ in range(20):
        clock.forward(9)
        deadlines.turn()
        deadline.extend(10.0)
    assert fired == []
    clock.forward(10.5)
    deadlines.turn()
    assert fired == ["idle"]


def test_an_action_may_cancel_and_add_others() -> None:
    clock, deadlines, fired = wheel()
    second = deadlines.after(1.0, lambda: fired.append("second"))
    deadlines.after(0.5, lambda: (second.cancel(), deadlines.after(1.0, lambda: fired.append("third"))))
    clock.forward(1.5)
    deadlines.turn()
    assert fired == []
    clock.forward(1.5)
    deadlines.turn()
    assert fired == ["third"]


def test_one_failing_action_does_not_hold_up_the_rest() -> None:
    clock, deadlines, fired = wheel()
    deadlines.after(1.0, lambda: 1 / 0)
    deadlines.after(1.0, lambda: fired.append("still"))
    clock.forward(2)
    try:
        deadlines.turn()
    except ZeroDivisionError:
        fired.append("told")
    assert fired == ["still", "told"]


def test_brought_forward_fires_early() -> None:
    clock, deadlines, fired = wheel()
    deadline = deadlines.after(60.0, lambda: fired.append("soon"))
    deadline.extend(5.0)
    clock.forward(5.5)
    deadlines.turn()
    assert fired == ["soon"]
    assert len(deadlines) == 0


def test_renewed_it_does_something_else_whatever_became_of_it_before() -> None:
    clock, deadlines, fired = wheel()
    deadline = deadlines.after(10.0, lambda: fired.append("handshake"))
    deadline.renew(30.0, lambda: fired.append("login"))
    clock.forward(15)
    deadlines.turn()
    assert fired == []
    deadline.renew(1.0, lambda: fired.append("linger"))
    clock.forward(1.5)
    deadlines.turn()
    deadline.renew(1.0, lambda: fired.append("again"))
    assert deadline.pending
    clock.forward(1.5)
    deadlines.turn()
    deadline.renew(1.0, lambda: fired.append("never"))
    deadline.cancel()
    clock.forward(1.5)
    deadlines.turn()
    assert fired == ["linger", "again"]
    assert len(deadlines) == 0
