"""A certificate for machines that make no signing request of their own: PKCS #12 files, and Apple's profiles.

Here alone a device's private key is made by us. It leaves in the answer, under the passphrase that its owner chose, and
is kept nowhere.
"""

import plistlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from idp.ca.refusals import refused

LEAST_PASSPHRASE: Final = 8
_ITERATIONS: Final = 100_000
_SPACE: Final = uuid.UUID("5b0f2c1e-9a6f-4a55-8f0e-6d1b6f6f6b01")


@dataclass(frozen=True, slots=True)
class MailAccount:
    """What a phone needs in order to read and send mail: servers as (host, port), both by TLS from the first byte."""

    name: str
    address: str
    imap: tuple[str, int]
    submission: tuple[str, int]


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a key (P-256) for one device."""
    return ec.generate_private_key(ec.SECP256R1())


def signing_request(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a signing request (PEM) by a key."""
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def demand_passphrase(passphrase: str) -> None:
    """Raise CertificateRefused for a passphrase under eight characters."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise refused("passphrase-short", least=LEAST_PASSPHRASE)


def pkcs12_file(key: ec.EllipticCurvePrivateKey, chain: str, name: str, passphrase: str) -> bytes:
    """Return a PKCS #12 file (RFC 7292): key, certificate and issuer of ``chain`` (PEM), encrypted by AES-256.

    Raises:
        CertificateRefused: a passphrase under eight characters.
    """
    demand_passphrase(passphrase)
    leaf, *issuers = x509.load_pem_x509_certificates(chain.encode())
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ITERATIONS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.encode())
    )
    return pkcs12.serialize_key_and_certificates(name.encode(), key, leaf, issuers, encryption)


def profile(
    site: str, device_id: str, name: str, identity: bytes, root: x509.Certificate, account: MailAccount | None
) -> bytes:
    """Return an Apple configuration profile (property list): the root, the identity (``identity``: PKCS #12, its
    passphrase is asked for when it is installed) and, where there is mail, the account. The app password is asked for
    too: a profile holds no secret in the clear."""
    payloads = [
        _payload("com.apple.security.root", device_id, f"{site} CA", PayloadContent=_der(root)),
        _payload("com.apple.security.pkcs12", device_id, name, PayloadContent=identity),
    ]
    if account is not None:
        payloads.append(_mail(device_id, site, account))
    return plistlib.dumps(
        _payload("Configuration", device_id, f"{site}: {name}", PayloadContent=payloads, PayloadRemovalDisallowed=False)
    )


def signed(content: bytes, chain: str, key: str) -> bytes:
    """Return ``content`` inside a CMS signature (DER, RFC 5652) by the key (PEM) of ``chain``'s first certificate, so
    that a phone shows who made the profile."""
    leaf, *issuers = x509.load_pem_x509_certificates(chain.encode())
    private = serialization.load_pem_private_key(key.encode(), None)
    if not isinstance(private, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
        raise TypeError("a profile is signed by an elliptic curve or RSA key")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(leaf, private, hashes.SHA256())
    for each in issuers:
        builder = builder.add_certificate(each)
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _mail(device_id: str, site: str, account: MailAccount) -> Mapping[str, Any]:
    """Return the mail payload; Apple's keys know passwords alone, so the app password is what proves the device."""
    (imap, imap_port), (smtp, smtp_port) = account.imap, account.submission
    return _payload(
        "com.apple.mail.managed",
        device_id,
        site,
        EmailAccountDescription=site,
        EmailAccountName=account.name,
        EmailAccountType="EmailTypeIMAP",
        EmailAddress=account.address,
        IncomingMailServerAuthentication="EmailAuthPassword",
        IncomingMailServerHostName=imap,
        IncomingMailServerPortNumber=imap_port,
        IncomingMailServerUseSSL=True,
        IncomingMailServerUsername=account.address,
        OutgoingMailServerAuthentication="EmailAuthPassword",
        OutgoingMailServerHostName=smtp,
        OutgoingMailServerPortNumber=smtp_port,
        OutgoingMailServerUseSSL=True,
        OutgoingMailServerUsername=account.address,
        OutgoingPasswordSameAsIncomingPassword=True,
    )


def _payload(kind: str, device_id: str, shown: str, **content: object) -> Mapping[str, Any]:
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"gatepost.{device_id}.{kind}",
        "PayloadUUID": str(uuid.uuid5(_SPACE, f"{device_id} {kind}")).upper(),
        "PayloadDisplayName": shown,
        **content,
    }


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
