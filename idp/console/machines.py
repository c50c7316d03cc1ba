"""Devices: find, approve, manage, lose, revoke, restore, signals, certificate, rename, remove, end."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.actor import Actor
from idp.admin.machines import MOVES, signal_value
from idp.console.room import Admin, Room, done
from idp.web.forms import Form
from kernel.problems import Refused
from kernel.records.devices import OUT, Trust
from policies.vocabulary import SIGNALS

LIST = "/console/devices"
SHOWN = 200
TABS = ("", "pending", "enrolled", "managed", "lost", "revoked")

Step = Callable[[Actor, str, Form], Awaitable[Any]]


class Machines:
    """``/console/devices``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        machines, sessions = room.acts.machines, room.acts.sessions
        self._steps: Mapping[str, Step] = {
            "signal": lambda actor, name, form: machines.signal(
                actor, name, form.text("signal", 60), signal_value(form.text("value", 200))
            ),
            "rename": lambda actor, name, form: machines.rename(actor, name, form.text("name", 100)),
            "end": lambda actor, name, _: sessions.end_device(actor, name),
        }

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        one = LIST + "/{id}"
        return [
            Route(LIST, self.list, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(one + "/certificate", self.certificate, methods=["POST"]),
            Route(one + "/remove", self.remove, methods=["POST"]),
            *(Route(f"{one}/{move}", self._mover(move), methods=["POST"]) for move in MOVES),
            *(Route(f"{one}/{step}", self._stepper(step), methods=["POST"]) for step in self._steps),
        ]

    async def list(self, request: Request) -> Response:
        """Show devices."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        text, trust = request.query_params.get("q", "")[:100].strip(), request.query_params.get("trust", "")
        trust = trust if trust in TABS else ""
        found = await self._room.acts.machines.find(text=text, trust=trust, limit=SHOWN)
        pending = await self._room.acts.machines.find(trust=Trust.PENDING, limit=SHOWN)
        return self._room.draw(
            request,
            admin,
            "devices",
            "devices",
            found=found,
            pending=len(pending),
            filters={"q": text, "trust": trust},
            tabs=TABS,
            shown=SHOWN,
        )

    async def show(self, request: Request) -> Response:
        """Show one device."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        pem = self._room.shown_once(request, admin)
        shown = await self._show(request, admin, pem=pem)
        return self._room.pages.once.taken(shown) if pem else shown

    async def certificate(self, request: Request) -> Response:
        """Sign a certificate request; the device's page shows the certificate once."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        csr = form.text("csr", 16384)
        try:
            pem = await self._room.acts.machines.certify(admin.actor, _id(request), csr)
        except Refused as fault:
            return await self._show(request, admin, {"csr": self._room.say(request, admin, fault)}, csr=csr)
        return self._room.show_once(admin, f"{LIST}/{_id(request)}", pem)

    async def remove(self, request: Request) -> Response:
        """Forget a device."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, admin = entered
        await self._room.acts.machines.remove(admin.actor, _id(request))
        return done(LIST, "device-removed")

    def _mover(self, move: str) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            entered = await self._room.act(request)
            if isinstance(entered, Response):
                return entered
            form, admin = entered
            await self._room.acts.machines.move(admin.actor, _id(request), move, form.text("note", 500))
            back = LIST if form.text("back") == "list" else f"{LIST}/{_id(request)}"
            return done(back, f"device-{move}")

        return take

    def _stepper(self, step: str) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            entered = await self._room.act(request)
            if isinstance(entered, Response):
                return entered
            form, admin = entered
            try:
                await self._steps[step](admin.actor, _id(request), form)
            except Refused as fault:
                return await self._show(request, admin, {_FIELD[step]: self._room.say(request, admin, fault)})
            return done(f"{LIST}/{_id(request)}", f"device-{step}")

        return take

    async def _show(
        self,
        request: Request,
        admin: Admin,
        faults: dict[str, str] | None = None,
        pem: str = "",
        csr: str = "",
    ) -> Response:
        shown = await self._room.acts.machines.show(_id(request))
        return self._room.draw(
            request,
            admin,
            "machine",
            "devices",
            422 if faults else 200,
            shown=shown,
            device=shown.device,
            moves=_moves(shown.device.trust),
            signal_names=sorted(SIGNALS),
            live=self._room.acts.sessions.all(device=shown.device.id),
            pem=pem,
            csr=csr,
            faults=faults or {},
        )


_FIELD = {"signal": "value", "rename": "name", "end": ""}


def _moves(trust: Trust) -> list[str]:
    """Return the moves that change something and make sense from this trust."""
    if trust in OUT:
        return ["restore", *(["revoke"] if trust is not Trust.REVOKED else [])]
    known = {Trust.PENDING: ["approve", "manage"], Trust.ENROLLED: ["manage"], Trust.MANAGED: ["approve"]}
    return [*known.get(trust, []), "lose", "revoke"]


def _id(request: Request) -> str:
    return str(request.path_params["id"])
