"""The site that every test of this folder works with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.authority.live import LiveSessions
from idp.devices import Devices
from idp.vault import Vault
from kernel.chance import SeededChance
from kernel.clock import SetClock
from kernel.config.settings import Settings
from kernel.config.settings import Site as SiteSettings
from store.sqlite.store import SqliteStore
from tests.idp.signals.house import ANNA, BEN, ORIGIN, Site, Transmitter, hearing


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    vault, clock, theirs = Vault(bytes(range(32)), SeededChance(b"vault")), SetClock(), Transmitter()
    settings = Settings(SiteSettings("Example", ORIGIN, tmp_path))
    store = SqliteStore.open(settings.database, vault.derive("audit"), clock)
    devices, live = Devices(store, vault, clock, SeededChance(), settings), LiveSessions(store, clock)
    (tmp_path / "k").write_text(theirs.jwks())
    heard = hearing(tmp_path, store, devices, live, clock)
    made = Site(store, vault, clock, devices, live, heard, theirs, settings)
    await made.put(ANNA, BEN)
    yield made
    await store.close()
