"""SCRAM-SHA-256's arithmetic (RFC 5802, section 3; RFC 7677): what is kept of a secret, and whether a proof fits. Pure.

Salt and iterations are the site's, one for all: they slow the guessing of secrets that people choose, and ours are
random. So everybody who asks is told the same, and a user who does not exist cannot be told from one who does.
"""

import hashlib
import hmac
from typing import Final

ITERATIONS: Final = 4096
"""The fewest that RFC 7677 allows, and clients therefore accept."""

SALT_OCTETS: Final = 16
OCTETS: Final = 32
VERIFIER_OCTETS: Final = 2 * OCTETS


def verifier(secret: str, salt: bytes, iterations: int = ITERATIONS) -> bytes:
    """Return StoredKey and ServerKey (32 octets each) of a secret of ASCII letters, which SASLprep leaves alone."""
    salted = hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(client_key).digest() + hmac.digest(salted, b"Server Key", "sha256")


def signature(kept: bytes, proof: bytes, said: bytes) -> bytes | None:
    """Return the server's signature, if ``proof`` (ClientProof) shows the secret behind ``kept`` for what was ``said``
    (AuthMessage); else None. Constant-time."""
    stored, server = kept[:OCTETS], kept[OCTETS:VERIFIER_OCTETS]
    mask = hmac.digest(stored, said, "sha256")
    client_key = bytes(one ^ other for one, other in zip(proof.ljust(OCTETS, b"\0")[:OCTETS], mask, strict=True))
    fits = hmac.compare_digest(hashlib.sha256(client_key).digest(), stored)
    return hmac.digest(server, said, "sha256") if fits and len(proof) == OCTETS else None
