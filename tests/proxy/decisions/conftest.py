"""The decision point of the tests: set up, and taken down whatever happens."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.proxy.decisions.site import DecisionSite


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[DecisionSite]:
    """A decision point that is open."""
    place = DecisionSite(tmp_path)
    await place.start()
    yield place
    await place.stop()
