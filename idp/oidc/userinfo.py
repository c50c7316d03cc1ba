"""The userinfo endpoint (OpenID Connect Core 5.3): GET or POST, bearer token in the header or in the form, never in the
query."""

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request
from starlette.responses import Response

from idp.oidc import answers
from idp.oidc.claims import person
from idp.oidc.forms import once, pairs_of
from idp.oidc.grants import person_behind
from idp.oidc.tokens import AccessTokens, TokenFacts
from kernel.ports import Reader, Store
from kernel.records.people import User


class UserInfo:
    """Tells a client about the person whose token it holds."""

    def __init__(self, store: Store, tokens: AccessTokens, issuer: str) -> None:
        self._store, self._tokens, self._issuer = store, tokens, issuer

    async def endpoint(self, request: Request) -> Response:
        """Answer with the claims that the token's scopes open, or 400, 401, 403 as RFC 6750 section 3.1 has it."""
        try:
            token = await _bearer(request)
        except InvalidRequestError:
            return _refuse(400, "invalid_request")
        if not token:
            return answers.json({}, 401, {"WWW-Authenticate": "Bearer"})
        found = await self._store.read(lambda tx: self._look(tx, token))
        if found is None:
            return _refuse(401, "invalid_token")
        facts, user = found
        if "openid" not in facts.scopes:
            return _refuse(403, "insufficient_scope")
        return answers.json(person(user, facts.scopes))

    def _look(self, tx: Reader, token: str) -> tuple[TokenFacts, User] | None:
        facts = self._tokens.check(tx, token, self._issuer)
        user = person_behind(tx, facts.user_id, facts.device_id) if facts else None
        return (facts, user) if facts and user else None


async def _bearer(request: Request) -> str:
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    in_header = told.strip() if scheme.lower() == "bearer" else ""
    if request.method != "POST" or not request.headers.get("content-type"):
        return in_header
    in_form = once(await pairs_of(request)).get("access_token", "")
    if in_header and in_form:
        raise InvalidRequestError("Send the token in one place.")
    return in_header or in_form


def _refuse(status: int, error: str) -> Response:
    return answers.json({"error": error}, status, {"WWW-Authenticate": f'Bearer error="{error}"'})
