"""My app passwords: for mail clients that know no sign-in page; one device, chosen services, shown once."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.portal.holdings import read_holdings
from idp.portal.mail_clients import mail_settings, offered
from idp.portal.room import Room, done
from idp.signin.enrolment import spoken
from idp.signin.standing import Visitor
from idp.web.forms import Form
from kernel.problems import Refused
from kernel.records.credentials import AppPassword

LIST = "/portal/app-passwords"
SHOWN = LIST + "/made"


class MyAppPasswords:
    """``/portal/app-passwords``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(LIST, self.list, methods=["GET"]),
            Route(LIST, self.make, methods=["POST"]),
            Route(SHOWN, self.shown, methods=["GET"]),
            Route(LIST + "/{app_password_id}/revoke", self.revoke, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """Show all that are in force, and the form for a new one."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        return await self._list(request, visitor)

    async def _list(
        self, request: Request, visitor: Visitor, faults: dict[str, str] | None = None, form: Form | None = None
    ) -> Response:
        at, now = self._room.at, self._room.at.clock.now()
        held = await at.store.read(lambda tx: read_holdings(tx, visitor.user.id, now))
        return self._room.draw(
            request,
            visitor,
            "app_passwords",
            "app-passwords",
            422 if faults else 200,
            held=held,
            services=offered(at.settings),
            chosen=(form or request.query_params).get("device", ""),
            named=form.get("name", "") if form else "",
            faults=faults or {},
        )

    async def make(self, request: Request) -> Response:
        """Make one; the page that the browser is sent to shows it."""
        entered = await self._room.act(request, fresh=LIST)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        at = self._room.at
        services = [service for service in form.all("service") if service in offered(at.settings)]
        try:
            made, typed = await at.accounts.make_app_password(
                visitor.actor, visitor.user.id, form.text("device", 64), services, form.text("name", 200)
            )
        except Refused as fault:
            words = spoken(fault, at.pages.language(request, visitor.user))
            return await self._list(request, visitor, {"" if services else "services": words}, form)
        response = RedirectResponse(SHOWN, 303)
        at.pages.once.give(response, visitor.signin.id, SHOWN, f"{made.id} {typed}")
        return response

    async def shown(self, request: Request) -> Response:
        """Show what was just made, once, with what to type into the client."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        at = self._room.at
        name, _, typed = at.pages.once.read(request, visitor.signin.id, SHOWN).partition(" ")
        made = await at.store.read(lambda tx: tx.get(AppPassword, name)) if typed else None
        if made is None:
            return RedirectResponse(LIST, 303)
        servers = mail_settings(at.settings, sorted(made.services))
        drawn = self._room.draw(
            request, visitor, "app_password", "app-passwords", made=made, typed=typed, servers=servers
        )
        return at.pages.once.taken(drawn)

    async def revoke(self, request: Request) -> Response:
        """Revoke one; the sessions that stand on it end."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        name = request.path_params["app_password_id"]
        held = await self._room.at.store.read(lambda tx: tx.get(AppPassword, name))
        if held is None or held.user_id != visitor.user.id:
            return self._room.missing(request, visitor)
        await self._room.at.accounts.revoke_app_password(visitor.actor, held.id)
        return done(LIST, "revoked")
