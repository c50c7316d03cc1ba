"""Devices: the registry, browsers' keys and proofs, their certificates.

Owns which device a key or a certificate belongs to. Knows neither pages nor protocols, and leaves it to the policy
what a device of some trust may do.
"""

from idp.devices.devices import Devices
from idp.devices.refusals import DeviceRefused, KeyTaken, NoSuchDevice

__all__ = ["DeviceRefused", "Devices", "KeyTaken", "NoSuchDevice"]
