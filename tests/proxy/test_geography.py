"""Where an address is decides at the door, and again in every live session when the files about addresses change."""

from kernel.geography import NOWHERE, Location
from kernel.reasons import Reason
from policies.language import load
from tests.proxy.house import House, subject

JAPAN = load(
    """version: 1
rules:
  - {name: anonymous, network: {anonymous: true}, then: deny}
  - {name: japan, network: {countries: [JP], not_asn: [64500]}, then: allow}
""",
    revision=1,
)


class Places(dict[str, Location]):
    """A geography of some addresses, that counts how often it is asked."""

    tells = frozenset({"country", "asn", "anonymous"})
    asked = 0

    def locate(self, address: str) -> Location:
        self.asked += 1
        return self.get(address, NOWHERE)


TOKYO = Location("JP", 64501, False)
PLACES = {
    "192.0.2.1": TOKYO,
    "192.0.2.2": Location("DE", 64501, False),
    "192.0.2.3": Location("JP", 64500, False),
    "192.0.2.4": Location("JP", 64501, True),
    "192.0.2.5": Location("JP", 64501, None),
    "192.0.2.6": Location(None, 64501, False),
}


def rules(house: House, address: str) -> tuple[bool, str]:
    admission = house.admit("secret", address=address)
    assert admission.decision is not None
    return admission.admitted, admission.decision.rule


def test_a_policy_about_places_is_judged_by_the_sessions_address(house: House) -> None:
    house.follower.policy = JAPAN
    house.knows("secret", subject())
    assert rules(house, "192.0.2.1") == (False, "anonymous")  # nothing tells, so nothing opens
    house.guard.relocate(Places(PLACES))
    assert rules(house, "192.0.2.1") == (True, "japan")
    assert rules(house, "192.0.2.2") == (False, "")
    assert rules(house, "192.0.2.3") == (False, "")
    assert rules(house, "192.0.2.4") == (False, "anonymous")
    assert rules(house, "192.0.2.5") == (False, "anonymous")
    assert rules(house, "192.0.2.6") == (False, "")


def test_other_files_are_believed_at_once_and_by_sessions_that_live(house: House) -> None:
    house.follower.policy = JAPAN
    house.guard.relocate(Places(PLACES))
    house.knows("secret", subject())
    _, stays = house.hold("secret", address="192.0.2.1")
    moved = Places({**PLACES, "192.0.2.2": TOKYO})
    house.guard.relocate(moved)
    _, ends = house.hold("secret", address="192.0.2.2")
    house.guard.relocate(Places(PLACES))
    house.change("policy")
    house.timers.turn()
    assert stays.told == []
    assert [reason for reason, _ in ends.told] == [Reason.POLICY]
    assert rules(house, "192.0.2.2") == (False, "")


def test_a_verdict_that_is_remembered_asks_for_no_place_again(house: House) -> None:
    house.follower.policy = JAPAN
    places = Places(PLACES)
    house.guard.relocate(places)
    house.knows("secret", subject())
    for _ in range(5):
        house.admit("secret", address="192.0.2.1")
    assert places.asked == 1
