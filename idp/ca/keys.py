"""The certificate authority's keys: a root, and under it those that certify devices, and one for servers.

Owns how they are made on first use, where they are kept (the private halves sealed) and what each may sign: the
issuing authorities are held to client and to server certificates by their own extended key usage. The devices' key is
rotated (``idp.ca.rotation``); earlier ones are trusted on, and sign revocation lists, until they expire.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from idp.vault import Vault
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.records.oidc import SigningKey

ROOT: Final = "device-root"
DEVICES: Final = "device-ca"
SERVERS: Final = "server-ca"
SERIAL_BITS: Final = 128
CLOCK_SLACK: Final = 300.0
_ROOT_YEARS: Final = 20
_ISSUING_YEARS: Final = 10
_YEAR: Final = 365.25 * 86400


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate authority's certificate and private key; ``kid`` is its subject key identifier in hex."""

    kid: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signers:
    """The authorities. ``root_key`` is None when the root's key was taken off this machine; ``earlier`` certified
    devices before ``devices`` did."""

    root: x509.Certificate
    root_key: ec.EllipticCurvePrivateKey | None = field(repr=False)
    devices: Signer
    servers: Signer
    earlier: tuple[Signer, ...] = ()

    @property
    def device_issuers(self) -> tuple[Signer, ...]:
        """Return every authority whose device certificates may still count, the present one first."""
        return (self.devices, *self.earlier)


async def load(store: Store, vault: Vault, clock: Clock, chance: Chance, site: str) -> Signers:
    """Return the authorities, made in this moment when there are none. Two processes that start at once agree."""
    now = clock.now()
    found = await store.read(lambda tx: stored(tx, vault, now))
    if found is not None:
        return found
    root = _made_root(now, chance, site)
    devices = issuing(f"{site} device CA", root, now, chance, ExtendedKeyUsageOID.CLIENT_AUTH)
    servers = issuing(f"{site} server CA", root, now, chance, ExtendedKeyUsageOID.SERVER_AUTH)

    def work(tx: Writer) -> Signers:
        present = stored(tx, vault, now)
        if present is not None:
            return present
        for use, signer in ((ROOT, root), (DEVICES, devices), (SERVERS, servers)):
            tx.insert(row(use, signer, vault, now))
        return Signers(root.certificate, root.key, devices, servers)

    return await store.write(work)


def serial(chance: Chance) -> int:
    """Return a random positive serial number of 128 bits (RFC 5280 section 4.1.2.2)."""
    return int.from_bytes(chance.octets(SERIAL_BITS // 8)) | 1 << (SERIAL_BITS - 1)


def moment(seconds: float) -> datetime.datetime:
    """Return a time of ours as certificates count it: UTC, whole seconds."""
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC)


def key_identifier(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier:
    """Return the subject key identifier of an authority's certificate."""
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value


def issuing(name: str, root: Signer, now: float, chance: Chance, usage: ObjectIdentifier) -> Signer:
    """Return a new authority under ``root`` for certificates of one purpose."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _signer(_certified(name, key, root, now, chance, _ISSUING_YEARS, 0, (usage,)), key)


def _made_root(now: float, chance: Chance, site: str) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    return _signer(_certified(f"{site} root CA", key, None, now, chance, _ROOT_YEARS, 1, ()), key)


def _signer(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Signer:
    return Signer(key_identifier(certificate).digest.hex(), certificate, key)


def _certified(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: Signer | None,
    now: float,
    chance: Chance,
    years: int,
    depth: int,
    usages: Sequence[ObjectIdentifier],
) -> x509.Certificate:
    """Return an authority's certificate (RFC 5280 section 4.2): by ``issuer``, or its own."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial(chance))
        .not_valid_before(moment(now - CLOCK_SLACK))
        .not_valid_after(moment(now + years * _YEAR))
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(_AUTHORITY_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return builder.sign(signer, hashes.SHA256())


def row(use: str, signer: Signer, vault: Vault, now: float) -> SigningKey:
    """Return how an authority is stored, its private half sealed."""
    private = signer.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = signer.certificate.public_bytes(serialization.Encoding.PEM).decode()
    return SigningKey(signer.kid, "ES256", use, public, vault.seal(private, _context(use)), now)


def stored(tx: Reader, vault: Vault, now: float) -> Signers | None:
    """Return what is stored, None when nothing is yet; authorities that have expired are left out."""
    roots, servers = tx.find(SigningKey, use=ROOT, limit=1), tx.find(SigningKey, use=SERVERS, limit=1)
    rows = sorted(tx.find(SigningKey, use=DEVICES), key=lambda each: (each.retired_at > 0, -each.created_at))
    if not (roots and servers and rows):
        return None
    root = roots[0]
    present, *earlier = (_opened(each, vault) for each in rows)
    return Signers(
        x509.load_pem_x509_certificate(root.public.encode()),
        _opened(root, vault).key if root.sealed else None,
        present,
        _opened(servers[0], vault),
        tuple(each for each in earlier if each.certificate.not_valid_after_utc.timestamp() > now),
    )


def _opened(found: SigningKey, vault: Vault) -> Signer:
    key = serialization.load_pem_private_key(vault.open(found.sealed, _context(found.use)).encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the key of a certificate authority is an elliptic curve key")
    return Signer(found.kid, x509.load_pem_x509_certificate(found.public.encode()), key)


def _context(use: str) -> str:
    return f"signing-key:{use}"


_AUTHORITY_USAGE: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
