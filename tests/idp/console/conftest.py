"""The console with an admin at the browser, fresh for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.idp.console.place import Place, place


@pytest_asyncio.fixture
async def console(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path) as opened:
        await opened.home.admin()
        await opened.arrive()
        yield opened
