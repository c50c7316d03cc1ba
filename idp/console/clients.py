"""Applications that sign people in through us (OpenID Connect clients): list, add (secret shown once), remove."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.clients import Wanted
from idp.console.room import Admin, Room, done
from idp.console.words.refused_clients import spoken
from idp.oidc.claims import SCOPES
from idp.web.forms import Form
from kernel.problems import Refused

LIST = "/console/clients"
USUAL = ("openid", "profile", "email")


class ClientPages:
    """``/console/clients``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(LIST, self.list, methods=["GET"]),
            Route(LIST, self.add, methods=["POST"]),
            Route(LIST + "/remove", self.remove, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """Show every application, and the one that was just added with its secret, once."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        told = self._room.shown_once(request, admin)
        shown = await self._list(request, admin, made=json.loads(told) if told else {})
        return self._room.pages.once.taken(shown) if told else shown

    async def add(self, request: Request) -> Response:
        """Register an application."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        try:
            made, secret = await self._room.acts.clients.add(admin.actor, _wanted(form))
        except Refused as fault:
            why = spoken(self._room.say(request, admin, fault), self._room.language(request, admin))
            return await self._list(request, admin, {"": why}, form)
        told = json.dumps({"name": made.name, "client_id": made.client_id, "secret": secret})
        return self._room.show_once(admin, LIST, told)

    async def remove(self, request: Request) -> Response:
        """Remove an application; its tokens die."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        await self._room.acts.clients.remove(admin.actor, form.text("client_id", 128))
        return done(LIST, "client-removed")

    async def _list(
        self,
        request: Request,
        admin: Admin,
        faults: dict[str, str] | None = None,
        form: Form | None = None,
        made: dict[str, str] | None = None,
    ) -> Response:
        return self._room.draw(
            request,
            admin,
            "clients",
            "clients",
            422 if faults else 200,
            clients=await self._room.acts.clients.all(),
            scopes=SCOPES,
            ticked=set(form.all("scope")) if form else set(USUAL),
            made=made or {},
            faults=faults or {},
            form=form or {},
        )


def _wanted(form: Form) -> Wanted:
    return Wanted(
        name=form.text("name", 100),
        redirect_uris=tuple(form.text("redirect_uris", 8000).split()),
        client_id=form.text("client_id", 128),
        scopes=tuple(form.all("scope")),
        public=form.text("kind", 20) == "public",
        require_pkce=form.text("pkce", 20) != "without",
        backchannel_logout_uri=form.text("backchannel_logout_uri", 2000),
        post_logout_redirect_uris=tuple(form.text("post_logout_redirect_uris", 8000).split()),
    )
