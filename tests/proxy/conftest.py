"""The fixture of the door's tests."""

import pytest

from tests.proxy.house import House


@pytest.fixture
def house() -> House:
    return House()
