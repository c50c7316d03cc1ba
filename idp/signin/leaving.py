"""Signing out, and choosing a language: what can be done from every page."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.web import cookies
from kernel.reasons import LANGUAGES, Reason


class Leaving:
    """The ends of a visit."""

    def __init__(self, at: Neighbours, gate: SignInGate) -> None:
        self._at, self._gate = at, gate

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/", self.root, methods=["GET"]),
            Route("/signout", self.sign_out, methods=["POST"]),
            Route("/signed-out", self.signed_out, methods=["GET"]),
            Route("/language", self.language, methods=["POST"]),
        ]

    async def root(self, request: Request) -> Response:
        """Lead to the start page."""
        return RedirectResponse("/portal", 303)

    async def sign_out(self, request: Request) -> Response:
        """End this browser's sign-in, and with it whatever stands on it."""
        await self._at.pages.form(request)
        visitor = await self._gate.begun(request)
        if visitor:
            await self._at.signins.end(visitor.signin.id, visitor.actor, Reason.SIGNIN_ENDED)
        response = RedirectResponse("/signed-out", 303)
        cookies.drop(response, cookies.SIGNIN)
        return response

    async def signed_out(self, request: Request) -> Response:
        """Say that it is done."""
        return self._at.pages.render(request, "signin/signed_out.html", back="/signed-out")

    async def language(self, request: Request) -> Response:
        """Remember the language of this browser, and of the person when somebody is signed in."""
        form = await self._at.pages.form(request)
        chosen = form.text("language", 8)
        back = self._gate.returns.safe(form.text("back", 4096))
        response = RedirectResponse(back, 303)
        if chosen not in LANGUAGES:
            return response
        cookies.give(response, cookies.LANGUAGE, chosen, seconds=cookies.YEAR)
        visitor = await self._gate.visitor(request)
        if visitor and visitor.user.language != chosen:
            await self._at.accounts.update_user(visitor.actor, visitor.user.id, language=chosen)
        return response
