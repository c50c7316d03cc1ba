"""The endpoints that clients call themselves: token, introspection, revocation. Forms in, JSON out, nothing cached."""

from collections.abc import Callable

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.requests import Request
from starlette.responses import Response

from idp.oidc import answers
from idp.oidc.clients import Clients
from idp.oidc.desk import Desk, FormRequest, Reply
from idp.oidc.forms import once, pairs_of
from idp.oidc.inspecting import Inspector, introspection, revocation
from idp.oidc.machine_grant import machine_grant
from idp.oidc.machines import MachineTokens
from idp.oidc.pairs import all_of
from idp.oidc.redeeming import S256, Redeemer, code_grant, refresh_grant
from kernel.ports import Store, Writer
from kernel.problems import Unavailable

Work = Callable[[Desk, FormRequest], Reply]


class Endpoints:
    """Serves ``/oauth2/token``, ``/oauth2/introspect`` and ``/oauth2/revoke``."""

    def __init__(
        self,
        store: Store,
        clients: Clients,
        redeemer: Redeemer,
        machines: MachineTokens,
        inspector: Inspector,
        issuer: str,
    ) -> None:
        self._store, self._clients, self._issuer = store, clients, issuer
        self._code, self._refresh = code_grant(redeemer), refresh_grant(redeemer)
        self._machine = machine_grant(machines, redeemer.clock)
        self._introspection, self._revocation = introspection(inspector), revocation(inspector)

    async def token(self, request: Request) -> Response:
        """Redeem a code or refresh token, or a program's own credentials (RFC 6749, sections 4.1.3, 6 and 4.4)."""
        return await self._serve(request, self._redeem)

    async def introspect(self, request: Request) -> Response:
        """Tell a resource server about a token (RFC 7662)."""
        return await self._serve(request, self._introspect)

    async def revoke(self, request: Request) -> Response:
        """Take a token back (RFC 7009)."""
        return await self._serve(request, self._revoke)

    def _redeem(self, desk: Desk, asked: FormRequest) -> Reply:
        desk.register_grant(self._code, [S256(required=True)])
        desk.register_grant(self._refresh)
        desk.register_grant(self._machine)
        reply: Reply = desk.create_token_response(asked)
        return reply

    def _introspect(self, desk: Desk, asked: FormRequest) -> Reply:
        desk.register_endpoint(self._introspection)
        reply: Reply = desk.create_endpoint_response("introspection", asked)
        return reply

    def _revoke(self, desk: Desk, asked: FormRequest) -> Reply:
        desk.register_endpoint(self._revocation)
        reply: Reply = desk.create_endpoint_response("revocation", asked)
        return reply

    async def _serve(self, request: Request, work: Work) -> Response:
        try:
            pairs = await pairs_of(request)
            form = once(pairs)
        except OAuth2Error as fault:
            return answers.json(dict(fault.get_body()), fault.status_code)
        authorization = request.headers.get("authorization", "")
        asked = FormRequest(self._issuer + request.url.path, authorization, form, all_of(pairs, "resource"))

        def unit(tx: Writer) -> Reply:
            return work(Desk(tx, self._clients), asked)

        try:
            reply = await self._store.write(unit)
        except Unavailable:
            return answers.json({"error": "temporarily_unavailable"}, 503, {"Retry-After": "5"})
        return answers.json(reply.body, reply.status, _challenge(reply))


def _challenge(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name == "WWW-Authenticate"}
