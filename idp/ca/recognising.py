"""Which device a client certificate belongs to: issuer and serial lead to the registry, and only the registry answers.

Names inside a certificate mean nothing here. What was presented must be, byte for byte, the certificate that the
registry holds: another authority of the same name, or a serial number of ours on a foreign certificate, finds nothing.
"""

import hmac
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from kernel.ports import Reader
from kernel.reasons import Reason
from kernel.records.devices import Device, DeviceKey, Proof

MOST_OCTETS: Final = 16384


def key_id(certificate: x509.Certificate) -> str:
    """Return the registry's key for a certificate: ``issuer-id:serial-hex``, both lower-case hex.

    Raises:
        ValueError: it names no issuing key, or is not well formed.
    """
    try:
        issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        issuer = None
    if not issuer:
        raise ValueError("the certificate names no issuing key")
    return f"{issuer.hex()}:{certificate.serial_number:x}"


def by_certificate(tx: Reader, der: bytes, now: float) -> tuple[Device, DeviceKey] | Reason:
    """Return the device and the registered key of a client certificate (DER, one certificate and nothing behind it), or
    why it is refused. The device's trust is for the policy to judge."""
    found = _registered(tx, der)
    if found is None:
        return Reason.CREDENTIALS
    key, certificate = found
    if key.revoked or certificate.not_valid_after_utc.timestamp() <= now:
        return Reason.CREDENTIAL_REVOKED
    if certificate.not_valid_before_utc.timestamp() > now or not _for_clients(certificate):
        return Reason.CREDENTIALS
    device = tx.get(Device, key.device_id)
    return (device, key) if device is not None else Reason.CREDENTIAL_REVOKED


def _registered(tx: Reader, der: bytes) -> tuple[DeviceKey, x509.Certificate] | None:
    if len(der) > MOST_OCTETS:
        return None
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = tx.get(DeviceKey, key_id(certificate))
    except (ValueError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension):
        return None
    if key is None or key.proof is not Proof.CERTIFICATE:
        return None
    ours = x509.load_pem_x509_certificate(key.public.encode()).public_bytes(serialization.Encoding.DER)
    return (key, certificate) if hmac.compare_digest(ours, der) else None


def _for_clients(certificate: x509.Certificate) -> bool:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usages
