"""The identity side's device desk, which issues what an agent holds."""

from tests.idp.devices.conftest import site

__all__ = ["site"]
