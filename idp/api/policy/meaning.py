"""Endpoints about what a policy means: what changes between two, what can never happen, who could reach a service."""

from collections.abc import Sequence
from typing import Any

from idp.admin import access_views
from idp.admin.acts import Acts
from idp.admin.comparing import Side
from idp.admin.who_can import Wish
from idp.api.endpoint import LARGE, Call, Endpoint
from idp.api.policy.reading import LONGEST
from idp.api.reading import Fields
from kernel.problems import Refused
from policies.vocabulary import SERVICES

MOST_SERVICES = 200


def endpoints(acts: Acts) -> Sequence[Endpoint]:
    """Return the rows."""
    calls = Meaning(acts)
    return (
        Endpoint("POST", "/policy/diff", calls.diff, limit=LARGE),
        Endpoint("POST", "/policy/prove", calls.prove, limit=LARGE),
        Endpoint("GET", "/policy/who-can", calls.who_can),
        Endpoint("POST", "/policy/who-can", calls.who_can_under, limit=LARGE),
    )


class Meaning:
    """Calls about meaning. A policy is named by ``text`` (a draft) or ``revision`` (0 or left out: in force)."""

    def __init__(self, acts: Acts) -> None:
        self._comparing, self._who_can, self._publishing, self._clients = (
            acts.comparing,
            acts.who_can,
            acts.publishing,
            acts.clients,
        )

    async def diff(self, call: Call) -> Any:
        """Answer what changes from ``old_text`` or ``old_revision`` to ``text`` or ``revision``."""
        body = call.body
        old, new = _side(body, "old_"), _side(body, "")
        authorship = body.flag("authorship")
        body.done()
        return await self._comparing.diff(old, new, authorship=authorship)

    async def prove(self, call: Call) -> Any:
        """Answer what becomes of every ``never``, and which rules decide nothing."""
        side = _side(call.body, "")
        call.body.done()
        return await self._comparing.prove(side)

    async def who_can(self, call: Call) -> Any:
        """Answer under a revision; ``service`` may name several, with commas."""
        query = call.query
        named = [each.strip() for each in query.text("service").split(",") if each.strip()]
        return await self._list(query, named, None)

    async def who_can_under(self, call: Call) -> Any:
        """Answer under a draft; ``service`` is a list."""
        body = call.body
        text = body.text("text", longest=LONGEST) if "text" in body else None
        return await self._list(body, body.texts("service", MOST_SERVICES), text)

    async def _list(self, fields: Fields, services: Sequence[str], text: str | None) -> Any:
        wish = Wish(
            services=(services or await self._services())[:MOST_SERVICES],
            user=fields.text("user"),
            group=fields.text("group"),
            address=fields.text("address"),
            text=text,
            revision=fields.whole("revision"),
            after=fields.text("after"),
            limit=fields.whole("limit", 200),
        )
        fields.done()
        return access_views.page(await self._who_can.page(wish))

    async def _services(self) -> Sequence[str]:
        clients = [f"client:{each.client_id}" for each in await self._clients.all()]
        return list(dict.fromkeys((*SERVICES, *self._publishing.services(), *clients)))


def _side(body: Fields, prefix: str) -> Side:
    text, revision = f"{prefix}text", f"{prefix}revision"
    if text in body and revision in body:
        raise Refused(f"give `{text}` or `{revision}`, not both")
    return Side(body.text(text, longest=LONGEST) if text in body else None, body.whole(revision))
