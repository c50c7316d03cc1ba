"""One house per test; the signing keys are made once for all of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.records.oidc import SigningKey
from tests.idp.oidc.house import House, build

KEYS: list[SigningKey] = []


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await build(tmp_path, KEYS)
    if not KEYS:
        KEYS.extend(
            await made.store.read(
                lambda tx: [k for u in ("oidc", "mint", "identity") for k in tx.find(SigningKey, use=u)]
            )
        )
    yield made
    await made.browser.aclose()
    await made.store.close()
