"""Which device a client certificate belongs to: issuer and serial lead to the registry, and only the registry answers.

Names inside a certificate mean nothing here. What was presented must be, byte for byte, the certificate that the
registry holds: another authority of the same name, or a serial number of ours on a foreign certificate, finds nothing.
"""

import hmac
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from kernel.ports import Reader
from kernel.reasons import Reason
from kernel.records.devices import Device, DeviceKey, Proof

MOST_OCTETS: Final = 16384


class Refusal(NamedTuple):
    """Why a certificate proves nothing: what may be told, and what is for the log."""

    reason: Reason
    why: str


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
    found = _look(tx, der, now)
    return found.reason if isinstance(found, Refusal) else found


def why_not(tx: Reader, der: bytes, now: float) -> str:
    """Return what is wrong with a client certificate, for the log alone; empty where nothing is."""
    found = _look(tx, der, now)
    return found.why if isinstance(found, Refusal) else ""


def _look(tx: Reader, der: bytes, now: float) -> tuple[Device, DeviceKey] | Refusal:
    found = _registered(tx, der)
    if isinstance(found, Refusal):
        return found
    key, certificate = found
    if key.revoked:
        return Refusal(Reason.CREDENTIAL_REVOKED, "revoked")
    if certificate.not_valid_after_utc.timestamp() <= now:
        return Refusal(Reason.CREDENTIAL_REVOKED, "expired")
    if certificate.not_valid_before_utc.timestamp() > now:
        return Refusal(Reason.CREDENTIALS, "not valid yet")
    if not _for_clients(certificate):
        return Refusal(Reason.CREDENTIALS, "not for client authentication")
    device = tx.get(Device, key.device_id)
    return (device, key) if device is not None else Refusal(Reason.CREDENTIAL_REVOKED, "its device is gone")


def _registered(tx: Reader, der: bytes) -> tuple[DeviceKey, x509.Certificate] | Refusal:
    if len(der) > MOST_OCTETS:
        return _no("too long")
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = tx.get(DeviceKey, key_id(certificate))
    except (ValueError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension):
        return _no("malformed")
    if key is None or key.proof is not Proof.CERTIFICATE:
        return _no("no authority of ours issued it to a device")
    ours = x509.load_pem_x509_certificate(key.public.encode()).public_bytes(serialization.Encoding.DER)
    return (key, certificate) if hmac.compare_digest(ours, der) else _no("not the one that was issued by that number")


def _no(why: str) -> Refusal:
    return Refusal(Reason.CREDENTIALS, why)


def _for_clients(certificate: x509.Certificate) -> bool:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usages
