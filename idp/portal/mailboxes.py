"""My mailboxes elsewhere: which are linked, linking by the provider's consent, unlinking.

The provider's page is reached by a link and not by a redirect of the form: forms lead to our own pages alone.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.portal.room import Room, done
from idp.signin.neighbours import Neighbours
from idp.signin.standing import Visitor
from idp.upstreams.linking import CALLBACK
from kernel.problems import Missing, Refused, Unavailable
from kernel.records.people import User
from kernel.records.upstreams import UpstreamGrant

PAGE = "/portal/mailboxes"
LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One backend as it stands for a person. ``consent``: they link it themselves, at the provider."""

    backend: str
    consent: bool
    grant: UpstreamGrant | None

    @property
    def needed(self) -> bool:
        """Whether mail programs cannot open it as it stands."""
        return self.grant is None or bool(self.grant.broken)


class MyMailboxes:
    """``/portal/mailboxes``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        if self._room.at.linking is None:
            return []
        return [
            Route(PAGE, self.list, methods=["GET"]),
            Route(CALLBACK, self.back, methods=["GET"]),
            Route(PAGE + "/{backend}/link", self.link, methods=["POST"]),
            Route(PAGE + "/{backend}/unlink", self.unlink, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """Show every mailbox that can be linked."""
        visitor = await self._room.enter(request)
        return visitor if isinstance(visitor, Response) else await self._list(request, visitor)

    async def link(self, request: Request) -> Response:
        """Show the way to the provider."""
        entered = await self._room.act(request, fresh=PAGE)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        linking, backend = self._room.at.linking, request.path_params["backend"]
        try:
            address = await linking.begin(visitor.user, backend, visitor.signin.id) if linking else ""
        except Refused:
            return self._room.missing(request, visitor)
        host = urlsplit(address).hostname or ""
        return self._room.draw(request, visitor, "mailbox_go", "home", address=address, host=host)

    async def back(self, request: Request) -> Response:
        """Take what the provider sends its visitor back with."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        state, code = (request.query_params.get(name, "")[:LONGEST] for name in ("state", "code"))
        linking = self._room.at.linking
        if linking is None or not state or not code:
            return await self._list(request, visitor, 422)
        try:
            await linking.finish(visitor.actor, state, code, visitor.signin.id)
        except (Refused, Unavailable):
            return await self._list(request, visitor, 422)
        return done(PAGE, "linked")

    async def unlink(self, request: Request) -> Response:
        """Forget one."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        _, visitor = entered
        linking = self._room.at.linking
        try:
            if linking is not None:
                await linking.unlink(visitor.actor, visitor.user, request.path_params["backend"])
        except Missing:
            return self._room.missing(request, visitor)
        return done(PAGE, "unlinked")

    async def _list(self, request: Request, visitor: Visitor, status: int = 200) -> Response:
        found = await mailboxes(self._room.at, visitor.user)
        return self._room.draw(request, visitor, "mailboxes", "home", status, mailboxes=found, failed=status != 200)


async def mailboxes(at: Neighbours, user: User) -> list[Mailbox]:
    """Return the mailboxes elsewhere that concern a person."""
    linking = at.linking
    if linking is None or not linking.backends:
        return []
    grants = {grant.backend: grant for grant, _ in await linking.held(user.id)}
    concerned = {each.name for each in linking.concerning(user)} | set(grants)
    return [
        Mailbox(each.name, each.oauth is not None, grants.get(each.name))
        for each in linking.backends
        if each.name in concerned
    ]


async def unlinked(at: Neighbours, visitor: Visitor) -> bool:
    """Say whether this person should link something (again)."""
    return any(each.needed and each.consent for each in await mailboxes(at, visitor.user))
