"""The house, fresh for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.idp.admin.house import House, house


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened
