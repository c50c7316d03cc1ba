"""SSH user certificates for devices: short-lived, for one person on one device, by an authority key of their own.

Owns what stands in such a certificate (``ssh-keygen -L`` shows it). Grants no forwarding and no command of its own: the
gateway decides by the policy what a session may do.
"""

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from idp.ca.keys import CLOCK_SLACK
from idp.ca.refusals import refused
from idp.vault import Vault
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.records.devices import Device
from kernel.records.oidc import SigningKey
from kernel.records.people import User

USE: Final = "ssh-ca"
MOST_SECONDS: Final = 24 * 3600.0
MOST_OCTETS: Final = 8192
_RSA_BITS: Final = 2048
_SERIAL_OCTETS: Final = 8

PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class SshAuthority:
    """Certifies SSH keys. Its own key is made on first use."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance

    async def public_line(self) -> str:
        """Return the authority's public key, as ``TrustedUserCAKeys`` and ``cert-authority`` lines take it."""
        key = await self._key()
        return (
            key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        )

    async def certify(self, user: User, device: Device, public_line: str, seconds: float) -> str:
        """Return a certificate line for a public key line: principal is the user's name, the identity names the device.

        Raises:
            CertificateRefused: no SSH public key of a kind that we certify.
        """
        public, now = _public_key(public_line), self._clock.now()
        made = (
            serialization.SSHCertificateBuilder()
            .public_key(public)
            .serial(int.from_bytes(self._chance.octets(_SERIAL_OCTETS)))
            .type(serialization.SSHCertificateType.USER)
            .key_id(f"{user.name} {device.id}".encode())
            .valid_principals([user.name.encode()])
            .valid_after(int(now - CLOCK_SLACK))
            .valid_before(int(now + min(seconds, MOST_SECONDS)))
            .add_extension(b"permit-port-forwarding", b"")
            .sign(await self._key())
        )
        return made.public_bytes().decode()

    async def _key(self) -> ed25519.Ed25519PrivateKey:
        row = await self._store.read(_present) or await self._made()
        key = serialization.load_ssh_private_key(self._vault.open(row.sealed, _CONTEXT).encode(), None)
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise TypeError("the SSH authority's key is an Ed25519 key")
        return key

    async def _made(self) -> SigningKey:
        key = ed25519.Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        ).decode()
        public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        sealed = self._vault.seal(private, _CONTEXT)
        row = SigningKey(identifier(self._chance, "ssh"), "Ed25519", USE, public.decode(), sealed, self._clock.now())

        def work(tx: Writer) -> SigningKey:
            present = _present(tx)
            if present is None:
                tx.insert(row)
            return present or row

        return await self._store.write(work)


def _present(tx: Reader) -> SigningKey | None:
    return next(iter(tx.find(SigningKey, use=USE, limit=1)), None)


def _public_key(line: str) -> PublicKey:
    try:
        key = serialization.load_ssh_public_key(line.encode()) if len(line) <= MOST_OCTETS else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS:
        return key
    if isinstance(key, (ed25519.Ed25519PublicKey, ec.EllipticCurvePublicKey)):
        return key
    raise refused("ssh-key-invalid")


_CONTEXT: Final = f"signing-key:{USE}"
