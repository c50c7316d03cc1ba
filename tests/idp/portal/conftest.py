from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.idp.signin.stand import OPEN_POLICY, Stand, settings_at


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    built = Stand.build(settings_at(tmp_path))
    await built.publish(OPEN_POLICY)
    await built.person()
    yield built
    await built.close()
