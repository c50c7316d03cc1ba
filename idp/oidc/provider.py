"""The provider as one thing: takes its neighbours by constructor, gives its routes. Owns no state of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.oidc import authorize, discovery, signout
from idp.oidc.authorize import Authorize
from idp.oidc.clients import Clients
from idp.oidc.endpoints import Endpoints
from idp.oidc.granting import Granting
from idp.oidc.id_tokens import IdTokens
from idp.oidc.inspecting import Inspector
from idp.oidc.issuing import Issuing
from idp.oidc.keys import Keys
from idp.oidc.machines import MachineTokens
from idp.oidc.redeeming import Redeemer
from idp.oidc.seams import Judge, Pages, SignInEnder, SignInGate, Subjects, Vault
from idp.oidc.signout import SignOut
from idp.oidc.tokens import AccessTokens
from idp.oidc.userinfo import UserInfo
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.ports import Store

CACHED = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
DAY = 86400.0

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Everything that the provider stands on. ``issuer`` is the identity pages' https origin, without a slash."""

    store: Store
    vault: Vault
    clock: Clock
    chance: Chance
    keys: Keys
    clients: Clients
    tokens: AccessTokens
    machines: MachineTokens
    gate: SignInGate
    ender: SignInEnder
    judge: Judge
    subjects: Subjects
    pages: Pages
    issuer: str
    refresh_days: float = 30.0


class Provider:
    """OpenID Connect at one issuer."""

    def __init__(self, near: Neighbours) -> None:
        """Put the endpoints together.

        Raises:
            ValueError: the issuer is not an https origin.
        """
        if not near.issuer.startswith("https://") or near.issuer.endswith("/"):
            raise ValueError("the issuer must be https, without a slash at its end")
        self._issuer, self._keys = near.issuer, near.keys
        id_tokens = IdTokens(near.keys, near.clock, near.issuer)
        granting = Granting(
            near.store,
            near.vault,
            near.clock,
            near.chance,
            near.judge,
            near.subjects,
            near.issuer,
            near.refresh_days * DAY,
        )
        issuing = Issuing(near.tokens, id_tokens, near.vault, near.clock, near.chance, near.judge, near.subjects)
        redeemer = Redeemer(near.vault, near.clock, issuing)
        inspector = Inspector(near.tokens, near.machines, issuing, near.clock, near.issuer)
        self._endpoints = Endpoints(near.store, near.clients, redeemer, near.machines, inspector, near.issuer)
        self._userinfo = UserInfo(near.store, near.tokens, near.issuer)
        self._authorize = Authorize(near.store, near.clock, near.issuer, near.gate, near.pages, id_tokens, granting)
        self._signout = SignOut(near.store, near.gate, near.ender, near.pages, id_tokens)

    def routes(self) -> list[Route]:
        """Return every route of the provider."""
        table: list[tuple[str, Endpoint, list[str]]] = [
            ("/.well-known/openid-configuration", self._metadata, ["GET"]),
            ("/.well-known/oauth-authorization-server", self._metadata, ["GET"]),
            ("/oauth2/jwks", self._jwks, ["GET"]),
            (authorize.PATH, self._authorize.endpoint, ["GET", "POST"]),
            (authorize.CONSENT, self._authorize.consent, ["POST"]),
            ("/oauth2/token", self._endpoints.token, ["POST"]),
            ("/oauth2/userinfo", self._userinfo.endpoint, ["GET", "POST"]),
            ("/oauth2/introspect", self._endpoints.introspect, ["POST"]),
            ("/oauth2/revoke", self._endpoints.revoke, ["POST"]),
            (signout.PATH, self._signout.endpoint, ["GET", "POST"]),
            (signout.CONFIRM, self._signout.confirm, ["POST"]),
        ]
        return [Route(path, endpoint, methods=methods) for path, endpoint, methods in table]

    async def _metadata(self, request: Request) -> Response:
        return JSONResponse(discovery.document(self._issuer), headers=CACHED)

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse(self._keys.jwks("oidc"), headers=CACHED)
