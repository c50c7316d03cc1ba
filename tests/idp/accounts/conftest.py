"""The site that every test of this folder works with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.accounts import Accounts
from idp.vault import Vault
from kernel.chance import SeededChance
from kernel.clock import SetClock
from store.sqlite.store import SqliteStore
from tests.idp.accounts.house import CHEAP, GOOD, Site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    vault, clock = Vault(bytes(range(32)), SeededChance(b"vault")), SetClock()
    store = SqliteStore.open(tmp_path / "gatepost.db", vault.derive("audit"), clock)
    accounts = Accounts(store, vault, clock, SeededChance(), CHEAP, site="Example Mail")
    anna = await accounts.create_user("admin:root", "anna", "anna@example.com", "Anna Arai", "ja", ["staff"])
    ben = await accounts.create_user("admin:root", "ben", "ben@example.com", "Ben", "en", ["staff"])
    await accounts.set_password("user:anna", anna.id, GOOD)
    yield Site(store, vault, clock, accounts, anna, ben)
    accounts.close()
    await store.close()
