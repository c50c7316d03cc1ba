"""Answers about one certificate (OCSP, RFC 6960): good, revoked, or unknown; signed by its issuer's own key.

The nonce (RFC 9654) comes back, so that an answer cannot be played again to whoever asked with one. Knows only what
the registry holds: a certificate that we never issued is unknown, whatever its number.
"""

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from idp.ca.keys import CLOCK_SLACK, Signer, moment
from kernel.ports import Reader
from kernel.records.devices import DeviceKey, RevokedCertificate

MOST_OCTETS: Final = 4096
MOST_NONCE: Final = 128
ANSWER_SECONDS: Final = 3600.0
_HASHES: Final = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}
"""How a request may name the issuer: RFC 6960 clients still say SHA-1; it names here, and proves nothing."""


def respond(tx: Reader, signers: tuple[Signer, ...], request: bytes, now: float) -> bytes:
    """Return the response (DER) to a request (DER): for a certificate of one of ``signers``; never raises for what a
    stranger sent."""
    try:
        asked = ocsp.load_der_ocsp_request(request) if len(request) <= MOST_OCTETS else None
        signer = _issuer(asked, signers) if asked is not None else None
    except ValueError:
        asked = signer = None
    if asked is None:
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if signer is None:
        return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    return _signed(tx, signer, asked, now)


def _issuer(asked: ocsp.OCSPRequest, signers: tuple[Signer, ...]) -> Signer | None:
    algorithm = _HASHES.get(asked.hash_algorithm.name)
    for signer in signers if algorithm else ():
        digest = hashes.Hash(asked.hash_algorithm)
        digest.update(_key_octets(signer.certificate))
        if digest.finalize() == asked.issuer_key_hash:
            return signer
    return None


def _key_octets(certificate: x509.Certificate) -> bytes:
    """Return what the issuer's key hash is taken over: the bit string of the key, without its tag (RFC 6960 4.1.1)."""
    return certificate.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _signed(tx: Reader, signer: Signer, asked: ocsp.OCSPRequest, now: float) -> bytes:
    name = f"{signer.kid}:{asked.serial_number:x}"
    revoked = tx.get(RevokedCertificate, name)
    known = revoked is not None or tx.get(DeviceKey, name) is not None
    status = ocsp.OCSPCertStatus.GOOD if known else ocsp.OCSPCertStatus.UNKNOWN
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
        algorithm=asked.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else status,
        this_update=moment(now - CLOCK_SLACK),
        next_update=moment(now + ANSWER_SECONDS),
        revocation_time=moment(revoked.at) if revoked else None,
        revocation_reason=x509.ReasonFlags(revoked.reason) if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    nonce = _nonce(asked)
    if nonce is not None:
        builder = builder.add_extension(nonce, critical=False)
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _nonce(asked: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        found = asked.extensions.get_extension_for_class(x509.OCSPNonce).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    return found if 0 < len(found.nonce) <= MOST_NONCE else None


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)
