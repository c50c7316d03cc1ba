"""Turns a judged request into a grant and a code, or into a refusal; both are in the audit before anybody is told."""

from idp.judgement import Judgement
from idp.oidc import claims
from idp.oidc.asking import Asked, Turned
from idp.oidc.grants import OFFLINE, living, log_grant, person_behind, signed_in
from idp.oidc.seams import Judge, Subjects, Vault
from idp.signin.lapsing import as_counted
from idp.signins.learning import learn
from kernel.authority import Subject, SubjectKey
from kernel.chance import Chance, identifier, secret
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.records.oidc import AuthorizationCode
from kernel.records.sessions import Grant, SignIn

CODE_SECONDS = 60.0
CODE_PURPOSE = "oidc-code"


class Granting:
    """Judges and grants. ``offline`` is how many seconds a grant with ``offline_access`` lasts."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        chance: Chance,
        judge: Judge,
        subjects: Subjects,
        issuer: str,
        offline: float,
    ) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._judge, self._subjects, self._issuer, self._offline = judge, subjects, issuer, offline

    @property
    def offline_days(self) -> int:
        """How many days a grant with ``offline_access`` lasts."""
        return int(self._offline // 86400)

    async def judge(self, asked: Asked, signin: SignIn, address: str) -> Judgement:
        """Return what the policy says.

        Raises:
            Turned: the person is gone or disabled, or their device is lost.
        """
        key = SubjectKey(signin.user_id, signin.device_id, signin.proof, signin.id)
        subject = await self._store.read(lambda tx: self._subject(tx, key))
        if subject is None:
            raise Turned("access_denied", "This account or device is out of use.", asked.back)
        subject = as_counted(subject, signin)
        service = service_of(asked.client.client_id)
        return self._judge.judge(subject, service, address)

    async def denied(self, asked: Asked, judged: Judgement) -> Turned:
        """Audit a refusal and return what the client is told: the rule's words, and where the person reads more."""
        reference = await self._judge.record(judged)
        words = f"{judged.decision.words('en')} ({self._issuer}/r/{reference})"
        return Turned("access_denied", words, asked.back)

    async def must_ask(self, asked: Asked, signin: SignIn) -> bool:
        """Tell whether the person has to agree: for ``prompt=consent``, and once for a client that is not trusted."""
        if "consent" in asked.prompt:
            return True
        return not asked.client.trusted and not await self._store.read(lambda tx: self._agreed(tx, asked, signin))

    async def grant(self, asked: Asked, signin: SignIn, judged: Judgement) -> str:
        """Store the grant and its code, with audit, and return the code.

        Raises:
            Turned: the sign-in ended meanwhile.
        """
        code = secret(self._chance)
        await self._store.write(lambda tx: self._store_grant(tx, asked, signin, judged, code))
        return code

    def _subject(self, tx: Reader, key: SubjectKey) -> Subject | None:
        if person_behind(tx, key.user_id, key.device_id) is None:
            return None
        subject = self._subjects(tx, key)
        return subject if subject is not None and subject.fallen is None else None

    def _agreed(self, tx: Reader, asked: Asked, signin: SignIn) -> bool:
        now, wanted = self._clock.now(), set(asked.scopes)
        held = tx.find(Grant, user_id=signin.user_id, client_id=asked.client.client_id)
        return any(wanted <= set(grant.scope.split()) and living(tx, grant.id, now) for grant in held)

    def _store_grant(self, tx: Writer, asked: Asked, signin: SignIn, judged: Judgement, code: str) -> None:
        now = self._clock.now()
        if signed_in(tx, signin.id, now) is None:
            raise Turned("login_required", "The sign-in has ended.", asked.back)
        grant = self._grant(asked, signin, now)
        tx.insert(grant)
        tx.insert(self._code(asked, grant, code, now))
        for event in judged.events(grant.id):
            tx.log(event)
        learn(tx, signin, now)
        log_grant(tx, grant, act="granted", actor=f"user:{judged.subject.user.name}", now=now, detail=asked.scope)

    def _grant(self, asked: Asked, signin: SignIn, now: float) -> Grant:
        return Grant(
            id=identifier(self._chance, "grant"),
            user_id=signin.user_id,
            client_id=asked.client.client_id,
            signin_id=signin.id,
            device_id=signin.device_id,
            proof=signin.proof,
            scope=asked.scope,
            audience=asked.audience,
            created_at=now,
            expires_at=now + self._offline if OFFLINE in asked.scopes else signin.expires_at,
            auth_time=claims.auth_time(signin),
            acr=claims.acr(signin),
            amr=claims.amr(signin),
        )

    def _code(self, asked: Asked, grant: Grant, code: str, now: float) -> AuthorizationCode:
        return AuthorizationCode(
            digest=self._vault.digest(CODE_PURPOSE, code),
            grant_id=grant.id,
            client_id=grant.client_id,
            user_id=grant.user_id,
            redirect_uri=asked.back.redirect_uri,
            scope=grant.scope,
            nonce=asked.nonce,
            challenge=asked.challenge,
            auth_time=grant.auth_time,
            acr=grant.acr,
            expires_at=now + CODE_SECONDS,
        )


def service_of(client_id: str) -> str:
    """Return how the policy names a client."""
    return f"client:{client_id}"
