"""App passwords: for one device and chosen services, found in microseconds, never throttled by others."""

import asyncio
import math
import time
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts import AccountRefused, NoSuchUser, spoken
from kernel.records.credentials import AppPassword
from kernel.records.devices import Trust
from tests.idp.accounts.house import HOME, Site


async def make(site: Site, services: tuple[str, ...] = ("imap",)) -> tuple[AppPassword, str]:
    await site.device(site.anna)
    made: tuple[AppPassword, str] = await site.accounts.make_app_password(
        "user:anna", site.anna.id, "d_laptop", services, "Thunderbird"
    )
    return made


async def test_a_made_password_is_found_and_only_its_digest_is_kept(site: Site) -> None:
    await site.device(site.anna)
    (made, secret), entries, changes = await site.since(partial(make, site, ("imap", "submission")))
    assert made.services == {"imap", "submission"}
    assert await site.accounts.find_app_password(secret) == made
    assert secret.replace("-", "") not in repr(await site.get(AppPassword, made.id))
    assert [(e.kind, e.fields["act"], e.fields["device_id"]) for e in entries] == [
        ("factor-changed", "made", "d_laptop")
    ]
    assert secret not in entries[0].body
    assert {change.handle for change in changes} == {f"user:{site.anna.id}", f"credential:{made.id}"}


async def test_a_secret_has_140_bits_in_readable_groups(site: Site) -> None:
    _, secret = await make(site)
    groups = secret.split("-")
    assert [len(group) for group in groups] == [4] * 7
    assert len(set(spoken.ALPHABET)) == 32
    assert spoken.APP_PASSWORD_LETTERS * math.log2(len(spoken.ALPHABET)) >= 128


@given(st.binary(min_size=28, max_size=28))
def test_what_was_spelt_is_read_back_however_it_is_typed(octets: bytes) -> None:
    secret = spoken.spell(octets)
    letters = secret.replace("-", "")
    for typed in (secret, letters, secret.upper(), secret.replace("-", " "), f" {secret}\t"):
        assert spoken.letters_of(typed, 28) == letters
    assert spoken.letters_of("".join(chr(ord(c) + 0xFEE0) for c in letters), 28) == letters


@given(st.text(max_size=200))
def test_anything_else_is_no_secret(typed: str) -> None:
    letters = spoken.letters_of(typed, 28)
    assert letters == "" or len(letters) == 28


@pytest.mark.parametrize("typed", ["", "x" * 1_000_000, "\0" * 28, "l" * 28, "aaaa-bbbb", "\ud800" * 28, "é" * 28])
async def test_what_is_no_secret_finds_nothing(site: Site, typed: str) -> None:
    await make(site)
    assert await site.accounts.find_app_password(typed) is None


async def test_an_almost_right_secret_finds_nothing(site: Site) -> None:
    _, secret = await make(site)
    assert await site.accounts.find_app_password(("b" if secret[0] == "a" else "a") + secret[1:]) is None
    assert await site.accounts.find_app_password(secret[:-1]) is None


async def test_no_failure_of_others_throttles_an_app_password(site: Site) -> None:
    made, secret = await make(site)
    for number in range(200):
        await site.accounts.check_password("anna", f"wrong {number}", HOME)
    assert (await site.accounts.check_password("anna", "wrong", HOME)).retry_after > 0
    assert await site.accounts.find_app_password(secret) == made


async def test_finding_costs_microseconds_not_argon2(site: Site) -> None:
    _, secret = await make(site)

    def hundred(tx: Any) -> float:
        started = time.thread_time()
        for _ in range(100):
            site.accounts.app_password(tx, secret)
        return time.thread_time() - started

    assert await site.store.read(hundred) < 0.25


async def test_a_revoked_password_is_known_to_be_revoked(site: Site) -> None:
    made, secret = await make(site)
    revoked, entries, changes = await site.since(lambda: site.accounts.revoke_app_password("user:anna", made.id))
    assert revoked.revoked
    assert [e.fields["act"] for e in entries] == ["revoked"]
    assert f"credential:{made.id}" in {change.handle for change in changes}
    assert await site.accounts.find_app_password(secret) == revoked
    _, entries, changes = await site.since(lambda: site.accounts.revoke_app_password("user:anna", made.id))
    assert (entries, changes) == ([], [])
    with pytest.raises(NoSuchUser):
        await site.accounts.revoke_app_password("user:anna", "ap_none")


async def test_it_needs_a_device_of_the_user(site: Site) -> None:
    await site.device(site.ben, "d_ben")
    for device_id in ("d_ben", "d_none", ""):
        with pytest.raises(NoSuchUser):
            await site.accounts.make_app_password("user:anna", site.anna.id, device_id, ["imap"], "Mail")


@pytest.mark.parametrize("trust", [Trust.LOST, Trust.REVOKED, Trust.EXPIRED])
async def test_a_device_that_is_out_gets_none(site: Site, trust: Trust) -> None:
    await site.device(site.anna, "d_out", trust)
    with pytest.raises(AccountRefused, match="lost, revoked"):
        await site.accounts.make_app_password("user:anna", site.anna.id, "d_out", ["imap"], "Mail")


@pytest.mark.parametrize(
    ("services", "name"),
    [((), "Mail"), (("",), "Mail"), (("imap\n",), "Mail"), (("IMAP",), "Mail"), (("imap",), ""), (("imap",), "a\nb")]
    + [(tuple(f"s{number}" for number in range(17)), "Mail")],
)
async def test_odd_wishes_are_refused(site: Site, services: tuple[str, ...], name: str) -> None:
    await site.device(site.anna)
    with pytest.raises(AccountRefused):
        await site.accounts.make_app_password("user:anna", site.anna.id, "d_laptop", services, name)
    assert await site.store.read(lambda tx: tx.count(AppPassword)) == 0


async def test_a_hundred_live_ones_are_enough(site: Site) -> None:
    await site.device(site.anna)
    wishes = (site.accounts.make_app_password("u", site.anna.id, "d_laptop", ["imap"], f"n{n}") for n in range(105))
    results = await asyncio.gather(*wishes, return_exceptions=True)
    assert sum(isinstance(result, AccountRefused) for result in results) == 5
    assert await site.store.read(lambda tx: tx.count(AppPassword, user_id=site.anna.id)) == 100
