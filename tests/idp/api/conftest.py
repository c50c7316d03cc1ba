"""The house behind the API, fresh for each test, and a client that speaks to it as the local admin."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from idp.api.app import local_app
from tests.idp.admin.house import House, house


@pytest_asyncio.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture
async def api(home: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=local_app(home.acts))
    async with httpx.AsyncClient(transport=transport, base_url="http://local/api/v1") as client:
        yield client
