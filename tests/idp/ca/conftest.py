"""The device desk's own site: certificates are issued there."""

from tests.idp.devices.conftest import site

__all__ = ["site"]
