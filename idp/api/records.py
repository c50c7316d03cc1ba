"""Endpoints of relying parties, the audit log and health."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from idp.admin import views
from idp.admin.acts import Acts
from idp.admin.audit_log import Query
from idp.admin.clients import Wanted
from idp.admin.health import worst
from idp.api.endpoint import Call, Endpoint, listed


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    clients, audit = ClientCalls(acts), AuditCalls(acts)
    return (
        Endpoint("GET", "/clients", clients.all),
        Endpoint("POST", "/clients", clients.add, 201),
        Endpoint("DELETE", "/clients/{id}", clients.remove),
        Endpoint("GET", "/audit", audit.tail),
        Endpoint("GET", "/audit/search", audit.search),
        Endpoint("GET", "/audit/verify", audit.verify),
        Endpoint("GET", "/health", audit.health),
    )


class ClientCalls:
    """Calls on relying parties."""

    def __init__(self, acts: Acts) -> None:
        self._clients = acts.clients

    async def all(self, call: Call) -> Any:
        return listed(await self._clients.all(), views.client)

    async def add(self, call: Call) -> Any:
        """Register a client; ``client_secret`` is in this answer and nowhere else."""
        body = call.body
        machine = body.flag("machine")
        wanted = Wanted(
            name=body.needed("name", 100),
            redirect_uris=body.texts("redirect_uris", 20),
            client_id=body.text("client_id", longest=100),
            audience=body.texts("audience", 20),
            scopes=body.texts("scopes", 20) or (("authzen",) if machine else ("openid", "profile", "email")),
            public=body.flag("public"),
            require_pkce=body.flag("require_pkce", True),
            rotate_refresh=body.flag("rotate_refresh", True),
            backchannel_logout_uri=body.text("backchannel_logout_uri"),
            post_logout_redirect_uris=body.texts("post_logout_redirect_uris", 20),
            machine=machine,
        )
        body.done()
        client, secret = await self._clients.add(call.actor, wanted)
        return views.client(client) | ({"client_secret": secret} if secret else {})

    async def remove(self, call: Call) -> Any:
        return views.client(await self._clients.remove(call.actor, call.path["id"]))


class AuditCalls:
    """Calls on the audit log and on health."""

    def __init__(self, acts: Acts) -> None:
        self._audit, self._health = acts.audit, acts.health

    async def tail(self, call: Call) -> Any:
        """Answer with entries after ``since``, or with the newest ``limit`` when it is not given."""
        query = call.query
        limit = query.whole("limit", 20)
        since = query.whole("since") if "since" in query else None
        query.done()
        found = await (self._audit.latest(limit) if since is None else self._audit.since(since, limit))
        return listed(found, views.entry)

    async def search(self, call: Call) -> Any:
        query = call.query
        wanted = Query(
            user=query.text("user"),
            device=query.text("device"),
            kind=query.text("kind"),
            reference=query.text("reference"),
            text=query.text("text"),
            before=query.whole("before"),
            limit=query.whole("limit", 100),
        )
        query.done()
        return listed(await self._audit.search(wanted), views.entry)

    async def verify(self, call: Call) -> Any:
        verdict = await asyncio.to_thread(self._audit.verify)
        return {"good": not verdict.fault, "entries": verdict.entries, "fault": verdict.fault}

    async def health(self, call: Call) -> Any:
        rows = await self._health.rows()
        return {"state": str(worst(rows)), "rows": [asdict(row) for row in rows]}
