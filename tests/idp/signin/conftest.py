import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.idp.signin.stand import OPEN_POLICY, Stand, settings_at

MEMORY = Path("/dev/shm")
"""Where files need no waiting for a disk; these tests are not about durability."""


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        built = Stand.build(settings_at(Path(folder)))
        await built.publish(OPEN_POLICY)
        await built.person()
        yield built
        await built.close()
