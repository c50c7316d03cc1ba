"""Endpoints of devices and live sessions."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any

from idp.admin import views
from idp.admin.acts import Acts
from idp.admin.machines import MOVES
from idp.api.endpoint import Call, Endpoint, listed
from kernel.problems import Refused


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    devices, sessions = Devices(acts), SessionCalls(acts)
    return (
        Endpoint("GET", "/devices", devices.find),
        Endpoint("POST", "/devices", devices.add, 201),
        Endpoint("POST", "/devices/invitations", devices.invite, 201),
        Endpoint("GET", "/devices/ssh-authority", devices.ssh_authority),
        Endpoint("GET", "/devices/{name:path}", devices.show),
        Endpoint("PATCH", "/devices/{name:path}", devices.rename),
        Endpoint("DELETE", "/devices/{name:path}", devices.remove),
        *(Endpoint("POST", f"/devices/{{name:path}}/{act}", devices.mover(act)) for act in MOVES),
        Endpoint("PUT", "/devices/{name:path}/signals/{signal}", devices.signal),
        Endpoint("POST", "/devices/{name:path}/certificates", devices.certify, 201),
        Endpoint("POST", "/devices/{name:path}/ssh-certificates", devices.certify_ssh, 201),
        Endpoint("GET", "/sessions", sessions.all),
        Endpoint("DELETE", "/sessions/{id}", sessions.end),
        Endpoint("POST", "/sessions/end", sessions.end_many),
    )


class Devices:
    """Calls on devices."""

    def __init__(self, acts: Acts) -> None:
        self._machines = acts.machines

    async def find(self, call: Call) -> Any:
        query = call.query
        owner, trust = query.text("owner"), query.text("trust")
        text, after = query.text("q"), query.text("after")
        limit = max(1, min(query.whole("limit", 100), 1000))
        query.done()
        found = await self._machines.find(owner=owner, trust=trust, text=text, after=after, limit=limit)
        return listed(found, views.owned)

    async def add(self, call: Call) -> Any:
        body = call.body
        owner, name = body.text("owner", longest=254), body.needed("name", 100)
        platform, kind = body.text("platform", longest=60), body.text("kind", "computer", 30)
        body.done()
        made = await self._machines.add(call.actor, owner, name, platform, kind)
        return views.machine(await self._machines.show(made.id))

    async def invite(self, call: Call) -> Any:
        body = call.body
        owner, name = body.text("owner", longest=254), body.needed("name", 100)
        platform, kind, trust = body.text("platform", longest=60), body.text("kind", "computer", 30), body.text("trust")
        body.done()
        return {"code": await self._machines.invite(call.actor, owner, name, platform, kind, trust)}

    async def ssh_authority(self, call: Call) -> Any:
        return {"key": await self._machines.ssh_authority()}

    async def show(self, call: Call) -> Any:
        return views.machine(await self._machines.show(call.path["name"]))

    async def rename(self, call: Call) -> Any:
        new_name = call.body.needed("name", 100)
        call.body.done()
        renamed = await self._machines.rename(call.actor, call.path["name"], new_name)
        return views.machine(await self._machines.show(renamed.id))

    async def remove(self, call: Call) -> Any:
        return views.device(await self._machines.remove(call.actor, call.path["name"]), None)

    def mover(self, act: str) -> Callable[[Call], Awaitable[Any]]:
        """Return the call that moves a device by ``act``."""

        async def move(call: Call) -> Any:
            note = call.body.text("note", longest=500)
            call.body.done()
            moved = await self._machines.move(call.actor, call.path["name"], act, note)
            return views.machine(await self._machines.show(moved.id))

        return move

    async def signal(self, call: Call) -> Any:
        value = call.body.anything("value")
        call.body.done()
        if not isinstance(value, (bool, int, float, str)) or len(str(value)) > 500:
            raise Refused("`value` must be true, false, a number or a text of at most 500 characters")
        await self._machines.signal(call.actor, call.path["name"], call.path["signal"], value)
        return views.machine(await self._machines.show(call.path["name"]))

    async def certify(self, call: Call) -> Any:
        csr = call.body.needed("csr", 32768)
        call.body.done()
        return {"certificate": await self._machines.certify(call.actor, call.path["name"], csr)}

    async def certify_ssh(self, call: Call) -> Any:
        key, hours = call.body.needed("key", 8192), call.body.whole("hours", 8)
        call.body.done()
        if not 1 <= hours <= 24:
            raise Refused("`hours` must be 1 to 24")
        return {"certificate": await self._machines.certify_ssh(call.path["name"], key, hours)}


class SessionCalls:
    """Calls on live sessions."""

    def __init__(self, acts: Acts) -> None:
        self._sessions = acts.sessions

    async def all(self, call: Call) -> Any:
        query = call.query
        user, device, service = query.text("user"), query.text("device"), query.text("service")
        query.done()
        found = self._sessions.all(user=user, device=device, service=service)
        return listed(found, views.session) | {"services": dict(self._sessions.per_service())}

    async def end(self, call: Call) -> Any:
        return views.session(await self._sessions.end(call.actor, call.path["id"]))

    async def end_many(self, call: Call) -> Any:
        """End everything of one user or one device, their sign-ins too."""
        user, device = call.body.text("user"), call.body.text("device")
        call.body.done()
        if bool(user) == bool(device):
            raise Refused("name either a `user` or a `device`")
        if user:
            return asdict(await self._sessions.end_user(call.actor, user))
        return asdict(await self._sessions.end_device(call.actor, device))
