"""The site that every test of this folder works with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.devices import Devices
from idp.vault import Vault
from kernel.chance import SeededChance
from kernel.clock import SetClock
from kernel.config.settings import IdpSettings, Settings
from kernel.config.settings import Site as SiteSettings
from store.sqlite.store import SqliteStore
from tests.idp.devices.house import ANNA, BEN, ORIGIN, Site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    vault, clock = Vault(bytes(range(32)), SeededChance(b"vault")), SetClock()
    settings = Settings(SiteSettings("Example", ORIGIN, tmp_path), idp=IdpSettings(new_certificates="pending"))
    store = SqliteStore.open(settings.database, vault.derive("audit"), clock)
    devices = Devices(store, vault, clock, SeededChance(), settings)
    await devices.load()
    made = Site(store, vault, clock, devices, settings)
    await made.put(ANNA)
    await made.put(BEN)
    yield made
    await store.close()
