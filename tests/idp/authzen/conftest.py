"""A decision point for each test, and keys that are made once: an RSA key takes long."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.idp.authzen.point import Point, point


@pytest_asyncio.fixture
async def zen(tmp_path: Path) -> AsyncIterator[Point]:
    async with point(tmp_path) as opened:
        yield opened
