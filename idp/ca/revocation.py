"""Which device certificates count no more: kept in the registry's own transactions, told as a revocation list.

A lost, revoked or expired device's certificates are on the list, a removed device's and a withdrawn key's too, until
they would have expired. The guard asks the registry, never this list: it is for others who verify our certificates.
"""

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from idp.ca.keys import CLOCK_SLACK, Signer, moment
from kernel.paging import every
from kernel.ports import Reader, Writer
from kernel.records.devices import DeviceKey, Proof, RevokedCertificate, Trust

LIST_SECONDS: Final = 86400.0
"""How long a list counts; a new one is made for everybody who asks."""
_SWEPT_AT_ONCE: Final = 50

REASONS: Final = {
    Trust.LOST: x509.ReasonFlags.certificate_hold,
    Trust.REVOKED: x509.ReasonFlags.cessation_of_operation,
    Trust.EXPIRED: x509.ReasonFlags.cessation_of_operation,
}
"""RFC 5280 section 5.3.1. A lost device may be found again; only a hold can be taken back."""


def withdraw(tx: Writer, device_id: str, reason: x509.ReasonFlags, now: float) -> None:
    """Put every certificate of a device that has not expired on the list."""
    for key in every(tx, DeviceKey, device_id=device_id):
        withdraw_key(tx, key, reason, now)
    for old in tx.below(RevokedCertificate, "not_after", now, limit=_SWEPT_AT_ONCE):
        tx.take(RevokedCertificate, old.id)


def withdraw_key(tx: Writer, key: DeviceKey, reason: x509.ReasonFlags, now: float) -> None:
    """Put one certificate on the list; what is no certificate, or has expired, needs none."""
    if key.proof is Proof.CERTIFICATE and key.not_after > now:
        tx.put(RevokedCertificate(key.id, now, reason.value, key.not_after))


def restore(tx: Writer, device_id: str) -> None:
    """Take the certificates of a device that is trusted again off the list, but for keys that were withdrawn by
    themselves."""
    for key in every(tx, DeviceKey, device_id=device_id):
        if key.proof is Proof.CERTIFICATE and not key.revoked:
            tx.take(RevokedCertificate, key.id)


def revocation_list(tx: Reader, signer: Signer, now: float) -> x509.CertificateRevocationList:
    """Return the list (RFC 5280 section 5) of one issuer's certificates, as of now. Lists are numbered by the moment,
    in milliseconds."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.certificate.subject)
        .last_update(moment(now - CLOCK_SLACK))
        .next_update(moment(now + LIST_SECONDS))
        .add_extension(x509.CRLNumber(int(now * 1000)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
    )
    for each in every(tx, RevokedCertificate):
        issuer, _, number = each.id.partition(":")
        if issuer == signer.kid and each.not_after > now:
            builder = builder.add_revoked_certificate(_entry(each, int(number, 16)))
    return builder.sign(signer.key, hashes.SHA256())


def _entry(revoked: RevokedCertificate, number: int) -> x509.RevokedCertificate:
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(number)
        .revocation_date(moment(revoked.at))
        .add_extension(x509.CRLReason(x509.ReasonFlags(revoked.reason)), critical=False)
        .build()
    )
