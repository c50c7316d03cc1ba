"""The way in: name and password, then a code of the authenticator app or a recovery code."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.accounts.answers import FactorAnswer
from idp.signin import flow
from idp.signin.drawing import Drawing
from idp.signin.flow import Step
from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.standing import Visitor
from idp.signin.trip import Trip
from idp.web import cookies
from idp.web.peer import peer_of
from kernel.reasons import Reason
from kernel.records.devices import Proof
from kernel.records.people import User
from kernel.records.sessions import Factor

LONGEST_NAME = 254
LONGEST_PASSWORD = 1024
LONGEST_CODE = 64


class Entrance:
    """Shows the next step at ``/signin`` and takes the factors in."""

    def __init__(self, at: Neighbours, gate: SignInGate, drawing: Drawing) -> None:
        self._at, self._gate, self._drawing = at, gate, drawing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/signin", self.next, methods=["GET"]),
            Route("/signin/password", self.password, methods=["POST"]),
            Route("/signin/code", self.code, methods=["POST"]),
            Route("/signin/recovery", self.ask_recovery, methods=["GET"]),
            Route("/signin/recovery", self.recovery, methods=["POST"]),
        ]

    async def next(self, request: Request) -> Response:
        """Show the next step, or lead on when there is none."""
        trip = Trip.read(request.query_params, self._gate.returns)
        visitor = await self._gate.begun(request)
        if visitor is None or self._drawing.step_of(visitor, trip) is not Step.DONE:
            return await self._drawing.step(request, visitor, trip)
        codes = self._at.pages.once.read(request, visitor.signin.id, Step.SHOW_RECOVERY).split()
        if codes and request.query_params.get("kept") != "1":
            return self._drawing.page(request, visitor, trip, Step.SHOW_RECOVERY, codes=codes)
        response = RedirectResponse(await self._onward(request, visitor, trip), 303)
        familiar = self._at.accounts.familiar_cookie(visitor.user.id)
        cookies.give(response, cookies.FAMILIAR, familiar, seconds=180 * 86400, strict=True)
        return self._at.pages.once.taken(response) if codes else response

    async def _onward(self, request: Request, visitor: Visitor, trip: Trip) -> str:
        """Return where a signed-in browser goes: by the device's proof when there may be one and none was given."""
        visitor = await self._by_certificate(request, visitor)
        signin, now = visitor.signin, self._at.clock.now()
        if signin.device_id and signin.proof is not Proof.NONE and not trip.demand.device:
            return trip.to
        asked = cookies.read(request, cookies.WITHOUT) == signin.id
        just_begun = now - signin.created_at < flow.HALF_LIFE and not asked
        return trip.at("/signin/device") if just_begun or trip.demand.device else trip.to

    async def _by_certificate(self, request: Request, visitor: Visitor) -> Visitor:
        """Bind the device whose certificate this very connection showed."""
        der = peer_of(request).certificate
        if not der or visitor.signin.device_id:
            return visitor
        found = await self._at.store.read(lambda tx: self._at.devices.by_certificate(tx, der))
        if isinstance(found, Reason) or found[0].owner not in ("", visitor.user.id):
            return visitor
        signin = await self._at.signins.bind_device(visitor.signin.id, found[0].id, Proof.CERTIFICATE)
        return Visitor(signin, visitor.user, visitor.standing)

    async def password(self, request: Request) -> Response:
        """Take name and password; same answer, in the same time, whatever is wrong with them."""
        form = await self._at.pages.form(request)
        trip, visitor = Trip.read(form, self._gate.returns), await self._gate.begun(request)
        name, password = form.text("name", LONGEST_NAME), form.get("password", "")
        peer = peer_of(request)
        familiar = cookies.read(request, cookies.FAMILIAR)
        answer = await self._at.accounts.check_password(
            name, password[: LONGEST_PASSWORD + 1], peer.address, familiar=familiar
        )
        if answer.user is None:
            faults = {"name": self._refused(request, answer.retry_after, Reason.CREDENTIALS)}
            return self._drawing.page(request, visitor, trip, "identify", faults, name=name)
        return await self._known(request, visitor, answer.user, trip)

    async def _known(self, request: Request, visitor: Visitor | None, user: User, trip: Trip) -> Response:
        """Refresh the sign-in of the same person, or begin one in place of whatever was there."""
        now = self._at.clock.now()
        if visitor and visitor.user.id == user.id and flow.complete(visitor.standing, now):
            _, cookie = await self._at.signins.add_factor(visitor.signin.id, Factor.PASSWORD)
        else:
            if visitor:
                await self._at.signins.end(visitor.signin.id, visitor.actor, Reason.SIGNIN_ENDED)
            peer = peer_of(request)
            _, cookie = await self._at.signins.begin(user, {Factor.PASSWORD: now}, peer.address, peer.agent)
        return step_on(trip, cookie)

    async def code(self, request: Request) -> Response:
        """Take a code of the authenticator app."""
        form = await self._at.pages.form(request)
        trip, visitor = Trip.read(form, self._gate.returns), await self._gate.begun(request)
        if visitor is None or not self._may_show_code(visitor):
            return RedirectResponse(trip.at("/signin"), 303)
        answer = await self._at.accounts.check_totp(
            visitor.user.id,
            form.text("code", LONGEST_CODE),
            peer_of(request).address,
            familiar=cookies.read(request, cookies.FAMILIAR),
        )
        return await self._shown(request, visitor, trip, Factor.TOTP, answer)

    async def ask_recovery(self, request: Request) -> Response:
        """Show the form for a recovery code."""
        trip, visitor = Trip.read(request.query_params, self._gate.returns), await self._gate.begun(request)
        if visitor is None or not self._may_show_code(visitor):
            return RedirectResponse(trip.at("/signin"), 303)
        return self._drawing.page(request, visitor, trip, "recovery")

    async def recovery(self, request: Request) -> Response:
        """Take a recovery code; it is used up."""
        form = await self._at.pages.form(request)
        trip, visitor = Trip.read(form, self._gate.returns), await self._gate.begun(request)
        if visitor is None or not self._may_show_code(visitor):
            return RedirectResponse(trip.at("/signin"), 303)
        answer = await self._at.accounts.use_recovery_code(
            visitor.user.id,
            form.text("recovery", LONGEST_CODE),
            peer_of(request).address,
            familiar=cookies.read(request, cookies.FAMILIAR),
        )
        return await self._shown(request, visitor, trip, Factor.RECOVERY, answer)

    def _may_show_code(self, visitor: Visitor) -> bool:
        """Say whether it is this visitor's turn to show a second factor: the first one stands, and is not stale."""
        step = flow.next_step(visitor.standing, flow.Demand(), self._at.clock.now())
        return visitor.standing.has_code and step in (Step.CODE, Step.DONE)

    async def _shown(
        self, request: Request, visitor: Visitor, trip: Trip, factor: Factor, answer: FactorAnswer
    ) -> Response:
        if answer.good:
            _, cookie = await self._at.signins.add_factor(visitor.signin.id, factor)
            return step_on(trip, cookie)
        field, template = ("code", "code") if factor is Factor.TOTP else ("recovery", "recovery")
        wrong = self._at.pages.say(request, f"signin.wrong-{field}", visitor.user)
        faults = {field: self._drawing.throttled(request, answer.retry_after) if answer.retry_after else wrong}
        return self._drawing.page(request, visitor, trip, template, faults)

    def _refused(self, request: Request, retry_after: float, reason: Reason) -> str:
        return self._drawing.throttled(request, retry_after) if retry_after else self._drawing.wrong(request, reason)


def step_on(trip: Trip, cookie: str) -> Response:
    """Send the browser back to the dispatcher, with its new cookie."""
    response = RedirectResponse(trip.at("/signin"), 303)
    cookies.give(response, cookies.SIGNIN, cookie)
    return response
