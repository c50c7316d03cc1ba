"""Certificate signing requests (PKCS #10, RFC 2986): is the key one that we certify, and does the sender hold it? Pure.

Everything else that a request asks for - names, extensions - is not even read.
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from idp.ca.refusals import refused

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

MOST_OCTETS: Final = 16384
_CURVES: Final = ("secp256r1", "secp384r1")
_RSA_BITS: Final = range(2048, 8193)


def public_key(csr_pem: str) -> PublicKey:
    """Return the public key of a signing request (PEM).

    Raises:
        CertificateRefused: not a request, too long, a key that we do not certify, or not signed by that key.
    """
    if len(csr_pem) > MOST_OCTETS or not csr_pem.isascii():
        raise refused("request-invalid", most=MOST_OCTETS)
    try:
        request = x509.load_pem_x509_csr(csr_pem.encode())
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise refused("request-invalid", most=MOST_OCTETS) from None
    accepted = _accepted(key)
    if not _signed_by_own_key(request):
        raise refused("request-unproven")
    return accepted


def _accepted(key: object) -> PublicKey:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_BITS:
        return key
    raise refused("request-key")


def _signed_by_own_key(request: x509.CertificateSigningRequest) -> bool:
    """Return whether the proof of possession holds (RFC 2986 section 4.2), by a hash that still means something."""
    try:
        algorithm = request.signature_hash_algorithm
        weak = isinstance(algorithm, (hashes.MD5, hashes.SHA1))
        return not weak and request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        return False
