"""Refusals on record: what was wrong with a certificate, and who tries on and on is counted, not listed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.authority import Attempt, NotVerified, Verified
from kernel.reasons import Reason
from tests.idp.authority.site import HOME, House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        yield home


async def details(home: House) -> list[str]:
    return [event["detail"] for event in await home.events("credential-refused")]


async def test_the_log_says_what_was_wrong_with_a_certificate_and_the_stranger_does_not_hear(home: House) -> None:
    der = await home.certificate(home.laptop)
    assert isinstance(await home.answers.verify(Attempt("imap", HOME, certificate=der)), Verified)
    for wrong in (der[:-1], b"no certificate"):
        answer = await home.answers.verify(Attempt("imap", HOME, certificate=wrong))
        assert answer == NotVerified(Reason.CREDENTIALS)
    assert await home.answers.verify(Attempt("imap", HOME, name="ben", certificate=der)) == NotVerified(
        Reason.CREDENTIALS
    )
    home.clock.forward(91 * 86400)
    await home.answers.verify(Attempt("imap", HOME, certificate=der))
    assert await details(home) == [
        "certificate: malformed",
        "certificate: malformed",
        "certificate: another's device",
        "certificate: expired",
    ]


async def test_both_devices_must_be_the_same_persons(home: House) -> None:
    _, secret = await home.app_password("imap")
    bens = await home.devices.register_device("admin:root", home.ben.id, "Ben's", "linux", "computer")
    der = await home.certificate(bens)
    answer = await home.answers.verify(Attempt("imap", HOME, name="anna", password=secret, certificate=der))
    assert answer == NotVerified(Reason.CREDENTIALS)
    [event] = await home.events("credential-refused")
    assert (event["user_id"], event["detail"]) == (home.anna.id, "certificate: another's device")


async def test_a_revoked_one_tried_on_and_on_leaves_the_first_and_a_count(home: House) -> None:
    ap, secret = await home.app_password("imap")
    await home.accounts.revoke_app_password("user:anna", ap)
    attempt = Attempt("imap", HOME, name="anna", password=secret)
    for _ in range(50):
        assert await home.answers.verify(attempt) == NotVerified(Reason.CREDENTIAL_REVOKED)
    assert [event["repeated"] for event in await home.events("credential-refused")] == [0]
    home.clock.forward(61)
    await home.answers.verify(attempt)
    assert [event["repeated"] for event in await home.events("credential-refused")] == [0, 49]
