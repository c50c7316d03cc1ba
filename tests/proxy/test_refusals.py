"""A good credential that is refused on and on: one record and one reference a minute, and a count."""

from proxy.refusals import MOST, Refusals
from tests.proxy.house import House, subject


def test_the_first_is_on_record_and_the_rest_are_counted_under_its_reference(house: House) -> None:
    house.knows("secret", subject())
    codes = {house.admit("secret", service="pop3").reference for _ in range(50)}
    [event] = house.events("decided")
    assert codes == {event.reference} and event.outcome == "deny" and event.repeated == 0
    house.admit("secret", service="pop3", address="203.0.113.9")
    assert len(house.events("decided")) == 2


def test_the_next_record_after_a_minute_says_how_many_there_were() -> None:
    refusals = Refusals()
    assert refusals.again(("a",), 0.0) == "" and refusals.recorded(("a",), "R1", 0.0) == 0
    assert {refusals.again(("a",), at) for at in (1.0, 2.0, 59.9)} == {"R1"}
    assert refusals.again(("a",), 60.0) == "" and refusals.recorded(("a",), "R2", 60.0) == 3
    assert refusals.again(("a",), 61.0) == "R2"


def test_who_is_let_in_is_on_record_every_time(house: House) -> None:
    house.knows("secret", subject())
    for _ in range(5):
        assert house.admit("secret").admitted
    assert len(house.events("decided")) == 5


def test_no_more_than_so_many_are_kept() -> None:
    refusals = Refusals()
    for n in range(MOST + 10):
        refusals.recorded((n,), "R", 0.0)
    assert refusals.again((0,), 1.0) == "" and refusals.again((MOST,), 1.0) == "R"
