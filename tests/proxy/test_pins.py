"""What is remembered of a bound app password answers its own client alone, and asks once for each network."""

from dataclasses import replace

from kernel.authority import Attempt, Pins, Verified
from kernel.reasons import Reason
from proxy.admission import Admission
from tests.proxy.house import House, subject

HOME, NEXT_DOOR, CAFE, ABROAD = "192.0.2.7", "192.0.2.200", "198.51.100.4", "203.0.113.9"


def bound(house: House, client: str, network: str) -> None:
    """Let idp answer: good, for this client and network."""
    house.authority.good["secret"] = replace(house.authority.good["secret"], pins=Pins(((client, ""),), (network,)))


def attempt(address: str, client: str = "Mail") -> Attempt:
    return Attempt("imap", address, password="secret", client=client)


def admit(house: House, tried: Attempt) -> Admission:
    came: list[Admission] = []
    house.guard.admit(tried, came.append)
    [admission] = came
    return admission


def test_addresses_within_a_network_cost_no_question_and_roaming_one_each(house: House) -> None:
    house.knows("secret", subject())
    bound(house, "Mail", "192.0.2.0/24")
    assert admit(house, attempt(HOME)).admitted and admit(house, attempt(NEXT_DOOR)).admitted
    assert house.authority.asked == ["verify"]
    bound(house, "Mail", "198.51.100.0/24")
    for _ in range(3):
        assert admit(house, attempt(CAFE)).admitted and admit(house, attempt(HOME)).admitted
    assert house.authority.asked == ["verify"] * 2


def test_a_thief_is_asked_about_and_costs_the_true_client_nothing(house: House) -> None:
    house.knows("secret", subject())
    bound(house, "Mail", "192.0.2.0/24")
    assert admit(house, attempt(HOME)).admitted
    house.authority.good["secret"] = Verified(subject(), denied=Reason.ELSEWHERE)
    for thief in (attempt(ABROAD), attempt(HOME, "evil"), attempt(HOME, "")):
        refused = admit(house, thief)
        assert (refused.admitted, refused.reason) == (False, Reason.ELSEWHERE)
        assert refused.link and "portal" in refused.words
    assert admit(house, attempt(HOME)).admitted
    assert house.authority.asked == ["verify"] * 4


def test_who_waits_on_the_same_secret_elsewhere_waits_for_an_answer_of_their_own(house: House) -> None:
    house.knows("secret", subject())
    house.asker.at_once = False
    came: list[Admission] = []
    for address in (HOME, ABROAD, HOME):
        house.guard.admit(attempt(address), came.append)
    assert house.authority.asked == [] or len(house.authority.asked) <= 2
    house.asker.answer()
    assert len(came) == 3 and house.authority.asked == ["verify"] * 2
