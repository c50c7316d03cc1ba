"""Device certificates: issued for a signing request, found again when TLS has verified one.

Owns the registry's side of the certificate authority (``idp.ca``): which device a certificate was issued for, how many
a device may hold, and that one which is lost, revoked or expired gets none.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from idp.ca import recognising, requests
from idp.ca.issuing import CertificateAuthority, pem
from idp.ca.keys import load
from idp.ca.requests import PublicKey
from idp.ca.ssh import SshAuthority
from idp.devices.refusals import missing, refused
from idp.devices.registry import Registry, _device
from idp.vault import Vault
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import Settings
from kernel.ports import Reader, Store, Writer
from kernel.reasons import Reason
from kernel.records.changes import credential_handle
from kernel.records.devices import OUT, Device, DeviceKey, Proof
from kernel.records.people import User

MOST_LIVE_KEYS: Final = 20


class Certifying(Registry):
    """The registry, with certificates. ``load`` must have run once before one is issued."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance, settings: Settings) -> None:
        super().__init__(store, vault, clock, chance, settings)
        self._ca: CertificateAuthority | None = None
        self._ssh = SshAuthority(store, vault, clock, chance)

    async def load(self) -> None:
        """Read the certificate authority's keys, making them on first use, and write ``Settings.device_ca``."""
        signers = await load(self._store, self._vault, self._clock, self._chance, self._settings.site.name)
        self._ca = CertificateAuthority(signers, self._clock, self._chance, self._settings.site.issuer)
        self._ca.write(self._settings.device_ca)

    @property
    def ca(self) -> CertificateAuthority:
        """The certificate authority.

        Raises:
            RuntimeError: ``load`` has not run.
        """
        if self._ca is None:
            raise RuntimeError("Devices.load has not run")
        return self._ca

    def write_ca(self, path: Path) -> None:
        """Write what TLS listeners verify device certificates against (PEM)."""
        self.ca.write(path)

    async def issue_certificate(self, actor: str, device_id: str, csr_pem: str) -> str:
        """Return a client certificate and its issuer (PEM) for a signing request (PKCS #10, PEM).

        Raises:
            Missing: no such device.
            DeviceRefused: the request or its key is unacceptable, or the device is lost, revoked or expired.
        """
        public = requests.public_key(csr_pem)
        return await self._store.write(lambda tx: self._certify(tx, actor, _device(tx, device_id), public))

    async def certify_ssh(self, user: User, device: Device, public_line: str, seconds: float) -> str:
        """Return a certificate line for an SSH public key line; see ``idp.ca.ssh``.

        Raises:
            DeviceRefused: the device is lost, revoked or expired. CertificateRefused: no SSH public key.
        """
        if device.trust in OUT:
            raise refused("device-out")
        return await self._ssh.certify(user, device, public_line, seconds)

    async def ssh_authority(self) -> str:
        """Return the public key line that signs SSH certificates."""
        return await self._ssh.public_line()

    async def certificate(self, key_id: str) -> str:
        """Return a registered certificate (PEM); Missing when there is none of that name."""
        key = await self._store.read(lambda tx: tx.get(DeviceKey, key_id))
        if key is None or key.proof is not Proof.CERTIFICATE:
            raise missing("no-device")
        return key.public

    def by_certificate(self, tx: Reader, der: bytes) -> tuple[Device, DeviceKey] | Reason:
        """Return the device and key of a client certificate (DER), or why it is refused; see
        ``idp.ca.recognising``."""
        return recognising.by_certificate(tx, der, self._clock.now())

    def _certify(self, tx: Writer, actor: str, device: Device, public: PublicKey) -> str:
        """Return a new certificate for a device's key, and its issuer (PEM)."""
        if device.trust in OUT:
            raise refused("device-out")
        certificate = self.ca.issue_device(device, public, self._settings.idp.certificate_days)
        ends: datetime = certificate.not_valid_after_utc
        key_id = recognising.key_id(certificate)
        self._add_key(tx, actor, device, key_id, Proof.CERTIFICATE, pem(certificate), ends.timestamp(), key_id)
        return self.ca.device_chain(certificate)

    def _add_key(
        self,
        tx: Writer,
        actor: str,
        device: Device,
        key_id: str,
        proof: Proof,
        public: str,
        not_after: float,
        detail: str,
    ) -> None:
        now = self._clock.now()
        keys = tx.find(DeviceKey, device_id=device.id)
        for old in keys:
            if old.not_after and old.not_after <= now:
                tx.take(DeviceKey, old.id)
        if sum(not key.not_after or key.not_after > now for key in keys) >= MOST_LIVE_KEYS:
            raise refused("too-many", most=MOST_LIVE_KEYS)
        tx.insert(DeviceKey(key_id, device.id, proof, public, now, not_after))
        tx.note(credential_handle(key_id))
        self._log(tx, actor, device, f"{proof}-added", detail)
