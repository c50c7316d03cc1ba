"""One house per test; the signing keys are made, and checked by the library, once for all of them."""

import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from idp.oidc import keys
from kernel.records.oidc import SigningKey
from tests.idp.oidc.house import House, build

KEYS: list[SigningKey] = []
OPENED = functools.cache(keys._private_key)
"""Loading an RSA key checks its primes for 70 ms."""


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(keys, "_private_key", OPENED)
    made = await build(tmp_path, KEYS)
    if not KEYS:
        KEYS.extend(
            await made.store.read(lambda tx: [key for use in keys.USES for key in tx.find(SigningKey, use=use)])
        )
    yield made
    await made.browser.aclose()
    await made.store.close()
