"""Changing the authority's keys: a new key for devices under the same root, and a root key that leaves this machine.

Owns the file that carries the root's key away and back: PKCS #8, encrypted by a passphrase, with the root's
certificate behind it. Refuses a root that is not ours.
"""

from dataclasses import replace
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from idp.ca.keys import DEVICES, ROOT, Signer, Signers, issuing, key_identifier, row, stored
from idp.ca.refusals import refused
from idp.vault import Vault
from kernel.audit import AuthorityChanged
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.ports import Store, Writer
from kernel.records.oidc import SigningKey

LEAST_PASSPHRASE: Final = 12
MOST_OCTETS: Final = 16384


class Rotation:
    """The acts on the authority's own keys; only for whoever sits at this machine."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance, site: str) -> None:
        self._store, self._vault, self._clock, self._chance, self._site = store, vault, clock, chance, site

    async def rotate(self, actor: str, carried: bytes = b"", passphrase: str = "") -> Signer:
        """Make a new key for device certificates and return it. Certificates of earlier keys count until they expire.

        ``carried`` is the file of ``export_root``, needed when the root's key is not here.

        Raises:
            CertificateRefused: the root's key is away, or the file is not its.
        """
        present = await self._present()
        key = _carried(carried, passphrase, present) if carried else present.root_key
        if key is None:
            raise refused("root-away")
        now = self._clock.now()
        root = Signer(key_identifier(present.root).digest.hex(), present.root, key)
        made = issuing(f"{self._site} device CA", root, now, self._chance, ExtendedKeyUsageOID.CLIENT_AUTH)

        def work(tx: Writer) -> Signer:
            for old in tx.find(SigningKey, use=DEVICES):
                if not old.retired_at:
                    tx.put(replace(old, retired_at=now))
            tx.insert(row(DEVICES, made, self._vault, now))
            tx.log(AuthorityChanged(at=now, actor=actor, act="devices-rotated", authority=made.kid))
            return made

        return await self._store.write(work)

    async def export_root(self, passphrase: str) -> bytes:
        """Return the file that carries the root's key (PEM), encrypted; ``forget_root`` then removes it here.

        Raises:
            CertificateRefused: a passphrase under twelve characters, or the key is away already.
        """
        if len(passphrase) < LEAST_PASSPHRASE:
            raise refused("passphrase-short", least=LEAST_PASSPHRASE)
        present = await self._present()
        if present.root_key is None:
            raise refused("root-away")
        private = present.root_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )
        return private + present.root.public_bytes(serialization.Encoding.PEM)

    async def forget_root(self, actor: str) -> None:
        """Keep the root's certificate, and its key no more. Call it when the exported file is safe."""
        now = self._clock.now()

        def work(tx: Writer) -> None:
            for root in tx.find(SigningKey, use=ROOT):
                tx.put(replace(root, sealed=""))
                tx.log(AuthorityChanged(at=now, actor=actor, act="root-taken-away", authority=root.kid))

        await self._store.write(work)

    async def _present(self) -> Signers:
        now = self._clock.now()
        found = await self._store.read(lambda tx: stored(tx, self._vault, now))
        if found is None:
            raise LookupError("the authority has no keys yet")
        return found


def _carried(content: bytes, passphrase: str, present: Signers) -> ec.EllipticCurvePrivateKey:
    """Return the root's key out of an exported file."""
    try:
        key = serialization.load_pem_private_key(content[:MOST_OCTETS], passphrase.encode() or None)
    except (ValueError, TypeError):
        raise refused("root-wrong") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not _is_of(key, present.root):
        raise refused("root-wrong")
    return key


def _is_of(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bool:
    return key.public_key() == certificate.public_key()
