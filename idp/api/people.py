"""Endpoints of users and groups."""

from collections.abc import Sequence
from typing import Any

from idp.admin import views
from idp.admin.acts import Acts
from idp.admin.people import CHANGEABLE
from idp.api.endpoint import Call, Endpoint, listed
from kernel.problems import Refused


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    users, groups = Users(acts), GroupCalls(acts)
    return (
        Endpoint("GET", "/users", users.find),
        Endpoint("POST", "/users", users.add, 201),
        Endpoint("GET", "/users/{name}", users.show),
        Endpoint("PATCH", "/users/{name}", users.change),
        Endpoint("DELETE", "/users/{name}", users.remove),
        Endpoint("POST", "/users/{name}/disable", users.disable),
        Endpoint("POST", "/users/{name}/enable", users.enable),
        Endpoint("POST", "/users/{name}/invite", users.invite),
        Endpoint("POST", "/users/{name}/reset", users.reset),
        Endpoint("POST", "/users/{name}/password", users.password),
        Endpoint("GET", "/groups", groups.all),
        Endpoint("POST", "/groups", groups.add, 201),
        Endpoint("DELETE", "/groups/{name}", groups.remove),
        Endpoint("GET", "/groups/{name}/members", groups.members),
        Endpoint("PUT", "/groups/{name}/members/{user}", groups.join),
        Endpoint("DELETE", "/groups/{name}/members/{user}", groups.leave),
    )


class Users:
    """Calls on users."""

    def __init__(self, acts: Acts) -> None:
        self._acts, self._people = acts, acts.people

    async def find(self, call: Call) -> Any:
        query = call.query
        text, group, after = query.text("q"), query.text("group"), query.text("after")
        limit = max(1, min(query.whole("limit", 100), 1000))
        query.done()
        return listed(await self._people.find(text, group=group, after=after, limit=limit), views.user)

    async def add(self, call: Call) -> Any:
        """Add a user; with ``invite`` true also make the link that lets them in for the first time."""
        body = call.body
        name, email = body.needed("name", 64), body.needed("email", 254)
        shown, language = body.text("display_name", longest=100), body.text("language", "en", 8)
        groups, invite = body.texts("groups"), body.flag("invite")
        body.done()
        made = await self._people.add(call.actor, name, email, shown, language, groups)
        link = self._acts.invitation(await self._people.invite(call.actor, made.id)) if invite else ""
        return views.user(made) | ({"invitation": link} if link else {})

    async def show(self, call: Call) -> Any:
        return views.person(await self._people.show(call.path["name"]))

    async def change(self, call: Call) -> Any:
        changes = {name: _field(call, name) for name in CHANGEABLE if name in call.body}
        call.body.done()
        if not changes:
            raise Refused(f"name a field to change: {', '.join(CHANGEABLE)}")
        return views.user(await self._people.change(call.actor, call.path["name"], changes))

    async def remove(self, call: Call) -> Any:
        return views.user(await self._people.remove(call.actor, call.path["name"]))

    async def disable(self, call: Call) -> Any:
        return views.user(await self._people.set_disabled(call.actor, call.path["name"], True))

    async def enable(self, call: Call) -> Any:
        return views.user(await self._people.set_disabled(call.actor, call.path["name"], False))

    async def invite(self, call: Call) -> Any:
        return {"invitation": self._acts.invitation(await self._people.invite(call.actor, call.path["name"]))}

    async def reset(self, call: Call) -> Any:
        return {"invitation": self._acts.invitation(await self._people.reset(call.actor, call.path["name"]))}

    async def password(self, call: Call) -> Any:
        password = call.body.needed("password", 1024)
        call.body.done()
        await self._people.set_password(call.actor, call.path["name"], password)
        return {"changed": True}


class GroupCalls:
    """Calls on groups."""

    def __init__(self, acts: Acts) -> None:
        self._groups = acts.groups

    async def all(self, call: Call) -> Any:
        return listed(
            await self._groups.all(),
            lambda each: {
                "name": each.group.name,
                "description": each.group.description,
                "members": each.members,
            },
        )

    async def add(self, call: Call) -> Any:
        name, description = call.body.needed("name", 64), call.body.text("description", longest=500)
        call.body.done()
        made = await self._groups.add(call.actor, name, description)
        return {"name": made.name, "description": made.description, "members": 0}

    async def remove(self, call: Call) -> Any:
        return {"members": await self._groups.remove(call.actor, call.path["name"])}

    async def members(self, call: Call) -> Any:
        return listed(await self._groups.members(call.path["name"]), views.user)

    async def join(self, call: Call) -> Any:
        return views.user(await self._groups.join(call.actor, call.path["name"], call.path["user"]))

    async def leave(self, call: Call) -> Any:
        return views.user(await self._groups.leave(call.actor, call.path["name"], call.path["user"]))


def _field(call: Call, name: str) -> object:
    if name == "aliases":
        return tuple(call.body.texts(name))
    if name == "attributes":
        return _attributes(call.body.anything(name))
    return call.body.text(name, longest=254)


def _attributes(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for pair in value.items() for each in pair):
        raise Refused("`attributes` must be an object of texts")
    if len(value) > 50 or any(len(each) > 500 for pair in value.items() for each in pair):
        raise Refused("`attributes` may have at most 50 entries of 500 characters")
    return value
