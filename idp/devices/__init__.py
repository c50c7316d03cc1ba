"""Devices: the registry, browsers' keys and proofs, the certificate authority.

Owns which device a key or a certificate belongs to. Knows neither pages nor protocols, and leaves it to the policy
what a device of some trust may do.
"""

from idp.devices.ca import CertificateAuthority
from idp.devices.devices import Devices
from idp.devices.refusals import DeviceRefused, KeyTaken, NoSuchDevice

__all__ = ["CertificateAuthority", "DeviceRefused", "Devices", "KeyTaken", "NoSuchDevice"]
