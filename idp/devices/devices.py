"""The device desk as a whole: the registry, browsers' keys and their proofs, device certificates.

Owns who may prove which device. Refuses a proof of another's device, for another sign-in, page or purpose, or given
twice.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from idp.ca import recognising, requests
from idp.ca.issuing import CertificateAuthority, pem
from idp.ca.keys import load
from idp.devices import proofs
from idp.devices.challenges import Challenges
from idp.devices.proofs import Claim
from idp.devices.refusals import refused, taken
from idp.devices.registry import Registry, _device
from idp.vault import Vault
from kernel.audit import CredentialRefused
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import Settings
from kernel.ports import Reader, Store, Writer
from kernel.reasons import Reason
from kernel.records.changes import credential_handle
from kernel.records.devices import OUT, Device, DeviceKey, Proof, SpentChallenge, Trust
from kernel.records.people import User
from kernel.records.sessions import SignIn

MOST_LIVE_KEYS: Final = 20
_MOST_AGENT: Final = 200


class Devices(Registry):
    """All acts on devices. ``load`` must have run once before certificates are issued."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance, settings: Settings) -> None:
        super().__init__(store, vault, clock, chance, settings)
        self._challenges = Challenges(vault, clock, chance)
        self._ca: CertificateAuthority | None = None

    async def load(self) -> None:
        """Read the certificate authority's keys, making them on first use, and write ``Settings.device_ca``."""
        signers = await load(self._store, self._vault, self._clock, self._chance, self._settings.site.name)
        self._ca = CertificateAuthority(signers, self._clock, self._chance)
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

    async def register_browser(self, user: User, name: str, platform: str, jwk_json: str, agent: str = "") -> Device:
        """Register a browser by its public key (JWK, ECDSA P-256). The same key and user: the same device again.

        Raises:
            DeviceRefused: no such key, an unacceptable name, or too many devices.
            KeyTaken: the key belongs to somebody else's device, or was revoked.
        """
        key = proofs.public_key(jwk_json)
        if key is None:
            raise refused("key-invalid")
        thumbprint, public = key

        def work(tx: Writer) -> Device:
            known = tx.get(DeviceKey, thumbprint)
            if known is not None:
                return _registered_before(tx, known, user)
            trust, actor = Trust(self._settings.idp.new_browsers), f"user:{user.name}"
            device = self._add(tx, actor, user, trust, name, platform, "browser")
            self._add_key(tx, actor, device, thumbprint, Proof.BROWSER_KEY, public, 0.0, agent[:_MOST_AGENT])
            return device

        return await self._store.write(work)

    def challenge(self, purpose: str, bound_to: str) -> str:
        """Return a challenge for a browser's key: for this purpose and (as a rule) sign-in id, once, within 60 s."""
        return self._challenges.give(purpose, bound_to)

    async def check_proof(self, jws: str, purpose: str, bound_to: str) -> DeviceKey | None:
        """Return the key that answered a challenge of ``challenge(purpose, bound_to)``, or None (see ``proofs``).

        When ``bound_to`` is a sign-in, the device must be its user's own, or shared. The device's trust is for the
        policy to judge: a lost device that proves itself is known to be lost.
        """
        claim = proofs.read(jws)
        if claim is None or claim.purpose != purpose or claim.origin != self._settings.site.issuer.rstrip("/"):
            return None
        answered = self._challenges.recognise(claim.challenge, purpose, bound_to)
        key = await self._store.read(lambda tx: _live_browser_key(tx, claim)) if answered else None
        if answered is None or key is None or not proofs.verifies(jws, key.public):
            return None
        return await self._store.write(lambda tx: self._accept(tx, claim, answered, bound_to))

    async def issue_certificate(self, actor: str, device_id: str, csr_pem: str) -> str:
        """Return a client certificate and its issuer (PEM) for a signing request (PKCS #10, PEM).

        Raises:
            Missing: no such device.
            DeviceRefused: the request or its key is unacceptable, or the device is lost, revoked or expired.
        """
        public, authority = requests.public_key(csr_pem), self.ca

        def work(tx: Writer) -> str:
            device = _device(tx, device_id)
            if device.trust in OUT:
                raise refused("device-out")
            certificate = authority.issue_device(device, public, self._settings.idp.certificate_days)
            ends: datetime = certificate.not_valid_after_utc
            key_id = recognising.key_id(certificate)
            self._add_key(tx, actor, device, key_id, Proof.CERTIFICATE, pem(certificate), ends.timestamp(), key_id)
            return authority.device_chain(certificate)

        return await self._store.write(work)

    def by_certificate(self, tx: Reader, der: bytes) -> tuple[Device, DeviceKey] | Reason:
        """Return the device and key of a client certificate (DER), or why it is refused; see
        ``idp.ca.recognising``."""
        return recognising.by_certificate(tx, der, self._clock.now())

    def _accept(self, tx: Writer, claim: Claim, answered: SpentChallenge, bound_to: str) -> DeviceKey | None:
        """Use the challenge up and return the key, if it may speak for this sign-in."""
        key = _live_browser_key(tx, claim)
        device = tx.get(Device, key.device_id) if key else None
        signin = tx.get(SignIn, bound_to)
        foreign = signin is not None and device is not None and device.owner not in ("", signin.user_id)
        if self._challenges.spend(tx, answered) and key is not None and device is not None and not foreign:
            self._see(tx, device.id)
            return key
        event = CredentialRefused(
            at=self._clock.now(),
            user_id=signin.user_id if signin else "",
            device_id=device.id if device else "",
            service="device-proof",
            reason=Reason.CREDENTIALS,
        )
        tx.log(event)
        return None

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


def _registered_before(tx: Reader, key: DeviceKey, user: User) -> Device:
    device = tx.get(Device, key.device_id)
    if device is None or device.owner != user.id or key.revoked:
        raise taken("key-taken")
    return device


def _live_browser_key(tx: Reader, claim: Claim) -> DeviceKey | None:
    key = tx.get(DeviceKey, claim.key_id)
    return key if key is not None and key.proof is Proof.BROWSER_KEY and not key.revoked else None
