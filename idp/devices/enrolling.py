"""One-time codes that make one device: given by an admin or by its owner, used by an agent, by EST, by a phone.

A code says beforehand whose device it will be, and how far it is trusted. It is taken in the same transaction that
makes the device, so that of many who use it at once one succeeds. 80 bits: nobody guesses it within its hours.
"""

import base64
import unicodedata
from typing import Final

from idp.ca.recognising import by_certificate
from idp.ca.requests import public_key
from idp.devices.certifying import Certifying
from idp.devices.refusals import refused
from idp.devices.registry import _owner, _text
from kernel.audit import CredentialRefused
from kernel.ports import Writer
from kernel.reasons import Reason
from kernel.records.devices import OUT, Device, Enrolment, Trust

CODE_SECONDS: Final = 24 * 3600.0
MOST_OPEN: Final = 20
_OCTETS: Final = 10
_GROUP: Final = 4
_MOST_CODE: Final = 64
_SWEPT_AT_ONCE: Final = 50
GIVEN: Final = (Trust.PENDING, Trust.ENROLLED, Trust.MANAGED)
"""The trusts that a code may give."""


class Enrolling(Certifying):
    """Codes, and certificates for whoever holds one, or holds a certificate that runs out."""

    async def invite(
        self,
        actor: str,
        user_id: str,
        name: str,
        platform: str = "",
        kind: str = "computer",
        trust: Trust = Trust.ENROLLED,
    ) -> str:
        """Return a new code, such as ``abcd-efgh-ijkl-mnop``, good for a day. Whoever invites themselves gets the trust
        of ``idp.new_certificates``.

        Raises:
            Missing: no such user.
            DeviceRefused: an unacceptable text or trust, or twenty codes open already.
        """
        code = base64.b32encode(self._chance.octets(_OCTETS)).decode().lower()

        def work(tx: Writer) -> str:
            now, owner = self._clock.now(), _owner(tx, user_id)
            for old in tx.below(Enrolment, "expires_at", now, limit=_SWEPT_AT_ONCE):
                tx.take(Enrolment, old.digest)
            if tx.count(Enrolment, user_id=user_id) >= MOST_OPEN:
                raise refused("too-many", most=MOST_OPEN)
            own = owner is not None and actor == f"user:{owner.name}"
            given = Trust(self._settings.idp.new_certificates) if own else trust
            if given not in GIVEN:
                raise refused("trust-invalid", trust=given)
            made = Enrolment(
                digest=self._digest(code),
                user_id=user_id,
                name=_text(name, least=1),
                platform=_text(platform),
                kind=_text(kind, least=1),
                trust=given,
                made_by=actor,
                created_at=now,
                expires_at=now + CODE_SECONDS,
            )
            tx.insert(made)
            tx.log(self._event(owner, "", actor, made.name, "invited", f"{made.kind} {given}"))
            return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))

        return await self._store.write(work)

    async def enrol(self, code: str, csr_pem: str, address: str = "", platform: str = "") -> tuple[Device, str] | None:
        """Use a code up: return the device that it made and its certificate chain (PEM). None when the code is unknown,
        used or a day old: a stranger learns no more.

        Raises:
            CertificateRefused: the request or its key is unacceptable; the code is not used up.
            DeviceRefused: the owner has too many devices.
        """
        public = public_key(csr_pem)
        told = _text(platform)

        def work(tx: Writer) -> tuple[Device, str] | None:
            found = tx.take(Enrolment, self._digest(code))
            if found is None or found.expires_at <= self._clock.now():
                event = CredentialRefused(
                    at=self._clock.now(), address=address, service="enrolment", reason=Reason.CREDENTIALS
                )
                tx.log(event)
                return None
            owner = _owner(tx, found.user_id)
            device = self._add(tx, found.made_by, owner, found.trust, found.name, told or found.platform, found.kind)
            return device, self._certify(tx, found.made_by, device, public)

        return await self._store.write(work)

    async def renew(self, der: bytes, csr_pem: str) -> tuple[Device, str] | Reason:
        """Return the device of a certificate (DER, as TLS has verified it) and a new chain (PEM) for it, or why not.

        The certificate that was shown counts until it runs out: an answer that got lost must not shut a device out.

        Raises:
            CertificateRefused: the request or its key is unacceptable.
        """
        public = public_key(csr_pem)

        def work(tx: Writer) -> tuple[Device, str] | Reason:
            known = by_certificate(tx, der, self._clock.now())
            if isinstance(known, Reason):
                return known
            device = known[0]
            if device.trust in OUT:
                return Reason.CREDENTIAL_REVOKED
            return device, self._certify(tx, f"device:{device.id}", device, public)

        return await self._store.write(work)

    def _digest(self, code: str) -> str:
        """Return how a code is stored; hyphens, spaces, case and full-width letters are the typist's own."""
        plain = unicodedata.normalize("NFKC", code[:_MOST_CODE]).casefold()
        return self._vault.digest("enrolment", "".join(each for each in plain if each.isalnum()))
