"""My devices: see, add, rename, report lost, remove, and get a certificate for a signing request."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.devices.advice import advice
from idp.portal.holdings import TRUST_LOOKS, USABLE, read_holdings
from idp.portal.room import Room, done
from idp.signin.enrolment import spoken
from idp.signin.standing import Visitor
from kernel.problems import Refused
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, DeviceKey, Trust

KINDS = ("computer", "phone", "tablet")
LONGEST_CSR = 16384
LIST = "/portal/devices"


class MyDevices:
    """``/portal/devices``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        one = LIST + "/{device_id}"
        return [
            Route(LIST, self.list, methods=["GET"]),
            Route(LIST, self.add, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one + "/rename", self.rename, methods=["POST"]),
            Route(one + "/lost", self.lost, methods=["POST"]),
            Route(one + "/remove", self.remove, methods=["POST"]),
            Route(one + "/certificate", self.certificate, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """Show all devices."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        return await self._list(request, visitor)

    async def _list(self, request: Request, visitor: Visitor, faults: dict[str, str] | None = None) -> Response:
        at, now = self._room.at, self._room.at.clock.now()
        held = await at.store.read(lambda tx: read_holdings(tx, visitor.user.id, now))
        return self._room.draw(
            request,
            visitor,
            "devices",
            "devices",
            422 if faults else 200,
            held=held,
            kinds=KINDS,
            looks=TRUST_LOOKS,
            faults=faults or {},
        )

    async def add(self, request: Request) -> Response:
        """Register a device that is not this browser: a phone, a computer's mail client."""
        entered = await self._room.act(request, fresh=LIST)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        kind = form.text("kind", 20)
        try:
            device = await self._room.at.devices.register_device(
                visitor.actor, visitor.user.id, form.text("name", 200), "", kind if kind in KINDS else KINDS[0]
            )
        except Refused as fault:
            return await self._list(request, visitor, {"name": self._say(request, visitor, fault)})
        return done(f"{LIST}/{device.id}", "added")

    async def show(self, request: Request) -> Response:
        """Show one device."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        device = await self._room.own_device(request, visitor)
        once = self._room.at.pages.once
        pem = once.read(request, visitor.signin.id, request.url.path)
        shown = await self._show(request, visitor, device, pem=pem)
        return once.taken(shown) if pem else shown

    async def _show(
        self,
        request: Request,
        visitor: Visitor,
        device: Device | None,
        faults: dict[str, str] | None = None,
        pem: str = "",
        csr: str = "",
    ) -> Response:
        if device is None:
            return self._room.missing(request, visitor)
        keys, passwords = await self._room.at.store.read(
            lambda tx: (tx.find(DeviceKey, device_id=device.id), tx.find(AppPassword, device_id=device.id))
        )
        return self._room.draw(
            request,
            visitor,
            "device",
            "devices",
            422 if faults else 200,
            device=device,
            keys=[key for key in keys if not key.revoked],
            passwords=[each for each in passwords if not each.revoked and each.user_id == visitor.user.id],
            looks=TRUST_LOOKS,
            advice=advice(self._room.at.judge.policy, device, self._room.at.clock.now()),
            usable=device.trust in USABLE,
            faults=faults or {},
            pem=pem,
            csr=csr,
        )

    async def rename(self, request: Request) -> Response:
        """Give a device another name."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        device = await self._room.own_device(request, visitor)
        if device is None:
            return self._room.missing(request, visitor)
        try:
            await self._room.at.devices.rename(visitor.actor, device.id, form.text("name", 200))
        except Refused as fault:
            return await self._show(request, visitor, device, {"name": self._say(request, visitor, fault)})
        return done(f"{LIST}/{device.id}", "renamed")

    async def lost(self, request: Request) -> Response:
        """Report a device lost: whatever it has open ends at once. Needs no fresh sign-in; haste is the point."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        device = await self._room.own_device(request, visitor)
        if device is None:
            return self._room.missing(request, visitor)
        if device.trust in USABLE:  # what an admin revoked stays revoked
            await self._room.at.devices.set_trust(visitor.actor, device.id, Trust.LOST, "")
        return done(f"{LIST}/{device.id}", "lost")

    async def remove(self, request: Request) -> Response:
        """Forget a device. One that is lost or revoked stays on record, for an admin to remove."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        device = await self._room.own_device(request, visitor)
        if device is None or device.trust not in USABLE:
            return self._room.missing(request, visitor)
        await self._room.at.devices.remove(visitor.actor, device.id)
        return done(LIST, "removed")

    async def certificate(self, request: Request) -> Response:
        """Issue a certificate for the device's signing request, for its page to show once."""
        page = f"{LIST}/{request.path_params['device_id']}"
        entered = await self._room.act(request, fresh=page)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        device = await self._room.own_device(request, visitor)
        if device is None:
            return self._room.missing(request, visitor)
        csr = form.text("csr", LONGEST_CSR)
        try:
            pem = await self._room.at.devices.issue_certificate(visitor.actor, device.id, csr)
        except Refused as fault:
            faults = {"csr": self._say(request, visitor, fault)}
            return await self._show(request, visitor, device, faults, csr=csr)
        response = RedirectResponse(page, 303)
        self._room.at.pages.once.give(response, visitor.signin.id, page, pem)
        return response

    def _say(self, request: Request, visitor: Visitor, fault: Refused) -> str:
        return spoken(fault, self._room.at.pages.language(request, visitor.user))
