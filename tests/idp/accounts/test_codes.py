"""Second factors by code: enrolment, no code twice, guessing stops at ten; recovery codes."""

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from idp.accounts import FactorAnswer, totp
from idp.accounts.lockout import FACTOR
from kernel.records.credentials import RecoveryCodes, TotpFactor
from kernel.records.people import User
from tests.idp.accounts.house import AWAY, Site

RFC_SEED = totp.seed_text(b"12345678901234567890")


async def enrol(site: Site, user: User) -> str:
    """Enrol TOTP and return its seed; the clock then stands two steps later."""
    enrolment = await site.accounts.begin_totp(user.id)
    assert await site.accounts.confirm_totp(user.id, now_code(site, enrolment.secret))
    site.clock.forward(60)
    return str(enrolment.secret)


def now_code(site: Site, seed: str, steps: int = 0) -> str:
    return totp.code_at(seed, totp.step_at(site.clock.now()) + steps)


def wrong_code(site: Site, seed: str) -> str:
    good = {now_code(site, seed, steps) for steps in range(-2, 3)}
    return next(code for code in (f"{number:06}" for number in range(9)) if code not in good)


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238_appendix_b(at: int, code: str) -> None:
    assert totp.code_at(RFC_SEED, totp.step_at(at)) == code


def test_codes_are_those_of_another_implementation() -> None:
    now = time.time()
    assert totp.code_at(RFC_SEED, totp.step_at(now)) == pyotp.TOTP(RFC_SEED).at(int(now))


@pytest.mark.parametrize("typed", ["287082", " 287 082 ", "２８７０８２", "287-082"])
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert totp.matching_step(RFC_SEED, typed, 59) == 1


@pytest.mark.parametrize(
    "typed", ["", "28708", "2870823", "28708a", "٢٨٧٠٨٢x", "2" * 100_000, "\0" * 6, "+28708", "²³¹²³¹x"]
)
def test_what_is_no_code_matches_nothing(typed: str) -> None:
    assert totp.matching_step(RFC_SEED, typed, 59) is None


def test_the_window_is_one_step_either_way() -> None:
    steps = [totp.matching_step(RFC_SEED, totp.code_at(RFC_SEED, 1000 + away), 1000 * 30.0) for away in range(-3, 4)]
    assert steps == [None, None, 999, 1000, 1001, None, None]


async def test_an_enrolment_shows_a_seed_for_the_qr_code(site: Site) -> None:
    enrolment = await site.accounts.begin_totp(site.anna.id)
    parts = urlsplit(enrolment.uri)
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Example%20Mail:anna@example.com")
    assert parse_qs(parts.query) == {"secret": [enrolment.secret], "issuer": ["Example Mail"]}
    assert enrolment.secret not in repr(enrolment)
    assert await site.accounts.check_totp(site.anna.id, now_code(site, enrolment.secret), AWAY) == FactorAnswer(False)


async def test_the_seed_is_sealed_and_its_first_code_is_spent(site: Site) -> None:
    enrolment = await site.accounts.begin_totp(site.anna.id)
    code = now_code(site, enrolment.secret)
    good, entries, changes = await site.since(lambda: site.accounts.confirm_totp(site.anna.id, code))
    assert good
    assert [(e.kind, e.fields["factor"], e.fields["act"], e.fields["actor"]) for e in entries] == [
        ("factor-changed", "totp", "enrolled", "user:anna")
    ]
    assert [change.handle for change in changes] == [f"user:{site.anna.id}"]
    assert enrolment.secret not in (await site.get(TotpFactor, site.anna.id)).sealed
    assert not (await site.accounts.check_totp(site.anna.id, code, AWAY)).good


async def test_a_seed_waits_a_quarter_of_an_hour_and_displaces_none_in_force(site: Site) -> None:
    seed = await enrol(site, site.anna)
    waiting = await site.accounts.begin_totp(site.anna.id)
    assert not await site.accounts.confirm_totp(site.anna.id, wrong_code(site, waiting.secret))
    assert (await site.accounts.check_totp(site.anna.id, now_code(site, seed), AWAY)).good
    site.clock.forward(901)
    assert not await site.accounts.confirm_totp(site.anna.id, now_code(site, waiting.secret))
    assert (await site.accounts.check_totp(site.anna.id, now_code(site, seed), AWAY)).good


async def test_a_code_counts_once(site: Site) -> None:
    seed = await enrol(site, site.anna)
    code = now_code(site, seed)
    assert await site.accounts.check_totp(site.anna.id, code, AWAY) == FactorAnswer(True)
    assert await site.accounts.check_totp(site.anna.id, code, AWAY) == FactorAnswer(False)
    assert not (await site.accounts.check_totp(site.anna.id, now_code(site, seed, -1), AWAY)).good
    site.clock.forward(30)
    assert (await site.accounts.check_totp(site.anna.id, now_code(site, seed), AWAY)).good


async def test_of_twenty_equal_codes_at_once_one_is_good(site: Site) -> None:
    seed = await enrol(site, site.anna)
    code = now_code(site, seed)
    answers = await asyncio.gather(*(site.accounts.check_totp(site.anna.id, code, AWAY) for _ in range(20)))
    assert sum(answer.good for answer in answers) == 1


async def test_guessing_stops_at_ten_even_at_once(site: Site) -> None:
    seed = await enrol(site, site.anna)
    wrong = wrong_code(site, seed)
    tried = 0
    for _ in range(40):
        answers = await asyncio.gather(*(site.accounts.check_totp(site.anna.id, wrong, AWAY) for _ in range(5)))
        tried += sum(answer.retry_after == 0 for answer in answers)
        site.clock.forward(901)
    assert tried == FACTOR.stop == 10
    stopped = await site.accounts.check_totp(site.anna.id, now_code(site, seed), AWAY)
    assert (stopped.good, stopped.retry_after > 0) == (False, True)


async def test_the_counter_is_the_accounts_wherever_guesses_come_from(site: Site) -> None:
    seed = await enrol(site, site.anna)
    for number in range(FACTOR.free):
        await site.accounts.check_totp(site.anna.id, wrong_code(site, seed), f"198.51.{number}.1")
    assert (await site.accounts.check_totp(site.anna.id, now_code(site, seed), "198.18.0.1")).retry_after > 0


async def test_a_known_device_gets_in_past_a_strangers_guesses(site: Site) -> None:
    seed = await enrol(site, site.anna)
    laptop = await site.device(site.anna)
    for _ in range(30):
        await site.accounts.check_totp(site.anna.id, wrong_code(site, seed), AWAY)
    assert (await site.accounts.check_totp(site.anna.id, now_code(site, seed), AWAY, device_id=laptop.id)).good


async def test_without_a_seed_or_a_user_no_code_is_good(site: Site) -> None:
    await site.accounts.set_disabled("admin:root", site.ben.id, True)
    for user_id in (site.anna.id, site.ben.id, "u_none"):
        assert await site.accounts.check_totp(user_id, "123456", AWAY) == FactorAnswer(False)
        assert await site.accounts.use_recovery_code(user_id, "abcd-efgh-ijkm", AWAY) == FactorAnswer(False)


async def test_recovery_codes_count_once_each(site: Site) -> None:
    codes = await site.accounts.make_recovery_codes(site.anna.id)
    assert len(set(codes)) == 10
    stored = await site.get(RecoveryCodes, site.anna.id)
    assert not any(code in repr(stored) for code in codes)
    assert await site.accounts.use_recovery_code(
        site.anna.id, codes[3].upper().replace("-", " "), AWAY
    ) == FactorAnswer(True, 0.0, 9)
    assert await site.accounts.use_recovery_code(site.anna.id, codes[3], AWAY) == FactorAnswer(False)
    answers = await asyncio.gather(*(site.accounts.use_recovery_code(site.anna.id, codes[4], AWAY) for _ in range(9)))
    assert sum(answer.good for answer in answers) <= 1
    assert len((await site.get(RecoveryCodes, site.anna.id)).digests) == 8


async def test_new_recovery_codes_void_the_old_and_belong_to_one_user(site: Site) -> None:
    old = await site.accounts.make_recovery_codes(site.anna.id)
    new = await site.accounts.make_recovery_codes(site.anna.id)
    await site.accounts.make_recovery_codes(site.ben.id)
    assert not (await site.accounts.use_recovery_code(site.anna.id, old[0], AWAY)).good
    assert not (await site.accounts.use_recovery_code(site.ben.id, new[0], AWAY)).good
    answer, entries, _ = await site.since(lambda: site.accounts.use_recovery_code(site.anna.id, new[0], AWAY))
    assert answer.left == 9
    assert [(e.fields["act"], e.fields["detail"]) for e in entries] == [("used", "9 left")]


async def test_guessing_at_recovery_codes_stops_at_ten(site: Site) -> None:
    codes = await site.accounts.make_recovery_codes(site.anna.id)
    for _ in range(40):
        await site.accounts.use_recovery_code(site.anna.id, "aaaa-bbbb-cccc", AWAY)
        site.clock.forward(901)
    assert (await site.accounts.use_recovery_code(site.anna.id, codes[0], AWAY)).retry_after > 0
