"""A site with two people and a certificate authority, a browser that signs, and certificates that others made."""

import base64
import datetime
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import ECKey

from idp.devices import Devices
from idp.vault import Vault
from kernel.audit import Entry
from kernel.clock import SetClock
from kernel.config.settings import Settings
from kernel.records.changes import Change
from kernel.records.people import User
from kernel.records.sessions import SignIn
from store.sqlite.store import SqliteStore

ORIGIN = "https://id.example.com:8443"
ANNA = User("u_anna", "anna", "anna@example.com")
BEN = User("u_ben", "ben", "ben@example.com")


@dataclass
class Browser:
    """Holds a key, as WebCrypto would, and answers challenges."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def jwk(self) -> str:
        return json.dumps(self.key.as_dict(private=False))

    def answer(self, challenge: str, /, **changes: Any) -> str:
        """Sign an answer; ``changes`` replace header or payload fields, None leaves one out."""
        header = {"alg": "ES256", "typ": "gatepost-proof+jwt", "kid": self.key.thumbprint()}
        payload = {"challenge": challenge, "origin": ORIGIN, "purpose": "sign-in", "iat": 1_800_000_000}
        header |= {name: value for name, value in changes.items() if name in ("alg", "typ", "kid")}
        payload |= {name: value for name, value in changes.items() if name not in ("alg", "typ", "kid")}
        kept = {name: value for name, value in payload.items() if value is not None}
        return jws.serialize_compact(header, json.dumps(kept), self.key, algorithms=[header["alg"]])


@dataclass
class Site:
    """What a test works with."""

    store: SqliteStore
    vault: Vault
    clock: SetClock
    devices: Devices
    settings: Settings

    async def get(self, kind: type[Any], key: str) -> Any:
        return await self.store.read(lambda tx: tx.get(kind, key))

    async def put(self, record: object) -> None:
        await self.store.write(lambda tx: tx.put(record))

    async def sign_in(self, user: User, signin_id: str, device_id: str = "") -> SignIn:
        now = self.clock.now()
        made = SignIn(signin_id, f"digest-{signin_id}", user.id, now, now + 3600, device_id=device_id)
        await self.put(made)
        return made

    async def since(self, work: Callable[[], Any]) -> tuple[Any, list[Entry], list[Change]]:
        """Return what an act returned, with the audit entries and change rows that it left."""
        (number, _), change = await self.store.read(lambda tx: (tx.audit_head(), tx.last_change()))
        result = await work()
        entries, changes = await self.store.read(lambda tx: (tx.audit(number), tx.changes(change)))
        return result, list(entries), list(changes)


def request(key: Any = None, name: str = "whatever", algorithm: Any = None, **extensions: Any) -> str:
    """Return a signing request (PEM) by ``key``, P-256 when None."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    )
    for extension in extensions.values():
        builder = builder.add_extension(extension, critical=True)
    signed = builder.sign(key, algorithm)
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def leaf_of(pem: str) -> x509.Certificate:
    """Return the first certificate of a chain."""
    return x509.load_pem_x509_certificates(pem.encode())[0]


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def forge(
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    authority_key_id: bytes,
    serial: int,
    common_name: str = "anna",
    at: float = 1_800_000_000,
    extensions: Sequence[x509.ExtensionType] = (),
) -> x509.Certificate:
    """Return a certificate as somebody else would make it, with any issuer's name and key identifier on it."""
    start = datetime.datetime.fromtimestamp(at, datetime.UTC) - datetime.timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(ec.generate_private_key(ec.SECP256R1()).public_key())
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=30))
        .add_extension(x509.AuthorityKeyIdentifier(authority_key_id, None, None), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer, hashes.SHA256())


def segment(fields: object) -> str:
    """Return a JWS segment by hand."""
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()
