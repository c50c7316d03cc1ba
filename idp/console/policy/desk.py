"""What every page of the policy stands on: who may come in, the acts, and answers as a page, a part of one, or JSON."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from idp.console.policy.draft import FORM_LIMIT
from idp.console.policy.showing import for_templates
from idp.console.room import Admin, Room
from idp.web.forms import Form
from kernel.records.devices import Proof
from policies.vocabulary import SERVICES

PROOFS = ("", *(str(proof) for proof in Proof))
SHUT = {"error": "not admitted"}


class Desk:
    """Shared by the parts of the policy's pages."""

    def __init__(self, room: Room) -> None:
        self.room, self.acts = room, room.acts

    async def enter(self, request: Request) -> Admin | Response:
        """Return the admin whom the policy lets in, or what to answer instead."""
        return await self.room.enter(request)

    async def act(self, request: Request) -> tuple[Form, Admin] | Response:
        """Return form and admin of a POST that our own page sent, with room for a document."""
        return await self.room.act(request, FORM_LIMIT)

    async def act_aside(self, request: Request) -> tuple[Form, Admin] | Response:
        """As ``act``, for the page's own script: whoever is not let in gets JSON and 403."""
        entered = await self.act(request)
        return self.json(SHUT, 403) if isinstance(entered, Response) else entered

    def page(self, request: Request, admin: Admin, template: str, status: int = 200, **context: Any) -> Response:
        """Return a page."""
        services = [*SERVICES, *self.acts.publishing.services()]
        return self.room.draw(
            request,
            admin,
            f"policy/{template}",
            "policy",
            status,
            services=list(dict.fromkeys(services)),
            proofs=PROOFS,
            catalogue=self.room.pages.catalogue,
            **for_templates(self.language(request, admin)),
            **context,
        )

    async def waiting(self) -> int:
        """Return how many proposals wait for an answer."""
        return len(await self.acts.publishing.proposals.find())

    def part(self, request: Request, admin: Admin, template: str, **context: Any) -> str:
        """Return a part of a page as HTML, for the page's own script."""
        return bytes(self.page(request, admin, template, **context).body).decode()

    def json(self, content: Mapping[str, Any], status: int = 200) -> Response:
        """Return an answer for the page's own script."""
        return JSONResponse(content, status, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})

    def language(self, request: Request, admin: Admin) -> str:
        """Return the language that this admin reads."""
        return self.room.language(request, admin)
