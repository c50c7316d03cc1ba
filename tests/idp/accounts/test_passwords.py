"""Checking account passwords: guessing stops, spelling does not matter, strangers and unknown users see the same."""

import asyncio
from functools import partial
from typing import Any

import pytest
from argon2.low_level import verify_secret

from idp.accounts import Accounts, PasswordAnswer, WeakPassword, hashing
from idp.accounts.lockout import ACCOUNT, ADDRESS
from kernel.chance import SeededChance
from kernel.config.settings import IdpSettings
from kernel.problems import Unavailable
from kernel.records.credentials import FailureCount, Password
from kernel.records.devices import Trust
from tests.idp.accounts.house import AWAY, GOOD, HOME, Site


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Argon2 was made to verify: the cost part of each encoded hash."""
    costs: list[str] = []

    def spy(encoded: bytes, password: bytes, kind: Any) -> bool:
        costs.append(encoded.decode().rsplit("$", 2)[0])
        return verify_secret(encoded, password, kind)

    monkeypatch.setattr(hashing, "verify_secret", spy)
    return costs


async def guess(site: Site, times: int, name: str = "anna", address: str = AWAY, **known: str) -> PasswordAnswer:
    answer = PasswordAnswer(None)
    for number in range(times):
        answer = await site.accounts.check_password(name, f"wrong guess {number}", address, **known)
    return answer


async def test_the_right_password_in_any_spelling_of_the_name(site: Site) -> None:
    for typed in ("anna", "ANNA", "Anna@Example.com", "ａｎｎａ", " anna "):
        assert await site.accounts.check_password(typed, GOOD, HOME) == PasswordAnswer(site.anna)
    assert await site.store.read(lambda tx: tx.count(FailureCount)) == 0


async def test_a_stored_password_is_argon2id_and_never_in_clear(site: Site) -> None:
    stored = await site.get(Password, site.anna.id)
    assert stored.encoded.startswith("$argon2id$v=19$m=16,t=1,p=1$")
    assert GOOD not in repr(stored)


async def test_nobody_costs_what_somebody_costs(site: Site, verified: list[str]) -> None:
    await site.accounts.set_password("user:ben", site.ben.id, GOOD)
    await site.accounts.set_disabled("admin:root", site.ben.id, True)
    carol = await site.accounts.create_user("admin:root", "carol", "carol@example.com", "Carol", "en", [])
    answers = []
    for name in ("anna", "nobody", "nobody@example.com", "ben", carol.name, "' OR 1=1", ""):
        before = len(verified)
        answers.append(await site.accounts.check_password(name, "not the password", AWAY))
        assert len(verified) == before + 1, name
    assert set(answers) == {PasswordAnswer(None, 0.0)}
    assert len(set(verified)) == 1


async def test_a_disabled_user_is_refused_with_the_right_password(site: Site) -> None:
    await site.accounts.set_disabled("admin:root", site.anna.id, True)
    answer, entries, _ = await site.since(lambda: site.accounts.check_password("anna", GOOD, HOME))
    assert answer == PasswordAnswer(None)
    assert [(e.kind, e.fields["reason"]) for e in entries] == [("credential-refused", "credentials")]


async def test_guessing_slows_down_and_the_waiting_is_told(site: Site, verified: list[str]) -> None:
    assert (await guess(site, ACCOUNT.free)).retry_after == 0.0
    refused = await site.accounts.check_password("anna", GOOD, HOME)
    assert (refused.user, refused.retry_after) == (None, ACCOUNT.first)
    assert len(verified) == ACCOUNT.free
    site.clock.forward(ACCOUNT.first)
    assert (await site.accounts.check_password("anna", GOOD, HOME)).user == site.anna
    assert (await guess(site, ACCOUNT.free)).retry_after == 0.0


async def test_nobody_is_throttled_like_somebody(site: Site) -> None:
    for name in ("anna", "nobody"):
        assert (await guess(site, ACCOUNT.free, name, HOME)).retry_after == 0.0
        assert (await guess(site, 1, name, HOME)).retry_after == ACCOUNT.first


async def test_one_counter_whatever_the_spelling(site: Site) -> None:
    for spelling in ("anna", "ANNA", "anna@example.com", "ａｎｎａ", "Anna@EXAMPLE.COM "):
        assert (await guess(site, 1, spelling)).retry_after == 0.0
    for spelling in ("anna", "Anna@example.com", "aNNa"):
        assert (await guess(site, 1, spelling)).retry_after == ACCOUNT.first
    for spelling in ("nobody", "NOBODY", "ｎｏｂｏｄｙ", " nobody", "noBody"):
        assert (await guess(site, 1, spelling, HOME)).retry_after == 0.0
    assert (await guess(site, 1, "Nobody", HOME)).retry_after == ACCOUNT.first


async def test_a_hundred_guesses_at_once_are_stopped_like_guesses_in_a_row(site: Site, verified: list[str]) -> None:
    tries = (site.accounts.check_password("anna", f"wrong {number}", AWAY) for number in range(40))
    answers = await asyncio.gather(*tries)
    assert len(verified) == ACCOUNT.free
    assert sum(answer.retry_after > 0 for answer in answers) == 40 - ACCOUNT.free


async def test_one_address_that_tries_many_names_slows_down(site: Site) -> None:
    for number in range(ADDRESS.free):
        assert (await guess(site, 1, f"name{number}", f"203.0.113.{number}")).retry_after == 0.0
    assert (await guess(site, 1, "fresh", "203.0.113.200")).retry_after == ADDRESS.first
    assert (await guess(site, 1, "fresh", "203.0.114.200")).retry_after == 0.0


async def test_a_right_password_washes_no_other_guesses_away(site: Site) -> None:
    for number in range(ADDRESS.free - 1):
        await guess(site, 1, f"name{number}")
        assert (await site.accounts.check_password("anna", GOOD, AWAY)).user == site.anna
    assert (await guess(site, 1, "last")).retry_after == 0.0
    assert (await site.accounts.check_password("anna", GOOD, AWAY)).retry_after > 0


@pytest.mark.parametrize("trust", [Trust.ENROLLED, Trust.MANAGED])
async def test_a_stranger_cannot_shut_out_an_enrolled_device(site: Site, trust: Trust) -> None:
    laptop = await site.device(site.anna, trust=trust)
    await guess(site, 60)
    assert (await site.accounts.check_password("anna", GOOD, AWAY)).retry_after > 0
    assert (await site.accounts.check_password("anna", GOOD, AWAY, device_id=laptop.id)).user == site.anna


async def test_a_stranger_cannot_shut_out_a_browser_that_signed_in_before(site: Site) -> None:
    cookie = site.accounts.familiar_cookie(site.anna.id)
    await guess(site, 60)
    assert (await site.accounts.check_password("anna", GOOD, AWAY, familiar=cookie)).user == site.anna


async def test_a_busy_network_cannot_shut_out_an_enrolled_device_in_it(site: Site) -> None:
    laptop = await site.device(site.anna)
    for number in range(ADDRESS.free):
        await guess(site, 1, f"name{number}", HOME)
    assert (await site.accounts.check_password("anna", GOOD, HOME)).retry_after > 0
    assert (await site.accounts.check_password("anna", GOOD, HOME, device_id=laptop.id)).user == site.anna


async def test_a_known_device_has_a_counter_of_its_own(site: Site) -> None:
    laptop = await site.device(site.anna)
    assert (await guess(site, ACCOUNT.free, device_id=laptop.id)).retry_after == 0.0
    assert (await guess(site, 1, device_id=laptop.id)).retry_after == ACCOUNT.first
    assert (await site.accounts.check_password("anna", GOOD, HOME)).user == site.anna


@pytest.mark.parametrize("pretence", ["foreign device", "lost device", "no device", "foreign", "forged", "old", "junk"])
async def test_who_only_pretends_to_be_known_is_a_stranger(site: Site, pretence: str) -> None:
    await site.device(site.ben, "d_ben")
    await site.device(site.anna, "d_lost", Trust.LOST)
    cookie = site.accounts.familiar_cookie(site.anna.id)
    known = {
        "foreign device": {"device_id": "d_ben"},
        "lost device": {"device_id": "d_lost"},
        "no device": {"device_id": "d_none"},
        "foreign": {"familiar": site.accounts.familiar_cookie(site.ben.id)},
        "forged": {"familiar": cookie[:-1] + ("0" if cookie[-1] != "0" else "1")},
        "old": {"familiar": cookie},
        "junk": {"familiar": "あ.1.2.3" * 99},
    }[pretence]
    if pretence == "old":
        site.clock.forward(181 * 86400)
    await guess(site, ACCOUNT.free)
    assert (await site.accounts.check_password("anna", GOOD, AWAY, **known)).retry_after > 0


@pytest.mark.parametrize("password", ["", "x" * 1_000_000, GOOD + "\0", GOOD + "\0junk", GOOD[:-1], "\ud800", "\0"])
async def test_odd_passwords_are_plain_failures(site: Site, password: str) -> None:
    assert await site.accounts.check_password("anna", password, AWAY) == PasswordAnswer(None)


async def test_a_megabyte_is_refused_before_any_work(site: Site, verified: list[str]) -> None:
    await site.accounts.check_password("anna", "x" * 1_000_000, AWAY)
    assert verified == []
    assert await site.store.read(lambda tx: tx.count(FailureCount)) == 0


async def test_a_failure_leaves_one_audit_line_and_a_closed_door_one_more(site: Site) -> None:
    _, entries, _ = await site.since(lambda: guess(site, ACCOUNT.free + 20, "ANNA"))
    lines = [(e.kind, e.fields["user"], e.fields["user_id"], e.fields["reason"], e.fields["address"]) for e in entries]
    one = ("credential-refused", "anna", site.anna.id, "credentials", AWAY)
    assert lines == [one] * ACCOUNT.free + [("credential-refused", "anna", site.anna.id, "throttled", AWAY)]


async def test_what_was_typed_is_cut_and_escaped_in_the_log(site: Site) -> None:
    _, entries, _ = await site.since(lambda: guess(site, 1, "x\r\n\x1b[2J\u202e" + "y" * 5000))
    assert len(entries[0].fields["user"]) == 128
    assert entries[0].body.isascii()
    assert entries[0].body.isprintable()


async def test_setting_a_password_is_logged_and_frees_the_account(site: Site) -> None:
    await guess(site, ACCOUNT.free)
    anew = partial(site.accounts.set_password, "admin:root", site.anna.id, "another-fine-one", must_change=True)
    _, entries, changes = await site.since(anew)
    assert [(e.kind, e.fields["factor"], e.fields["act"], e.fields["actor"]) for e in entries] == [
        ("factor-changed", "password", "changed", "admin:root")
    ]
    assert [change.handle for change in changes] == [f"user:{site.anna.id}"]
    assert await site.accounts.check_password("anna", "another-fine-one", HOME) == PasswordAnswer(site.anna, 0.0, True)
    assert (await site.accounts.check_password("anna", GOOD, HOME)).user is None


async def test_a_weak_password_is_refused_and_changes_nothing(site: Site) -> None:
    with pytest.raises(WeakPassword):
        await site.accounts.set_password("user:anna", site.anna.id, "anna-2026-spring")
    assert (await site.accounts.check_password("anna", GOOD, HOME)).user == site.anna


async def test_a_password_changed_while_it_was_checked_is_not_right(site: Site) -> None:
    matches = site.accounts._hashing.matches

    async def meanwhile(encoded: str | None, password: bytes) -> bool:
        good = await matches(encoded, password)
        await site.accounts.set_password("admin:root", site.anna.id, "another-fine-one")
        return bool(good)

    site.accounts._hashing.matches = meanwhile
    assert (await site.accounts.check_password("anna", GOOD, HOME)).user is None


async def test_hashes_follow_the_costs_of_the_day(site: Site) -> None:
    dearer = IdpSettings(argon2_memory_kib=32, argon2_passes=2, argon2_parallel=1)
    accounts = Accounts(site.store, site.vault, site.clock, SeededChance(b"later"), dearer)
    assert (await accounts.check_password("anna", GOOD, HOME)).user == site.anna
    assert "$m=32,t=2,p=1$" in (await site.get(Password, site.anna.id)).encoded
    assert (await accounts.check_password("anna", GOOD, HOME)).user == site.anna
    accounts.close()


async def test_too_many_at_once_are_told_to_come_back_and_not_counted(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "MOST_WAITING", 0)
    with pytest.raises(Unavailable):
        await site.accounts.check_password("anna", GOOD, HOME)
    assert await site.store.read(lambda tx: tx.count(FailureCount)) == 0


async def test_old_counters_are_swept_away(site: Site) -> None:
    for number in range(8):
        await guess(site, 1, f"name{number}", f"10.0.{number}.1")
    assert await site.store.read(lambda tx: tx.count(FailureCount)) == 16
    site.clock.forward(8 * 86400)
    await guess(site, 1, "last")
    assert await site.store.read(lambda tx: tx.count(FailureCount)) == 2
