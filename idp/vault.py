"""The site's one root secret and what is made from it: sealing, keyed digests, derived keys.

Owns the key file. Refuses a key of the wrong size, a key file that others can read, and any text that was not
sealed here, for exactly this context, and left untouched. The key shows in no repr, error or log.
"""

import base64
import binascii
import hmac
import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.chance import Chance, SystemChance
from kernel.problems import Conflict, Missing, Refused

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_VERSION: Final = "v1."
_MOST_FILE_BYTES: Final = 256
_TOO_OPEN: Final = stat.S_IWGRP | stat.S_IRWXO


class Tampered(Refused):
    """A sealed text does not open: other key, other context, or changed."""


class Vault:
    """Seals texts (AES-256-GCM, NIST SP 800-38D) and digests secrets (HMAC-SHA-256, RFC 2104) under one root key."""

    __slots__ = ("_chance", "_digest_key", "_root", "_seal")

    def __init__(self, key: bytes, chance: Chance | None = None) -> None:
        """Take the 32 byte root key.

        Raises:
            Refused: the key has another length.
        """
        if len(key) != KEY_BYTES:
            raise Refused(f"a vault key has {KEY_BYTES} bytes, not {len(key)}")
        self._root = key
        self._chance = chance or SystemChance()
        self._seal = AESGCM(self.derive("seal"))
        self._digest_key = self.derive("digest")

    def __repr__(self) -> str:
        return "Vault()"

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key file.

        Raises:
            Missing: no such file.
            Refused: not a key, or readable by others (mode bits o+rwx, g+w).
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(_MOST_FILE_BYTES)
        except FileNotFoundError:
            raise Missing(f"there is no vault key at {path}: run `gatepost init`, or restore a backup") from None
        if mode & _TOO_OPEN:
            raise Refused(f"others can reach the vault key {path}: run `chmod 600 {path}`")
        return cls(_key_of(text, path))

    @classmethod
    def create(cls, path: Path, chance: Chance | None = None) -> Self:
        """Draw a new key and write it durably, mode 0600. Never replaces a file.

        Raises:
            Conflict: a file is there already.
        """
        key = (chance or SystemChance()).octets(KEY_BYTES)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Conflict(f"a vault key exists already: {path}") from None
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _sync_directory(path.parent)
        return cls(key)

    def seal(self, text: str, context: str) -> str:
        """Return ``text`` encrypted so that only ``open`` with the same ``context`` gives it back (ASCII text)."""
        nonce = self._chance.octets(NONCE_BYTES)
        sealed = self._seal.encrypt(nonce, text.encode(), context.encode())
        return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, context: str) -> str:
        """Return the text that was sealed for this ``context``.

        Raises:
            Tampered: other key, other context, or changed in any bit.
        """
        if not sealed.startswith(_VERSION):
            raise Tampered("this was not sealed by a vault")
        try:
            raw = base64.b64decode(sealed[len(_VERSION) :], altchars=b"-_", validate=True)
            return self._seal.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Tampered("a sealed text does not open with this key and context") from None

    def digest(self, purpose: str, secret: str) -> str:
        """Return the keyed hash (64 hex digits) under which a high-entropy ``secret`` is stored and found again.

        ``purpose`` keeps the digests of different uses apart; it holds no NUL. Costs about two microseconds.
        """
        message = purpose.encode() + b"\0" + secret.encode("utf-8", "surrogatepass")
        return hmac.digest(self._digest_key, message, "sha256").hex()

    def derive(self, purpose: str) -> bytes:
        """Return the 32 byte key for ``purpose``: one block of HKDF-Expand (RFC 5869, section 2.3)."""
        return hmac.new(self._root, b"gatepost:" + purpose.encode() + b"\x01", sha256).digest()


def _key_of(text: bytes, path: Path) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise Refused(f"{path} does not hold a vault key ({KEY_BYTES} bytes in base64)")
    return key


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
