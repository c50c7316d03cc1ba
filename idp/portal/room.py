"""The portal's frame: who may come in, how its pages are drawn, how a finished act is told."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.standing import Visitor
from idp.web.forms import Form
from idp.web.pages import Nav
from kernel.records.devices import Device, Proof

SERVICE: Final = "portal"
NAV: Final = (
    Nav("home", "/portal", "portal.nav.home", "home"),
    Nav("devices", "/portal/devices", "portal.nav.devices", "device"),
    Nav("app-passwords", "/portal/app-passwords", "portal.nav.app-passwords", "key"),
    Nav("sessions", "/portal/sessions", "portal.nav.sessions", "clock"),
    Nav("security", "/portal/security", "portal.nav.security", "shield"),
)
HEARTBEAT: Final = 300.0
"""Seconds between two proofs of the browser's key while a page of the portal is open."""


class Room:
    """What every part of the portal stands in."""

    def __init__(self, at: Neighbours, gate: SignInGate) -> None:
        self.at = at
        self.gate = gate

    async def enter(self, request: Request) -> Visitor | Response:
        """Return the visitor whom the policy lets in, or what to answer instead."""
        return await self.gate.admit(request, SERVICE)

    async def act(self, request: Request, *, fresh: str = "") -> tuple[Form, Visitor] | Response:
        """Return the form and the visitor of a POST. ``fresh``: the page to come back to, when the act makes something
        that opens doors and so needs a full sign-in of the last ten minutes (attack D9)."""
        form = await self.at.pages.form(request)
        visitor = await self.gate.admit(request, SERVICE, fresh)
        if isinstance(visitor, Visitor) and fresh:
            visitor = await self.gate.fresh(request, fresh)
        return visitor if isinstance(visitor, Response) else (form, visitor)

    def draw(
        self, request: Request, visitor: Visitor, template: str, room: str, status: int = 200, **context: Any
    ) -> Response:
        """Return a page of the portal; ``room`` names its entry in the navigation."""
        done = f"portal.done.{request.query_params.get('done', '')}"
        bound = visitor.signin.proof is Proof.BROWSER_KEY
        return self.at.pages.render(
            request,
            f"portal/{template}.html",
            status,
            person=visitor.user,
            nav=NAV,
            room=room,
            visitor=visitor,
            heartbeat=HEARTBEAT if bound else 0,
            done=done if done in self.at.pages.catalogue else "",
            **{"faults": {}, **context},
        )

    def missing(self, request: Request, visitor: Visitor) -> Response:
        """Return the page for what is not there, or not theirs."""
        return self.at.pages.problem(request, 404, visitor.user)

    async def own_device(self, request: Request, visitor: Visitor) -> Device | None:
        """Return the device that the path names, when it belongs to the visitor."""
        device_id = request.path_params["device_id"]
        device = await self.at.store.read(lambda tx: tx.get(Device, device_id))
        return device if device and device.owner == visitor.user.id else None


def done(page: str, act: str) -> Response:
    """Send the browser back to a page, which will say that ``act`` is done."""
    return RedirectResponse(f"{page}?done={act}", 303)
