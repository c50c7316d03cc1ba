"""The certificate authority: device certificates for signing requests, server certificates for this machine's own TLS.

Owns what stands in a certificate. Takes nothing from a request but its public key: names, usages and constraints are
ours.
"""

import contextlib
import os
import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from idp.ca.keys import CLOCK_SLACK, Signer, Signers, moment, serial
from idp.ca.refusals import refused
from idp.ca.requests import PublicKey
from idp.ca.revocation import revocation_list
from idp.ca.status import respond
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.ports import Reader
from kernel.records.devices import Device

URI_PREFIX: Final = "gatepost:device:"
SERVER_DAYS: Final = 90.0
_DAY: Final = 86400.0
_HOST: Final = re.compile(r"(?=.{1,253}$)(?:\*\.)?(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


class CertificateAuthority:
    """Issues certificates with the keys of ``keys``."""

    def __init__(self, signers: Signers, clock: Clock, chance: Chance, issuer: str) -> None:
        """``issuer``: the identity pages' origin, where revocation is told (``idp.ca.pages``)."""
        self._signers, self._clock, self._chance, self._issuer = signers, clock, chance, issuer.rstrip("/")

    def root_pem(self) -> str:
        """Return the root certificate (PEM): what a client trusts in order to reach servers of ``issue_server``."""
        return pem(self._signers.root)

    def trust_pem(self) -> str:
        """Return what TLS listeners verify device certificates against (PEM): the root and the devices' issuers."""
        return self.root_pem() + "".join(pem(each.certificate) for each in self._signers.device_issuers)

    def write(self, path: Path) -> None:
        """Write ``trust_pem`` to a file, mode 0644, in one step: a reader sees the old file or the new."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("w", encoding="ascii") as file:
                file.write(self.trust_pem())
                file.flush()
                os.fsync(file.fileno())
            beside.chmod(0o644)
            beside.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                beside.unlink()

    def issue_device(self, device: Device, key: PublicKey, days: float) -> x509.Certificate:
        """Return a client certificate for a device. It says who it is in a URI (``gatepost:device:<id>``); the common
        name is the device's own, for the eyes of whoever picks a certificate from a list."""
        san = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(URI_PREFIX + device.id)])
        common_name = device.name[:64] or device.id
        signer = self._signers.devices
        told = (_list_at(self._issuer, signer), _answers_at(self._issuer, signer))
        return self._issue(signer, key, common_name, san, ExtendedKeyUsageOID.CLIENT_AUTH, days, told)

    def device_chain(self, certificate: x509.Certificate) -> str:
        """Return a device certificate and its issuer (PEM), as a client presents it."""
        return pem(certificate) + pem(self._signers.devices.certificate)

    def authorities(self) -> tuple[x509.Certificate, ...]:
        """Return the root and every authority that certifies devices, as EST's cacerts gives them."""
        return (self._signers.root, *(each.certificate for each in self._signers.device_issuers))

    def revocation_list(self, tx: Reader, kid: str) -> bytes | None:
        """Return the revocation list (DER) of one issuer of device certificates, None when there is none of that
        identifier."""
        for signer in self._signers.device_issuers:
            if signer.kid == kid:
                made = revocation_list(tx, signer, self._clock.now())
                return made.public_bytes(serialization.Encoding.DER)
        return None

    def respond(self, tx: Reader, request: bytes) -> bytes:
        """Return the answer (DER) to an OCSP request (DER); see ``idp.ca.status``."""
        return respond(tx, self._signers.device_issuers, request, self._clock.now())

    def issue_server(self, names: Sequence[str], days: float = SERVER_DAYS) -> tuple[str, str]:
        """Return a certificate chain and a new private key (both PEM) for host names and addresses.

        Raises:
            CertificateRefused: no name, or one that is neither a host name nor an IP address.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        san = x509.SubjectAlternativeName([_general_name(name) for name in names])
        if not names:
            raise refused("names-invalid", name="")
        signer = self._signers.servers
        leaf = self._issue(signer, key.public_key(), names[0][:64], san, ExtendedKeyUsageOID.SERVER_AUTH, days)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pem(leaf) + pem(signer.certificate), private.decode()

    def _issue(
        self,
        signer: Signer,
        key: PublicKey,
        common_name: str,
        san: x509.SubjectAlternativeName,
        usage: ObjectIdentifier,
        days: float,
        told: Sequence[x509.ExtensionType] = (),
    ) -> x509.Certificate:
        """Return an end certificate (RFC 5280 section 4.2); it never outlives its issuer."""
        now = self._clock.now()
        ends = min(moment(now + days * _DAY), signer.certificate.not_valid_after_utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
            .issuer_name(signer.certificate.subject)
            .public_key(key)
            .serial_number(serial(self._chance))
            .not_valid_before(moment(now - CLOCK_SLACK))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_END_USAGE, critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(san, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False)
        )
        for extension in told:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(signer.key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _list_at(issuer: str, signer: Signer) -> x509.CRLDistributionPoints:
    """Say where the revocation list is (RFC 5280 section 4.2.1.13)."""
    place = x509.UniformResourceIdentifier(f"{issuer}/ca/{signer.kid}.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])


def _answers_at(issuer: str, signer: Signer) -> x509.AuthorityInformationAccess:
    """Say where one certificate can be asked about, and where its issuer's certificate is (section 4.2.2.1)."""
    ocsp, issuers = AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS
    places = ((ocsp, f"{issuer}/ca/ocsp"), (issuers, f"{issuer}/ca/{signer.kid}.cer"))
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(kind, x509.UniformResourceIdentifier(place)) for kind, place in places]
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        if not _HOST.fullmatch(name):
            raise refused("names-invalid", name=name[:80]) from None
        return x509.DNSName(name)


_END_USAGE: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
