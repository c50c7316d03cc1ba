"""The device desk as a whole: registry, certificates and codes, and here browsers' keys and their proofs.

Owns who may prove which device. Refuses a proof of another's device, for another sign-in, page or purpose, or given
twice.
"""

from typing import Final

from idp.devices import proofs
from idp.devices.challenges import Challenges
from idp.devices.enrolling import Enrolling
from idp.devices.proofs import Claim
from idp.devices.refusals import refused, taken
from idp.vault import Vault
from kernel.audit import CredentialRefused
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import Settings
from kernel.ports import Reader, Store, Writer
from kernel.reasons import Reason
from kernel.records.devices import Device, DeviceKey, Proof, SpentChallenge, Trust
from kernel.records.people import User
from kernel.records.sessions import SignIn

_MOST_AGENT: Final = 200


class Devices(Enrolling):
    """All acts on devices. ``load`` must have run once before certificates are issued."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, chance: Chance, settings: Settings) -> None:
        super().__init__(store, vault, clock, chance, settings)
        self._challenges = Challenges(vault, clock, chance)

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


def _registered_before(tx: Reader, key: DeviceKey, user: User) -> Device:
    device = tx.get(Device, key.device_id)
    if device is None or device.owner != user.id or key.revoked:
        raise taken("key-taken")
    return device


def _live_browser_key(tx: Reader, claim: Claim) -> DeviceKey | None:
    key = tx.get(DeviceKey, claim.key_id)
    return key if key is not None and key.proof is Proof.BROWSER_KEY and not key.revoked else None
