"""RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0).

hint forged, or address not registered --> page of ours, nothing ends
hint of the sign-in that this browser has, or of one that no browser shows any more --> it ends, on to the client
otherwise --> the person is asked, by a plain form of ours
"""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request
from starlette.responses import Response

from idp.oidc.addresses import origin
from idp.oidc.answers import see_other
from idp.oidc.forms import QUERY, once, pairs_of, query_of, read_pairs
from idp.oidc.id_tokens import Hint, IdTokens
from idp.oidc.pairs import Pairs
from idp.oidc.seams import Pages, SignInEnder, SignInGate
from idp.web.forms import BadForm
from kernel.ports import Reader, Store
from kernel.records.oidc import OidcClient
from kernel.records.people import User
from kernel.records.sessions import SignIn

PATH = "/oauth2/logout"
CONFIRM = "/oauth2/logout/confirm"
REASON = "signed-out"


@dataclass(frozen=True, slots=True)
class Wish:
    """A sound logout request. ``address`` is where to go afterwards, ``""`` for a page of ours."""

    hint: Hint | None
    client: OidcClient | None
    address: str


class Unsound(Exception):
    """The request is refused; ``key`` names the text for the page."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


class SignOut:
    """Serves ``/oauth2/logout`` and its confirmation."""

    def __init__(self, store: Store, gate: SignInGate, ender: SignInEnder, pages: Pages, id_tokens: IdTokens) -> None:
        self._store, self._gate, self._ender = store, gate, ender
        self._pages, self._id_tokens = pages, id_tokens

    async def endpoint(self, request: Request) -> Response:
        """Answer a client's wish to sign the person out. A POST goes round once as GET, to bring our cookie along."""
        try:
            if request.method == "POST":
                return see_other(f"{PATH}?{urlencode(await pairs_of(request))}")
            pairs = query_of(request)
            wish = await self._read(pairs)
        except InvalidRequestError:
            return self._refuse(request, "oidc.error.request")
        except Unsound as fault:
            return self._refuse(request, fault.key)
        return await self._fulfil(request, pairs, wish)

    async def confirm(self, request: Request) -> Response:
        """Take the person's answer to our question."""
        try:
            form = await self._pages.form(request)
            wish = await self._read(read_pairs(form.get("request", "").encode("ascii", "replace"), QUERY))
        except BadForm as fault:
            return self._pages.problem(request, fault.status)
        except InvalidRequestError:
            return self._refuse(request, "oidc.error.request")
        except Unsound as fault:
            return self._refuse(request, fault.key)
        signin = await self._gate.current(request)
        if form.get("answer") != "out":
            return see_other("/")
        if signin is not None:
            await self._end(signin)
        return self._done(request, wish)

    async def _fulfil(self, request: Request, pairs: Pairs, wish: Wish) -> Response:
        signin = await self._gate.current(request)
        hinted = wish.hint.signin_id if wish.hint else ""
        if signin is None and hinted:
            signin = await self._store.read(lambda tx: tx.get(SignIn, hinted))
        if signin is None or signin.id == hinted:
            if signin is not None:
                await self._end(signin)
            return self._done(request, wish)
        return self._ask(request, pairs, wish)

    async def _read(self, pairs: Pairs) -> Wish:
        form = once(pairs)
        hint = self._hint(form.get("id_token_hint", ""))
        client_id = form.get("client_id", "")
        if hint is not None and client_id and hint.client_id != client_id:
            raise Unsound("oidc.error.hint")
        named = hint.client_id if hint else client_id
        client = await self._store.read(lambda tx: tx.get(OidcClient, named)) if named else None
        return Wish(hint, client, _address(client, form))

    def _hint(self, token: str) -> Hint | None:
        if not token:
            return None
        hint = self._id_tokens.read(token)
        if hint is None:
            raise Unsound("oidc.error.hint")
        return hint

    async def _end(self, signin: SignIn) -> None:
        name = await self._store.read(lambda tx: _name(tx, signin.user_id))
        await self._ender.end(signin.id, f"user:{name}", REASON)

    def _ask(self, request: Request, pairs: Pairs, wish: Wish) -> Response:
        return self._pages.render(
            request,
            "oidc/logout.html",
            forms_to=(origin(wish.address),) if wish.address else (),
            client=wish.client.name if wish.client else "",
            request_text=urlencode(pairs),
            action=CONFIRM,
        )

    def _done(self, request: Request, wish: Wish) -> Response:
        if wish.address:
            return see_other(wish.address)
        return self._pages.render(request, "oidc/signed_out.html")

    def _refuse(self, request: Request, key: str) -> Response:
        return self._pages.render(request, "oidc/error.html", 400, key=key)


def _address(client: OidcClient | None, form: dict[str, str]) -> str:
    """Return where to go afterwards: an exact address that the client registered, with its ``state``."""
    wanted = form.get("post_logout_redirect_uri", "")
    if not wanted:
        return ""
    if client is None or wanted not in client.post_logout_redirect_uris:
        raise Unsound("oidc.error.post-logout")
    if "state" not in form:
        return wanted
    return wanted + ("&" if "?" in wanted else "?") + urlencode({"state": form["state"]}, quote_via=quote)


def _name(tx: Reader, user_id: str) -> str:
    user = tx.get(User, user_id)
    return user.name if user else user_id
