"""People and groups: find, add, invite, disable, reset, remove, end; join and leave groups."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.admin.actor import Actor
from idp.console.room import Admin, Room, done
from idp.web.forms import Form
from kernel.problems import Refused

LIST = "/console/users"
SHOWN = 200

Step = Callable[[Actor, str, Form], Awaitable[Any]]


class People:
    """``/console/users``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        acts = room.acts
        self._steps: Mapping[str, Step] = {
            "disable": lambda actor, name, _: acts.people.set_disabled(actor, name, True),
            "enable": lambda actor, name, _: acts.people.set_disabled(actor, name, False),
            "change": lambda actor, name, form: acts.people.change(actor, name, _changes(form)),
            "join": lambda actor, name, form: acts.groups.join(actor, form.text("group"), name),
            "leave": lambda actor, name, form: acts.groups.leave(actor, form.text("group"), name),
            "end": lambda actor, name, _: acts.sessions.end_user(actor, name),
        }

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        one = LIST + "/{name}"
        return [
            Route(LIST, self.list, methods=["GET"]),
            Route(LIST, self.add, methods=["POST"]),
            Route("/console/groups", self.add_group, methods=["POST"]),
            Route("/console/groups/remove", self.remove_group, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one + "/invite", self.invite, methods=["POST"]),
            Route(one + "/reset", self.reset, methods=["POST"]),
            Route(one + "/remove", self.remove, methods=["POST"]),
            *(Route(f"{one}/{step}", self._stepper(step), methods=["POST"]) for step in self._steps),
        ]

    async def list(self, request: Request) -> Response:
        """Show users and groups."""
        admin = await self._room.enter(request)
        return admin if isinstance(admin, Response) else await self._list(request, admin)

    async def add(self, request: Request) -> Response:
        """Add a user and show their invitation link."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        people = self._room.acts.people
        try:
            made = await people.add(
                admin.actor,
                form.text("name", 100),
                form.text("email", 254),
                form.text("display_name", 100),
                form.text("language", 8) or "en",
                form.all("groups"),
            )
            secret = await people.invite(admin.actor, made.id)
        except Refused as fault:
            return await self._list(request, admin, {"name": self._room.say(request, admin, fault)}, form)
        return self._invited(admin, made.name, secret)

    async def add_group(self, request: Request) -> Response:
        """Make a group."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        try:
            await self._room.acts.groups.add(admin.actor, form.text("group", 100), form.text("description", 500))
        except Refused as fault:
            return await self._list(request, admin, {"group": self._room.say(request, admin, fault)}, form)
        return done(LIST, "group-added")

    async def remove_group(self, request: Request) -> Response:
        """Remove a group from everybody."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        await self._room.acts.groups.remove(admin.actor, form.text("group", 100))
        return done(LIST, "group-removed")

    async def show(self, request: Request) -> Response:
        """Show one user."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        invitation = self._room.shown_once(request, admin)
        shown = await self._show(request, admin, _name(request), invitation=invitation)
        return self._room.pages.once.taken(shown) if invitation else shown

    async def invite(self, request: Request) -> Response:
        """Make an invitation link and show it."""
        return await self._linked(request, self._room.acts.people.invite)

    async def reset(self, request: Request) -> Response:
        """Take all credentials away and show an invitation link."""
        return await self._linked(request, self._room.acts.people.reset)

    async def remove(self, request: Request) -> Response:
        """Remove a user for good, when their name was typed to confirm."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        person = await self._room.acts.people.get(_name(request))
        if form.text("confirm", 100).casefold() != person.name:
            wrong = self._room.pages.say(request, "console.user.confirm.wrong", admin.visitor.user)
            return await self._show(request, admin, person.name, {"confirm": wrong})
        await self._room.acts.people.remove(admin.actor, person.name)
        return done(LIST, "user-removed")

    async def _linked(self, request: Request, act: Callable[[Actor, str], Awaitable[str]]) -> Response:
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, admin = entered
        try:
            secret = await act(admin.actor, _name(request))
        except Refused as fault:
            return await self._show(request, admin, _name(request), {"": self._room.say(request, admin, fault)})
        return self._invited(admin, (await self._room.acts.people.get(_name(request))).name, secret)

    def _invited(self, admin: Admin, name: str, secret: str) -> Response:
        return self._room.show_once(admin, f"{LIST}/{name}", self._room.acts.invitation(secret))

    def _stepper(self, step: str) -> Callable[[Request], Awaitable[Response]]:
        async def take(request: Request) -> Response:
            entered = await self._room.act(request)
            if isinstance(entered, Response):
                return entered
            form, admin = entered
            try:
                await self._steps[step](admin.actor, _name(request), form)
            except Refused as fault:
                return await self._show(request, admin, _name(request), {"": self._room.say(request, admin, fault)})
            return done(f"{LIST}/{_name(request)}", f"user-{step}")

        return take

    async def _list(
        self, request: Request, admin: Admin, faults: dict[str, str] | None = None, form: Form | None = None
    ) -> Response:
        text, group = (request.query_params.get(name, "")[:100].strip() for name in ("q", "group"))
        people = await self._room.acts.people.find(text, group=group, limit=SHOWN)
        if len(people) == 1 and text and people[0].name == text:
            return RedirectResponse(f"{LIST}/{people[0].name}", 303)
        return self._room.draw(
            request,
            admin,
            "users",
            "users",
            422 if faults else 200,
            people=people,
            groups=await self._room.acts.groups.all(),
            filters={"q": text, "group": group},
            shown=SHOWN,
            faults=faults or {},
            form=form or {},
        )

    async def _show(
        self,
        request: Request,
        admin: Admin,
        name: str,
        faults: dict[str, str] | None = None,
        invitation: str = "",
    ) -> Response:
        shown = await self._room.acts.people.show(name)
        groups = [each.group.name for each in await self._room.acts.groups.all()]
        return self._room.draw(
            request,
            admin,
            "user",
            "users",
            422 if faults else 200,
            shown=shown,
            user=shown.user,
            other_groups=[each for each in groups if each not in shown.user.groups],
            live=self._room.acts.sessions.all(user=shown.user.id),
            invitation=invitation,
            faults=faults or {},
        )


def _name(request: Request) -> str:
    return str(request.path_params["name"])


def _changes(form: Form) -> dict[str, object]:
    aliases = tuple(form.text("aliases", 5000).replace(",", " ").split())
    return {
        "display_name": form.text("display_name", 100),
        "email": form.text("email", 254),
        "language": form.text("language", 8),
        "aliases": aliases,
    }
