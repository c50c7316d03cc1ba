"""The console's frame: who may come in, how its pages are drawn, how a finished act or a refusal is told."""

from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from idp.admin.actor import Actor
from idp.admin.acts import Acts
from idp.signin.standing import Visitor
from idp.web.agents import agent_name
from idp.web.forms import LIMIT, Form
from idp.web.pages import Nav, Pages
from idp.web.peer import peer_of
from kernel.clock import Clock
from kernel.problems import Refused, WordsRefused
from kernel.records.devices import Proof, Trust

SERVICE: Final = "console"
NAV: Final = (
    Nav("live", "/console", "console.nav.live", "pulse"),
    Nav("users", "/console/users", "console.nav.users", "users"),
    Nav("devices", "/console/devices", "console.nav.devices", "device"),
    Nav("policy", "/console/policy", "console.nav.policy", "policy"),
    Nav("clients", "/console/clients", "console.nav.clients", "apps"),
    Nav("audit", "/console/audit", "console.nav.audit", "audit"),
    Nav("health", "/console/health", "console.nav.health", "shield"),
)
HEARTBEAT: Final = 300.0
"""Seconds between two proofs of the browser's key while a page of the console is open."""

LOOKS: Final = {
    Trust.UNKNOWN: "",
    Trust.PENDING: "warn",
    Trust.ENROLLED: "ok",
    Trust.MANAGED: "ok",
    Trust.LOST: "bad",
    Trust.REVOKED: "bad",
    Trust.EXPIRED: "warn",
}
"""The colour of a device's trust."""


class Gate(Protocol):
    """Says who may come in; see ``idp.signin.gate.SignInGate``."""

    async def admit(self, request: Request, service: str, to: str = "") -> Visitor | Response:
        """Return the visitor whom the policy lets in, or what to answer instead."""
        ...


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody whom the policy let into the console."""

    visitor: Visitor
    address: str

    @property
    def actor(self) -> Actor:
        return Actor.of(self.visitor.user.name)


class Room:
    """What every part of the console stands in."""

    def __init__(self, acts: Acts, pages: Pages, gate: Gate, clock: Clock) -> None:
        self.acts, self.pages, self.clock = acts, pages, clock
        self._gate = gate

    async def enter(self, request: Request, to: str = "") -> Admin | Response:
        """Return the admin whom the policy lets in, or what to answer instead."""
        visitor = await self._gate.admit(request, SERVICE, to)
        return visitor if isinstance(visitor, Response) else Admin(visitor, peer_of(request).address)

    async def act(self, request: Request, limit: int = LIMIT) -> tuple[Form, Admin] | Response:
        """Return form and admin of a POST that our own page sent."""
        form = await self.pages.form(request, limit)
        admin = await self.enter(request, "/console")
        return admin if isinstance(admin, Response) else (form, admin)

    def draw(
        self, request: Request, admin: Admin, template: str, room: str, status: int = 200, **context: Any
    ) -> Response:
        """Return a page of the console; ``room`` names its entry in the navigation."""
        visitor = admin.visitor
        done = f"console.done.{request.query_params.get('done', '')}"
        bound = visitor.signin.proof is Proof.BROWSER_KEY
        return self.pages.render(
            request,
            f"console/{template}.html",
            status,
            person=visitor.user,
            nav=NAV,
            room=room,
            visitor=visitor,
            heartbeat=HEARTBEAT if bound else 0,
            looks=LOOKS,
            agent_name=agent_name,
            done=done if done in self.pages.catalogue else "",
            **{"faults": {}, **context},
        )

    def language(self, request: Request, admin: Admin) -> str:
        """Return the language that this admin reads."""
        return self.pages.language(request, admin.visitor.user)

    def say(self, request: Request, admin: Admin, fault: Refused) -> str:
        """Return a refusal in the admin's language."""
        if isinstance(fault, WordsRefused):
            return fault.words.get(self.language(request, admin), str(fault))
        return str(fault)

    def show_once(self, admin: Admin, page: str, what: str) -> Response:
        """Send the browser to ``page``, which will show ``what`` once: ``shown_once`` hands it over."""
        response = RedirectResponse(page, 303)
        self.pages.once.give(response, admin.visitor.signin.id, page, what)
        return response

    def shown_once(self, request: Request, admin: Admin) -> str:
        """Return what this very page has to show once, or ``""``; ``pages.once.taken`` ends it."""
        return self.pages.once.read(request, admin.visitor.signin.id, request.url.path)


def done(page: str, act: str) -> Response:
    """Send the browser back to a page, which will say that ``act`` is done."""
    return RedirectResponse(f"{page}?{urlencode({'done': act})}", 303)
