"""This browser as a device: it proves a key that it registered, or registers one; and proves it again while in use.

A proof counts for one sign-in alone (the challenge is bound to it), and only when the key's device belongs to the same
person (attack D13). Registering needs a full sign-in of the last ten minutes (attack D9), and no policy's leave: policy
judges what the device may do, and sign-in must always be possible.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from idp.signin.drawing import Drawing
from idp.signin.enrolment import spoken
from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.standing import Visitor
from idp.signin.trip import Trip
from idp.web import cookies
from idp.web.forms import Form
from idp.web.peer import peer_of
from kernel.ports import Reader
from kernel.problems import Refused
from kernel.records.devices import Device, DeviceKey, Proof, Trust

PURPOSE = "sign-in"
LONGEST_PROOF = 2048
LONGEST_NAME = 64


class Browsers:
    """The pages and answers around a browser's key."""

    def __init__(self, at: Neighbours, gate: SignInGate, drawing: Drawing) -> None:
        self._at, self._gate, self._drawing = at, gate, drawing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/signin/device", self.show, methods=["GET"]),
            Route("/signin/device/prove", self.prove, methods=["POST"]),
            Route("/signin/device/register", self.register, methods=["POST"]),
            Route("/signin/device/without", self.without, methods=["GET"]),
            Route("/prove", self.bounce, methods=["GET"]),
            Route("/prove/challenge", self.challenge, methods=["GET"]),
            Route("/prove/beat", self.beat, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Ask this browser for its proof where it may have a key; offer to register it otherwise."""
        trip, visitor = Trip.read(request.query_params, self._gate.returns), await self._gate.visitor(request)
        if visitor is None:
            return RedirectResponse(trip.at("/signin"), 303)
        known = await self._remembered(request, visitor)
        if known is not None:
            return self._page(request, visitor, trip, "device_prove", device=known)
        fresh = await self._gate.fresh(request, trip.at("/signin/device"))
        if isinstance(fresh, Response):
            return fresh
        return self._page(request, visitor, trip, "device_register")

    async def without(self, request: Request) -> Response:
        """Lead on without a device; this sign-in is not asked again unless something demands a device."""
        trip, visitor = Trip.read(request.query_params, self._gate.returns), await self._gate.visitor(request)
        response = RedirectResponse(trip.to, 303)
        if visitor is not None:
            cookies.give(response, cookies.WITHOUT, visitor.signin.id)
        return response

    async def bounce(self, request: Request) -> Response:
        """Let the browser prove its key once more on its way back to a web route: ``route`` and ``to`` name it."""
        route = self._gate.returns.routes.get(request.query_params.get("route", ""))
        if route is None:
            return self._at.pages.problem(request, 404)
        visitor = await self._gate.visitor(request)
        if visitor is None:
            return self._gate.to_sign_in(request)
        trip = Trip(self._gate.returns.at_route(route, request.query_params.get("to", "/")))
        known = await self._remembered(request, visitor)
        if known is None:
            return RedirectResponse(trip.at("/signin/device"), 303)
        return self._page(request, visitor, trip, "device_prove", device=known)

    async def prove(self, request: Request) -> Response:
        """Take the proof and lead on."""
        form = await self._at.pages.form(request)
        trip, visitor = Trip.read(form, self._gate.returns), await self._gate.visitor(request)
        if visitor is None:
            return RedirectResponse(trip.at("/signin"), 303)
        key = await self._at.devices.check_proof(form.text("proof", LONGEST_PROOF), PURPOSE, visitor.signin.id)
        if key is None or not await self._bind(visitor, key):
            response = RedirectResponse(trip.at("/signin/device"), 303)
            cookies.drop(response, cookies.DEVICE)  # whatever was remembered did not hold: offer to register
            return response
        return self._lead_on(trip, key.id)

    async def register(self, request: Request) -> Response:
        """Register this browser's new key, and take its first proof in the same breath."""
        form = await self._at.pages.form(request)
        trip = Trip.read(form, self._gate.returns)
        visitor = await self._gate.fresh(request, trip.at("/signin/device"))
        if isinstance(visitor, Response):
            return visitor
        device, fault = await self._register(request, visitor, form)
        if device is None:
            return self._page(request, visitor, trip, "device_register", {"name": fault})
        key = await self._at.devices.check_proof(form.text("proof", LONGEST_PROOF), PURPOSE, visitor.signin.id)
        if key is None or key.device_id != device.id:
            await self._at.devices.remove(visitor.actor, device.id)
            fault = self._at.pages.say(request, "signin.device.failed", visitor.user)
            return self._page(request, visitor, trip, "device_register", {"name": fault})
        await self._at.signins.bind_device(visitor.signin.id, device.id, Proof.BROWSER_KEY)
        if device.trust is not Trust.PENDING:
            return self._lead_on(trip, key.id)
        waiting = self._page(request, visitor, trip, "device_pending", device=device)
        cookies.give(waiting, cookies.DEVICE, key.id, seconds=cookies.YEAR)
        return waiting

    async def challenge(self, request: Request) -> Response:
        """Give a challenge to the heartbeat of an open page."""
        visitor = await self._gate.visitor(request)
        if visitor is None or not visitor.signin.device_id:
            return JSONResponse({}, 403)
        challenge = self._at.devices.challenge(PURPOSE, visitor.signin.id)
        return JSONResponse({"challenge": challenge, "purpose": PURPOSE}, headers={"Cache-Control": "no-store"})

    async def beat(self, request: Request) -> Response:
        """Take the heartbeat's proof: the same device, once more."""
        form, visitor = await self._at.pages.form(request), await self._gate.visitor(request)
        if visitor is None:
            return Response(status_code=403)
        key = await self._at.devices.check_proof(form.text("proof", LONGEST_PROOF), PURPOSE, visitor.signin.id)
        if key is None or key.device_id != visitor.signin.device_id:
            return Response(status_code=403)
        await self._at.signins.proved(visitor.signin.id)
        return Response(status_code=204)

    async def _remembered(self, request: Request, visitor: Visitor) -> Device | None:
        """Return this person's device that the browser's cookie remembers, when its key still stands."""
        key_id = cookies.read(request, cookies.DEVICE)
        if not key_id:
            return None

        def work(tx: Reader) -> Device | None:
            key = tx.get(DeviceKey, key_id)
            device = tx.get(Device, key.device_id) if key and not key.revoked else None
            return device if device and device.owner == visitor.user.id else None

        return await self._at.store.read(work)

    async def _register(self, request: Request, visitor: Visitor, form: Form) -> tuple[Device | None, str]:
        try:
            name, platform = form.text("name", LONGEST_NAME), form.text("platform", 32)
            jwk, agent = form.text("jwk", 1024), peer_of(request).agent
            return await self._at.devices.register_browser(visitor.user, name, platform, jwk, agent), ""
        except Refused as fault:
            return None, spoken(fault, self._at.pages.language(request, visitor.user))

    async def _bind(self, visitor: Visitor, key: DeviceKey) -> bool:
        """Bind the key's device to the sign-in; False when it is somebody else's."""
        try:
            if key.device_id == visitor.signin.device_id and visitor.signin.proof is Proof.BROWSER_KEY:
                await self._at.signins.proved(visitor.signin.id)
            else:
                await self._at.signins.bind_device(visitor.signin.id, key.device_id, Proof.BROWSER_KEY)
        except Refused:
            return False
        return True

    def _lead_on(self, trip: Trip, key_id: str) -> Response:
        response = RedirectResponse(trip.to, 303)
        cookies.give(response, cookies.DEVICE, key_id, seconds=cookies.YEAR)
        return response

    def _page(
        self,
        request: Request,
        visitor: Visitor,
        trip: Trip,
        template: str,
        faults: dict[str, str] | None = None,
        device: Device | None = None,
    ) -> Response:
        challenge = self._at.devices.challenge(PURPOSE, visitor.signin.id)
        shown = {"challenge": challenge, "purpose": PURPOSE, "device": device}
        return self._drawing.page(request, visitor, trip, template, faults, **shown)
