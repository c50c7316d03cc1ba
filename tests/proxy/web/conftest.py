"""The web door of the tests: set up, and taken down whatever happens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.proxy.web.site import WebSite


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[WebSite]:
    """A door that is open."""
    place = WebSite(tmp_path)
    await place.start()
    yield place
    await place.stop()


@pytest.fixture
async def closed_site(tmp_path: Path) -> AsyncIterator[WebSite]:
    """A door that the test sets up and starts itself."""
    place = WebSite(tmp_path)
    yield place
    await place.stop()
