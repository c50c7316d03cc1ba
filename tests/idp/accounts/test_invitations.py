"""Invitations: one use, three days to the second, only the newest; and the reset that goes before one."""

import asyncio

import pytest

from idp.accounts import AccountRefused
from idp.accounts.invitations import INVITATION_SECONDS
from kernel.records.credentials import Invitation, Password, RecoveryCodes, TotpFactor
from tests.idp.accounts.house import Site


async def test_an_invitation_is_accepted_once(site: Site) -> None:
    secret, entries, _ = await site.since(lambda: site.accounts.invite("admin:root", site.ben.id))
    assert [(e.fields["factor"], e.fields["act"], e.fields["actor"]) for e in entries] == [
        ("invitation", "made", "admin:root")
    ]
    assert await site.store.read(lambda tx: [secret in row.digest for row in tx.find(Invitation)]) == [False]
    assert await site.accounts.invited(secret) == site.ben
    user, entries, _ = await site.since(lambda: site.accounts.accept_invitation(secret))
    assert user == site.ben
    assert [(e.fields["act"], e.fields["actor"]) for e in entries] == [("accepted", "user:ben")]
    assert await site.accounts.accept_invitation(secret) is None
    assert await site.accounts.invited(secret) is None


async def test_of_many_who_accept_at_once_one_gets_it(site: Site) -> None:
    secret = await site.accounts.invite("admin:root", site.ben.id)
    users = await asyncio.gather(*(site.accounts.accept_invitation(secret) for _ in range(20)))
    assert users.count(site.ben) == 1
    assert users.count(None) == 19


@pytest.mark.parametrize(("seconds", "good"), [(INVITATION_SECONDS - 1, True), (INVITATION_SECONDS, False)])
async def test_an_invitation_ends_to_the_second(site: Site, seconds: float, good: bool) -> None:
    secret = await site.accounts.invite("admin:root", site.ben.id)
    site.clock.forward(seconds)
    assert (await site.accounts.invited(secret) is not None) is good
    assert (await site.accounts.accept_invitation(secret) is not None) is good


async def test_a_newer_invitation_voids_the_older(site: Site) -> None:
    old = await site.accounts.invite("admin:root", site.ben.id)
    new = await site.accounts.invite("admin:root", site.ben.id)
    assert await site.accounts.accept_invitation(old) is None
    assert await site.accounts.accept_invitation(new) == site.ben


@pytest.mark.parametrize("secret", ["", "x", "x" * 1_000_000, "\0", "\ud800"])
async def test_what_is_no_invitation_opens_nothing(site: Site, secret: str) -> None:
    assert await site.accounts.accept_invitation(secret) is None


async def test_a_disabled_user_is_neither_invited_nor_let_in(site: Site) -> None:
    secret = await site.accounts.invite("admin:root", site.ben.id)
    await site.accounts.set_disabled("admin:root", site.ben.id, True)
    assert await site.accounts.accept_invitation(secret) is None
    with pytest.raises(AccountRefused):
        await site.accounts.invite("admin:root", site.ben.id)


async def test_a_reset_takes_every_factor_away(site: Site) -> None:
    await site.accounts.begin_totp(site.anna.id)
    await site.accounts.make_recovery_codes(site.anna.id)
    _, entries, changes = await site.since(lambda: site.accounts.reset_factors("admin:root", site.anna.id))
    assert [(e.fields["factor"], e.fields["act"]) for e in entries] == [("all", "reset")]
    assert [change.handle for change in changes] == [f"user:{site.anna.id}"]
    for kind in (Password, TotpFactor, RecoveryCodes):
        assert await site.store.read(lambda tx, kind=kind: tx.count(kind)) == 0
