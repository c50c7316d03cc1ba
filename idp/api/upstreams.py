"""Endpoints of what logs people in at backends: who is linked where, linking by consent, by token or secret, unlinking.
No answer holds a secret."""

from collections.abc import Sequence
from typing import Any

from idp.admin.acts import Acts
from idp.api.endpoint import Call, Endpoint
from idp.upstreams.linking import Linking
from kernel.problems import Missing
from kernel.records.people import User
from kernel.records.upstreams import UpstreamGrant


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = UpstreamCalls(acts)
    return (
        Endpoint("GET", "/upstreams", calls.all),
        Endpoint("POST", "/upstreams/{backend}/{name}/link", calls.begin),
        Endpoint("POST", "/upstreams/finish", calls.finish),
        Endpoint("PUT", "/upstreams/{backend}/{name}", calls.hand_over),
        Endpoint("DELETE", "/upstreams/{backend}/{name}", calls.unlink),
    )


class UpstreamCalls:
    """Calls on links."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    @property
    def _linking(self) -> Linking:
        if self._acts.linking is None:
            raise Missing("nothing can be linked here")
        return self._acts.linking

    async def all(self, call: Call) -> Any:
        name = call.query.text("user")
        call.query.done()
        user_id = (await self._user(name)).id if name else ""
        found = await self._linking.held(user_id)
        backends = [each.name for each in self._linking.backends]
        return {"items": [_view(grant, owner) for grant, owner in found], "backends": backends}

    async def begin(self, call: Call) -> Any:
        call.body.done()
        who = await self._user(call.path["name"])
        return {"address": await self._linking.begin(who, call.path["backend"])}

    async def finish(self, call: Call) -> Any:
        address = call.body.needed("address", 8192)
        call.body.done()
        return _view(await self._linking.finish_at(call.actor.name, address), None)

    async def hand_over(self, call: Call) -> Any:
        secret, account = call.body.needed("secret", 16384), call.body.text("account", longest=254)
        call.body.done()
        who = await self._user(call.path["name"])
        grant = await self._linking.hand_over(call.actor.name, who, call.path["backend"], secret, account)
        return _view(grant, who)

    async def unlink(self, call: Call) -> Any:
        who = await self._user(call.path["name"])
        await self._linking.unlink(call.actor.name, who, call.path["backend"])
        return {"user": who.name, "backend": call.path["backend"]}

    async def _user(self, name: str) -> User:
        return await self._acts.people.get(name)


def _view(grant: UpstreamGrant, owner: User | None) -> dict[str, Any]:
    return {
        "backend": grant.backend,
        "user": owner.name if owner else "",
        "user_id": grant.user_id,
        "account": grant.account,
        "linked_at": grant.linked_at,
        "broken": grant.broken,
        "broken_at": grant.broken_at,
    }
