"""Who may use the API: the local socket's owner, or the bearer of an access token with scope ``admin`` whom the policy
lets into service ``console``. Everybody else learns nothing but 401 or 403."""

from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request

from idp.admin.actor import Actor
from idp.api.endpoint import Admitted, TurnedAway
from idp.judgement import Judgement
from kernel.authority import Subject, SubjectKey
from kernel.ports import Reader, Store
from kernel.problems import Unavailable
from kernel.records.devices import Proof
from kernel.records.sessions import Grant

SCOPE = "admin"
AUDIENCE = "admin"
CONSOLE = "console"
PEER = "gatepost.unix_user"
LONGEST_TOKEN = 8192

NEEDS_TOKEN = TurnedAway(401, "a bearer token with scope `admin` is needed", 'Bearer realm="gatepost"')
BAD_TOKEN = TurnedAway(401, "the token is not good", 'Bearer realm="gatepost", error="invalid_token"')
BAD_SCOPE = TurnedAway(403, "the token lacks scope `admin`", 'Bearer error="insufficient_scope", scope="admin"')
OUT_OF_REACH = TurnedAway(503, "not available now; try again shortly")


class TokenSays(Protocol):
    """What a good token says; see ``idp.oidc.tokens.TokenFacts``."""

    @property
    def user_id(self) -> str: ...

    @property
    def signin_id(self) -> str: ...

    @property
    def device_id(self) -> str: ...

    @property
    def grant_id(self) -> str: ...

    @property
    def scopes(self) -> frozenset[str]: ...


class Tokens(Protocol):
    """Checks access tokens; see ``idp.oidc.tokens.AccessTokens``."""

    def check(self, tx: Reader, token: str, audience: str = "") -> TokenSays | None:
        """Return what the token says when it is good for this audience."""
        ...


class Judging(Protocol):
    """Decides by the policy in force; see ``idp.judge.Judge``."""

    def judge(self, subject: Subject, service: str, address: str) -> Judgement:
        """Return what is said."""
        ...

    async def entered(self, judgement: Judgement) -> None:
        """Put on record what is said, once."""
        ...


Subjects = Callable[[Reader, SubjectKey], Subject | None]
"""Gathers the facts behind a session; see ``idp.authority``."""


class LocalGate:
    """Admits whoever could open the local socket: the file's permission is the authority."""

    async def admit(self, request: Request) -> Admitted | TurnedAway:
        return Admitted(Actor.on_this_machine(str(request.scope.get(PEER, "unknown"))))


class TokenGate:
    """Admits bearers of our own access tokens (RFC 6750), each request judged afresh."""

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        subjects: Subjects,
        judge: Judging,
        address_of: Callable[[Request], str],
    ) -> None:
        self._store, self._tokens, self._subjects, self._judge = store, tokens, subjects, judge
        self._address_of = address_of

    async def admit(self, request: Request) -> Admitted | TurnedAway:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return NEEDS_TOKEN
        if len(token) > LONGEST_TOKEN:
            return BAD_TOKEN
        try:
            found = await self._store.read(lambda tx: self._look(tx, token))
        except Unavailable:
            return OUT_OF_REACH
        return found if isinstance(found, TurnedAway) else await self._judged(found, self._address_of(request))

    def _look(self, tx: Reader, token: str) -> Subject | TurnedAway:
        says = self._tokens.check(tx, token, AUDIENCE)
        if says is None:
            return BAD_TOKEN
        if SCOPE not in says.scopes:
            return BAD_SCOPE
        subject = self._subjects(tx, _key(tx, says))
        return BAD_TOKEN if subject is None or subject.fallen or subject.user.disabled else subject

    async def _judged(self, subject: Subject, address: str) -> Admitted | TurnedAway:
        judged = self._judge.judge(subject, CONSOLE, address)
        try:
            await self._judge.entered(judged)
        except Unavailable:
            return OUT_OF_REACH
        if judged.allowed:
            return Admitted(Actor.of(subject.user.name), address)
        return TurnedAway(403, judged.decision.words(subject.user.language))


def _key(tx: Reader, says: TokenSays) -> SubjectKey:
    """A token proves its device as far as its grant did when it was given."""
    grant = tx.get(Grant, says.grant_id) if says.grant_id else None
    proof = grant.proof if grant else Proof.TOKEN if says.device_id else Proof.NONE
    return SubjectKey(says.user_id, says.device_id, proof, says.signin_id, says.grant_id)
