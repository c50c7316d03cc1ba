"""The authorization endpoint: what is asked, who asks, may they, do they agree - then a code of one minute.

GET -> asking.read -> needs.missing -> judge -> consent, when the client is not trusted -> grant + code -> client
          |                |             |          |
         page or          sign-in      sign-in     our own form, back to here
         client told      pages        or told
"""

from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request
from starlette.responses import Response

from idp.oidc.addresses import origin
from idp.oidc.answers import Responder, see_other
from idp.oidc.asking import PROVED, SINCE, STEPPED, Asked, Astray, Turned, read
from idp.oidc.forms import QUERY, pairs_of, query_of, read_pairs
from idp.oidc.granting import Granting
from idp.oidc.id_tokens import IdTokens
from idp.oidc.needs import Need, missing
from idp.oidc.pairs import Pairs
from idp.oidc.seams import Pages, SignInGate
from idp.signin.gate import demand_of
from idp.web.forms import BadForm
from idp.web.peer import peer_of
from kernel.clock import Clock
from kernel.ports import Store
from kernel.records.oidc import OidcClient
from policies.model import Outcome, Requirement

PATH = "/oauth2/authorize"
CONSENT = "/oauth2/consent"


class Authorize:
    """Serves ``/oauth2/authorize`` and the consent form."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        issuer: str,
        gate: SignInGate,
        pages: Pages,
        id_tokens: IdTokens,
        granting: Granting,
    ) -> None:
        self._store, self._clock, self._issuer = store, clock, issuer
        self._gate, self._pages, self._id_tokens, self._granting = gate, pages, id_tokens, granting
        self._responder = Responder(pages, issuer)

    async def endpoint(self, request: Request) -> Response:
        """Answer an authorization request. A POST goes round once as GET: a POST from another site has no cookies."""
        try:
            if request.method == "POST":
                return see_other(f"{PATH}?{urlencode(await pairs_of(request))}")
            return await self._pursue(request, query_of(request), agreed=False)
        except InvalidRequestError:
            return self._astray(request, "oidc.error.request")

    async def consent(self, request: Request) -> Response:
        """Take the answer of our consent form, which carries the whole request: all of it is judged afresh."""
        try:
            form = await self._pages.form(request)
        except BadForm as fault:
            return self._pages.problem(request, fault.status)
        try:
            pairs = read_pairs(form.get("request", "").encode("ascii", "replace"), QUERY)
        except InvalidRequestError:
            return self._astray(request, "oidc.error.request")
        agreed = form.get("answer") == "allow"
        return await self._pursue(request, pairs, agreed=agreed, refused=not agreed)

    async def _pursue(self, request: Request, pairs: Pairs, *, agreed: bool, refused: bool = False) -> Response:
        try:
            asked = await self._store.read(lambda tx: read(pairs, lambda key: tx.get(OidcClient, key), self._issuer))
            if refused:
                raise Turned("access_denied", "The person did not agree.", asked.back)
            return await self._answer(request, pairs, asked, agreed)
        except Astray as fault:
            return self._astray(request, fault.key)
        except Turned as fault:
            return self._responder.turn(request, fault)

    async def _answer(self, request: Request, pairs: Pairs, asked: Asked, agreed: bool) -> Response:
        signin = await self._gate.current(request)
        need = missing(asked, signin, self._hinted(asked), self._clock.now())
        if need is not None or signin is None:
            return await self._sign_in(request, pairs, asked, need or Need())
        if not asked.proved and "none" not in asked.prompt and await self._gate.proof_due(request):
            return self._gate.to_proof(request, f"{PATH}?{urlencode([*pairs, (PROVED, '1')])}")
        judged = await self._granting.judge(asked, signin, peer_of(request).address)
        require = judged.decision.require
        if judged.decision.outcome is Outcome.STEP_UP and require is not None and not asked.stepped:
            return self._step_up(request, pairs, asked, require)
        if judged.decision.outcome is not Outcome.ALLOW:
            raise await self._granting.denied(asked, judged)
        if not agreed and await self._granting.must_ask(asked, signin):
            return self._ask(request, pairs, asked)
        code = await self._granting.grant(asked, signin, judged)
        return self._responder.give(request, asked.back, code=code)

    async def _sign_in(self, request: Request, pairs: Pairs, asked: Asked, need: Need) -> Response:
        if "none" in asked.prompt:
            raise Turned(need.error, "Somebody must sign in for this.", asked.back)
        if need.prompt == "select_account" and self._returned(asked):
            raise Turned("login_required", "Another person is signed in.", asked.back)
        return await self._gate.redirect_to_sign_in(
            request,
            prompt=need.prompt,
            max_age=need.max_age,
            acr=need.acr,
            login_hint=asked.login_hint,
            ui_locales=asked.ui_locales,
            return_to=self._return_to(pairs),
        )

    def _step_up(self, request: Request, pairs: Pairs, asked: Asked, require: Requirement) -> Response:
        if "none" in asked.prompt:
            raise Turned("interaction_required", "The policy wants another sign-in factor.", asked.back)
        return self._gate.to_sign_in(request, demand_of(require), "", self._return_to(pairs, stepped=True))

    def _return_to(self, pairs: Pairs, *, stepped: bool = False) -> str:
        """Return this request's address, marked with the present moment: a sign-in from now on counts as new."""
        marks = [(SINCE, str(int(self._clock.now()))), *([(STEPPED, "1")] if stepped else [])]
        kept = [(name, value) for name, value in pairs if name not in (SINCE, STEPPED)]
        return f"{PATH}?{urlencode([*kept, *marks])}"

    def _returned(self, asked: Asked) -> bool:
        return asked.since is not None and asked.since <= self._clock.now()

    def _hinted(self, asked: Asked) -> str:
        if not asked.id_token_hint:
            return ""
        told = self._id_tokens.read(asked.id_token_hint)
        if told is None:
            raise Turned("invalid_request", "The id_token_hint is not one of ours.", asked.back)
        return told.user_id

    def _ask(self, request: Request, pairs: Pairs, asked: Asked) -> Response:
        if "none" in asked.prompt:
            raise Turned("consent_required", "The person must agree first.", asked.back)
        site = origin(asked.back.redirect_uri)
        return self._pages.render(
            request,
            "oidc/consent.html",
            forms_to=(site,),
            client=asked.client.name,
            host=site,
            scopes=asked.scopes,
            days=self._granting.offline_days,
            request_text=urlencode(pairs),
            action=CONSENT,
        )

    def _astray(self, request: Request, key: str) -> Response:
        return self._pages.render(request, "oidc/error.html", 400, key=key)
