"""The identity side on a real store, with Anna's mail program that asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.idp.authority.site import House, house


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        yield made
