"""The first time: an invitation is accepted, then password, authenticator app and recovery codes are set up, in order.

An invitation is a factor of its own, shown once, and good for a few minutes of enrolling; ``flow`` decides what is
next, and nobody enrols anything out of turn.
"""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.signin.drawing import Drawing
from idp.signin.entrance import LONGEST_CODE, LONGEST_PASSWORD, step_on
from idp.signin.flow import Step
from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.standing import Visitor
from idp.signin.trip import Trip
from idp.web.forms import Form
from idp.web.peer import peer_of
from kernel.problems import Refused, WordsRefused
from kernel.reasons import Reason
from kernel.records.sessions import Factor

_SEED = re.compile(r"[A-Z2-7]{16,64}\Z")


class Enrolment:
    """The steps of a newcomer."""

    def __init__(self, at: Neighbours, gate: SignInGate, drawing: Drawing) -> None:
        self._at, self._gate, self._drawing = at, gate, drawing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/invite/{secret}", self.invited, methods=["GET"]),
            Route("/invite/{secret}", self.accept, methods=["POST"]),
            Route("/signin/new-password", self.new_password, methods=["POST"]),
            Route("/signin/new-code", self.new_code, methods=["POST"]),
        ]

    async def invited(self, request: Request) -> Response:
        """Greet whoever follows an invitation. Looking does not use it up: mail scanners look too."""
        user = await self._at.accounts.invited(request.path_params["secret"])
        if user is None:
            return self._at.pages.render(request, "signin/invitation_over.html", 410)
        return self._at.pages.render(request, "signin/invitation.html", guest=user, action=request.url.path)

    async def accept(self, request: Request) -> Response:
        """Use the invitation up and begin a sign-in with it, in place of whoever was signed in here."""
        await self._at.pages.form(request)
        user = await self._at.accounts.accept_invitation(request.path_params["secret"])
        if user is None:
            return self._at.pages.render(request, "signin/invitation_over.html", 410)
        before = await self._gate.begun(request)
        if before:
            await self._at.signins.end(before.signin.id, before.actor, Reason.SIGNIN_ENDED)
        peer = peer_of(request)
        shown = {Factor.INVITATION: self._at.clock.now()}
        _, cookie = await self._at.signins.begin(user, shown, peer.address, peer.agent)
        return step_on(Trip(), cookie)

    async def _turn(self, request: Request, step: Step) -> tuple[Form, Trip, Visitor | None]:
        """Return the form, its trip, and the visitor when this step is theirs now."""
        form = await self._at.pages.form(request)
        trip, visitor = Trip.read(form, self._gate.returns), await self._gate.begun(request)
        return form, trip, visitor if visitor and self._drawing.step_of(visitor, trip) is step else None

    async def new_password(self, request: Request) -> Response:
        """Set the first password, or the one in place of a password that somebody else chose."""
        form, trip, visitor = await self._turn(request, Step.NEW_PASSWORD)
        if visitor is None:
            return RedirectResponse(trip.at("/signin"), 303)
        fault = await set_password(self._at, request, visitor, form)
        if fault:
            return await self._drawing.step(request, visitor, trip, {"new": fault})
        _, cookie = await self._at.signins.add_factor(visitor.signin.id, Factor.PASSWORD)
        return step_on(trip, cookie)

    async def new_code(self, request: Request) -> Response:
        """Put the authenticator app in force with its first code."""
        form, trip, visitor = await self._turn(request, Step.NEW_CODE)
        if visitor is None:
            return RedirectResponse(trip.at("/signin"), 303)
        if not await self._at.accounts.confirm_totp(visitor.user.id, form.text("code", LONGEST_CODE)):
            faults = {"code": self._at.pages.say(request, "signin.wrong-code", visitor.user)}
            return await self._drawing.step(request, visitor, trip, faults, seed=shown_seed(form))
        _, cookie = await self._at.signins.add_factor(visitor.signin.id, Factor.TOTP)
        return step_on(trip, cookie)


async def set_password(at: Neighbours, request: Request, visitor: Visitor, form: Form) -> str:
    """Set the password that a form's ``new`` and ``repeat`` agree on; return what is wrong with it, or ``""``."""
    new = form.get("new", "")
    if new != form.get("repeat", ""):
        return at.pages.say(request, "signin.not-repeated", visitor.user)
    if len(new) > LONGEST_PASSWORD:
        return at.pages.say(request, "signin.too-long", visitor.user)
    try:
        await at.accounts.set_password(visitor.actor, visitor.user.id, new)
    except Refused as fault:
        return spoken(fault, at.pages.language(request, visitor.user))
    return ""


def spoken(fault: Refused, language: str) -> str:
    """Return a refusal's words in the person's language, where it has them."""
    return fault.words.get(language, str(fault)) if isinstance(fault, WordsRefused) else str(fault)


def shown_seed(form: Form) -> str:
    """Return the seed that the enrolment page showed before, to show it again; only to be shown, never believed."""
    seed = form.get("seed", "")
    return seed if _SEED.match(seed) else ""
