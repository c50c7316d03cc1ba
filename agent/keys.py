"""The device's key: where it lives, and the two things that it does - ask for a certificate, sign a report.

Two keepers: a file that only this user may read, and the TPM (``agent.tpm``), from which a key cannot be copied.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

HALF = 32
"""Octets of each half of an ES256 signature (RFC 7518 section 3.4)."""


class KeyTrouble(Exception):
    """The key cannot be made or used; the words say what would help."""


class Keeper(Protocol):
    """Keeps one P-256 key."""

    def make(self) -> None:
        """Make a new key in place of the present one."""
        ...

    def request(self) -> str:
        """Return a signing request (PKCS #10, PEM) by the key; what it asks for beyond that is empty."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Return an ECDSA signature (DER) over the SHA-256 of ``content``."""
        ...


class FileKeeper:
    """Keeps the key in a file, mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        private = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        self._path.chmod(0o600)
        self._path.write_bytes(private)

    def request(self) -> str:
        made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(self._key(), hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, content: bytes) -> bytes:
        return self._key().sign(content, ec.ECDSA(hashes.SHA256()))

    def _key(self) -> ec.EllipticCurvePrivateKey:
        try:
            key = serialization.load_pem_private_key(self._path.read_bytes(), None)
        except (OSError, ValueError, TypeError) as fault:
            raise KeyTrouble(f"{self._path} holds no usable key ({fault}); enrol again") from fault
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeyTrouble(f"{self._path} holds a key of another kind; enrol again")
        return key


def signed(keeper: Keeper, header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """Return a compact JWS (RFC 7515 section 7.1) by the key; ``header`` says ES256."""
    text = f"{_segment(header)}.{_segment(payload)}"
    first, second = decode_dss_signature(keeper.sign(text.encode()))
    return f"{text}.{_octets(first.to_bytes(HALF, 'big') + second.to_bytes(HALF, 'big'))}"


def key_name(chain: str) -> str:
    """Return how the server names the key of a certificate chain (PEM): ``issuer-id:serial``, in hexadecimal."""
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    issuer = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    if issuer is None:
        raise KeyTrouble("the certificate does not name its issuer's key; enrol again")
    return f"{issuer.hex()}:{leaf.serial_number:x}"


def expiry(chain: str) -> tuple[float, float]:
    """Return from when to when a certificate counts, in seconds since 1970."""
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    return leaf.not_valid_before_utc.timestamp(), leaf.not_valid_after_utc.timestamp()


def _segment(content: Mapping[str, Any]) -> str:
    return _octets(json.dumps(content, separators=(",", ":")).encode())


def _octets(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
