"""Who is in, drawn and kept fresh, with a kill switch for each session, user and device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.console.room import Admin, Room, done
from kernel.problems import Refused
from kernel.records.sessions import LiveSession

SHOWN = 300
PAGE = "/console"
ENDED = "session-ended"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is going on: totals, sessions per service (busiest first), and the sessions that match the filter."""

    total: int
    people: int
    devices: int
    services: Sequence[tuple[str, int]]
    sessions: Sequence[LiveSession]
    matching: int

    def tally(self) -> dict[str, Any]:
        """Return the numbers alone, for the page's own script."""
        return {
            "total": self.total,
            "people": self.people,
            "devices": self.devices,
            "services": [list(each) for each in self.services],
        }


class Live:
    """``/console``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE, self.show, methods=["GET"]),
            Route("/console/live", self.poll, methods=["GET"]),
            Route("/console/sessions/end", self.end, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the picture."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        return self._show(request, admin)

    async def poll(self, request: Request) -> Response:
        """Answer the page's script: the numbers, and the rows as they would stand on the page."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return JSONResponse({"error": "not admitted"}, 403, headers={"Cache-Control": "no-store"})
        picture = self._picture(request)
        rows = self._room.draw(request, admin, "live_rows", "live", picture=picture, filters=_filters(request))
        ids = [each.id for each in picture.sessions]
        content = {**picture.tally(), "ids": ids, "rows": bytes(rows.body).decode()}
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    async def end(self, request: Request) -> Response:
        """End one session, or everything of a user or a device."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        sessions = self._room.acts.sessions
        session, user, device = form.text("session"), form.text("user"), form.text("device")
        try:
            if session:
                await sessions.end(admin.actor, session)
            elif user:
                await sessions.end_user(admin.actor, user)
            else:
                await sessions.end_device(admin.actor, device)
        except Refused as fault:
            return self._show(request, admin, {"": self._room.say(request, admin, fault)})
        return done(PAGE, ENDED)

    def _show(self, request: Request, admin: Admin, faults: dict[str, str] | None = None) -> Response:
        return self._room.draw(
            request,
            admin,
            "live",
            "live",
            422 if faults else 200,
            picture=self._picture(request),
            filters=_filters(request),
            faults=faults or {},
        )

    def _picture(self, request: Request) -> Picture:
        filters = _filters(request)
        everyone = self._room.acts.sessions.all()
        text = filters["q"].casefold()
        found = [each for each in everyone if _matches(each, text) and filters["service"] in ("", each.service)]
        return Picture(
            total=len(everyone),
            people=len({each.user_id for each in everyone}),
            devices=len({each.device_id for each in everyone if each.device_id}),
            services=tuple(self._room.acts.sessions.per_service().items()),
            sessions=found[:SHOWN],
            matching=len(found),
        )


def _filters(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "")[:100].strip() for name in ("q", "service")}


def _matches(session: LiveSession, text: str) -> bool:
    fields = (session.user, session.device, session.address, session.client, session.node, session.id)
    return not text or any(text in field.casefold() for field in fields)
