"""Account password with a code behind it: where configured, once per code, by the sign-in page's counters."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.accounts import totp
from kernel.authority import Attempt, NotVerified, Verified
from kernel.reasons import Reason
from kernel.records.credentials import FailureCount
from kernel.records.devices import Proof
from tests.idp.authority.site import HOME, House, house

PASSWORD = "violet tractor sings"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, with_code=True) as home:
        yield home


async def seed(home: House) -> str:
    """Give Anna a password and a code; return the seed, with its first code's time gone by."""
    await home.accounts.set_password("admin:root", home.anna.id, PASSWORD)
    seed = (await home.accounts.begin_totp(home.anna.id)).secret
    assert await home.accounts.confirm_totp(home.anna.id, code(home, seed))
    home.clock.forward(90)
    return seed


def code(home: House, seed: str) -> str:
    return totp.code_at(seed, totp.step_at(home.clock.now()))


async def log_in(home: House, password: str, service: str = "imap") -> Verified | NotVerified:
    return await home.answers.verify(Attempt(service, HOME, name="anna", password=password))


async def test_both_together_let_in_once_and_prove_no_device(home: House) -> None:
    typed = PASSWORD + code(home, await seed(home))
    answer = await log_in(home, typed)
    assert isinstance(answer, Verified)
    assert (answer.subject.key.proof, answer.subject.device, answer.good_until) == (Proof.NONE, None, 0.0)
    assert await log_in(home, typed) == NotVerified(Reason.CREDENTIALS)


async def test_of_twenty_at_once_one_gets_in(home: House) -> None:
    """Attack D2."""
    typed = PASSWORD + code(home, await seed(home))
    answers = await asyncio.gather(*(log_in(home, typed) for _ in range(4)))
    assert sum(isinstance(answer, Verified) for answer in answers) == 1


@pytest.mark.parametrize("typed", ["violet tractor sings", "violet tractor sings000000", "wrong123456", "123456"])
async def test_neither_alone_nor_wrong(home: House, typed: str) -> None:
    await seed(home)
    assert await log_in(home, typed) == NotVerified(Reason.CREDENTIALS)


async def test_guessing_is_counted_where_the_sign_in_page_counts(home: House) -> None:
    """Attack D3."""
    await seed(home)
    reasons = {(await log_in(home, f"wrong{n}123456")).reason for n in range(8)}  # type: ignore[union-attr]
    assert reasons == {Reason.CREDENTIALS, Reason.THROTTLED}
    assert await home.get(FailureCount, f"user:{home.anna.id}") is not None


async def test_an_app_password_costs_no_argon2(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = await home.app_password("imap")

    async def never(*_: object) -> None:
        raise AssertionError("the account's password was looked at")

    monkeypatch.setattr(home.accounts, "check_password", never)
    assert isinstance(await log_in(home, secret), Verified)
    assert await log_in(home, "aaaa-bbbb") == NotVerified(Reason.CREDENTIALS)


async def test_off_unless_configured(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        typed = PASSWORD + code(home, await seed(home))
        assert await log_in(home, typed) == NotVerified(Reason.CREDENTIALS)
