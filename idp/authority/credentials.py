"""Checks one credential against the store: app password, access token, route cookie, certificate. Writes nothing.

Answers Verified, or a ``No`` that says how the failure is to be counted. What a stranger may learn is not decided here.
"""

from dataclasses import dataclass, replace

from idp.accounts.names import login_spelling
from idp.authority.ports import AppPasswords, Certificates, Digester, Tokens
from idp.authority.subjects import BESIDE, Subjects
from idp.signins import alive
from idp.signins.secrets import ROUTE, digest_of
from kernel.authority import Attempt, SubjectKey, Verified
from kernel.clock import Clock
from kernel.ports import Reader
from kernel.reasons import Reason
from kernel.records.devices import Device, DeviceKey, Proof
from kernel.records.people import User
from kernel.records.sessions import RouteCookie, SignIn

LONGEST_NAME = 256
LONGEST_PASSWORD = 256
LONGEST_CERTIFICATE = 16 * 1024
REMEMBER = 300.0
"""Seconds for which a proxy may remember an app password or certificate; the change log ends that sooner."""

MAIL = frozenset({"imap", "submission", "pop3", "sieve"})
"""Services that one kind of access token opens: those with the audience ``mail``."""


@dataclass(frozen=True, slots=True)
class No:
    """Not verified. ``guess``: it counts as an attempt at guessing. ``user_id``: whose name was typed, if anybody's."""

    reason: Reason = Reason.CREDENTIALS
    guess: bool = True
    user_id: str = ""


class Credentials:
    """Knows every kind of credential but the ticket, which is spent by looking at it."""

    def __init__(
        self,
        app_passwords: AppPasswords,
        certificates: Certificates,
        tokens: Tokens,
        vault: Digester,
        subjects: Subjects,
        clock: Clock,
    ) -> None:
        self._app_passwords, self._certificates, self._tokens = app_passwords, certificates, tokens
        self._vault, self._subjects, self._clock = vault, subjects, clock

    def check(self, tx: Reader, attempt: Attempt) -> Verified | No:
        """Check the attempt; more than one credential, or none, is a No."""
        given = [bool(text) for text in (attempt.password, attempt.token, attempt.cookie)]
        if sum(given) > 1 or attempt.ticket or len(attempt.name) > LONGEST_NAME:
            return No()
        if attempt.password:
            answer = self._password(tx, attempt)
        elif attempt.token:
            answer = self._token(tx, attempt)
        elif attempt.cookie:
            answer = self._cookie(tx, attempt)
        else:
            return self._certificate_alone(tx, attempt)
        if attempt.certificate and isinstance(answer, Verified):
            return self._beside(tx, attempt, answer)
        return answer

    def _password(self, tx: Reader, attempt: Attempt) -> Verified | No:
        typed = whose(tx, attempt.name)
        if typed is None or len(attempt.password) > LONGEST_PASSWORD:
            return No(user_id=typed.id if typed else "")
        found = self._app_passwords.app_password(tx, attempt.password)
        if found is None or found.user_id != typed.id:
            return No(user_id=typed.id)
        if found.revoked:
            return No(Reason.CREDENTIAL_REVOKED, guess=False, user_id=typed.id)
        key = SubjectKey(typed.id, found.device_id, Proof.APP_PASSWORD, credential_id=found.id)
        denied = None if attempt.service in found.services else Reason.WRONG_SERVICE
        return self._verified(tx, key, self._clock.now() + REMEMBER, denied)

    def _token(self, tx: Reader, attempt: Attempt) -> Verified | No:
        audience = "mail" if attempt.service in MAIL else attempt.service
        facts = self._tokens.check(tx, attempt.token, audience)
        if facts is None:
            return No()
        typed = whose(tx, attempt.name) if attempt.name else None
        if attempt.name and (typed is None or typed.id != facts.user_id):
            return No(user_id=typed.id if typed else "")
        key = SubjectKey(facts.user_id, facts.device_id, Proof.TOKEN, facts.signin_id, facts.grant_id)
        return self._verified(tx, key, facts.expires_at)

    def _cookie(self, tx: Reader, attempt: Attempt) -> Verified | No:
        digest = digest_of(self._vault, ROUTE, attempt.cookie)
        cookie = tx.get(RouteCookie, digest) if digest else None
        now = self._clock.now()
        if cookie is None or cookie.route != attempt.route or cookie.expires_at <= now:
            return No(Reason.SIGNIN_NEEDED, guess=False)
        signin = tx.get(SignIn, cookie.signin_id)
        if signin is None or not alive(signin, now):
            return No(Reason.SIGNIN_NEEDED, guess=False)
        # Not to be remembered: when the person was last seen is known here alone, and limits count by it.
        return self._verified(tx, browser(signin), 0.0)

    def _certificate_alone(self, tx: Reader, attempt: Attempt) -> Verified | No:
        """EXTERNAL: the device's owner is who comes; a typed name must agree. A shared device names nobody."""
        found = self._device(tx, attempt.certificate)
        if isinstance(found, No):
            return found
        device, key = found
        typed = whose(tx, attempt.name) if attempt.name else None
        if not device.owner or (attempt.name and (typed is None or typed.id != device.owner)):
            return No(user_id=typed.id if typed else "")
        subject_key = SubjectKey(device.owner, device.id, Proof.CERTIFICATE, credential_id=key.id)
        return self._verified(tx, subject_key, self._until(key))

    def _beside(self, tx: Reader, attempt: Attempt, answer: Verified) -> Verified | No:
        """A certificate beside another credential: its device must be the same person's, or shared, and is the one that
        counts."""
        found = self._device(tx, attempt.certificate)
        if isinstance(found, No):
            return found
        device, key = found
        subject = answer.subject
        if device.owner not in ("", subject.user.id):
            return No(user_id=subject.user.id)
        names = BESIDE.join(filter(None, (subject.key.credential_id, key.id)))
        both = replace(subject.key, device_id=device.id, proof=Proof.CERTIFICATE, credential_id=names)
        return self._verified(tx, both, min(answer.good_until, self._until(key)), answer.denied)

    def _device(self, tx: Reader, certificate: bytes) -> tuple[Device, DeviceKey] | No:
        if not 0 < len(certificate) <= LONGEST_CERTIFICATE:
            return No()
        found = self._certificates.by_certificate(tx, certificate)
        return No(found, guess=False) if isinstance(found, Reason) else found

    def _until(self, key: DeviceKey) -> float:
        remembered = self._clock.now() + REMEMBER
        return min(remembered, key.not_after) if key.not_after else remembered

    def _verified(self, tx: Reader, key: SubjectKey, good_until: float, denied: Reason | None = None) -> Verified | No:
        subject = self._subjects(tx, key)
        return No() if subject is None else Verified(subject, good_until, denied=denied)


def browser(signin: SignIn) -> SubjectKey:
    """Return the key of a browser's session on a web route."""
    return SubjectKey(signin.user_id, signin.device_id, signin.proof, signin.id)


def whose(tx: Reader, typed: str) -> User | None:
    """Return the user whose name or address was typed, whatever the spelling."""
    spelling = login_spelling(typed)
    if not spelling or any("\ud800" <= character <= "\udfff" for character in spelling):
        return None
    found = tx.find(User, **{"email" if "@" in spelling else "name": spelling}, limit=1)
    return found[0] if found else None
