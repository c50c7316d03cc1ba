"""A webmail of ours speaks for a browser: the browser's address counts. Nobody else can speak for anybody."""

from dataclasses import replace

import pytest

from kernel.authority import Attempt, Subject, Verified
from kernel.records.sessions import SignIn
from proxy.admission import Admission
from proxy.whereabouts import networks, whereabouts
from tests.proxy.house import House, subject

WEBMAIL, BROWSER = "192.0.2.25", "203.0.113.7"


def from_browser(address: str = BROWSER) -> Subject:
    return replace(subject(), signin=SignIn("si_1", "digest", "u_alice", 0.0, 1e12, address=address))


@pytest.fixture
def behind_webmail() -> House:
    return House(webmails=networks([f"{WEBMAIL}/32", "2001:db8::/64"]))


def come(house: House, address: str, who: Subject, *, token: str = "T", password: str = "") -> Admission:
    house.authority.good[token or password] = Verified(who, good_until=house.clock.now() + 60)
    came: list[Admission] = []
    house.guard.admit(Attempt("imap", address, name="alice", token=token, password=password), came.append)
    return came[0]


def test_the_browsers_address_is_judged_recorded_and_forwarded(behind_webmail: House) -> None:
    admission = come(behind_webmail, WEBMAIL, from_browser())
    assert admission.admitted
    assert admission.address == BROWSER
    assert [event.address for event in behind_webmail.events("decided")] == [BROWSER]
    program = behind_webmail.follower.policy.program
    assert program.last.address == BROWSER


def test_a_token_remembered_from_webmail_counts_at_its_holders_own_address_elsewhere(behind_webmail: House) -> None:
    come(behind_webmail, WEBMAIL, from_browser())
    assert come(behind_webmail, "198.51.100.9", from_browser()).address == "198.51.100.9"


@pytest.mark.parametrize(
    ("address", "who", "credential"),
    [
        ("198.51.100.9", from_browser(), {}),  # not our webmail
        (WEBMAIL, from_browser(), {"token": "", "password": "p"}),  # not with a token
        (WEBMAIL, subject(), {}),  # a token that stands on no browser
        (WEBMAIL, from_browser(""), {}),  # a sign-in whose address nobody knows
    ],
)
def test_everybody_else_is_where_their_connection_is(
    behind_webmail: House, address: str, who: Subject, credential: dict[str, str]
) -> None:
    assert come(behind_webmail, address, who, **credential).address == address


def test_networks_hold_both_kinds_of_address_and_nothing_odd() -> None:
    attempt = Attempt("imap", "2001:db8::5", token="T")
    assert whereabouts(attempt, from_browser(), networks(["2001:db8::/64"])) == BROWSER
    odd = Attempt("imap", "not an address", token="T")
    assert whereabouts(odd, from_browser(), networks(["0.0.0.0/0", "::/0"])) == "not an address"
