"""The start page: what opens for me from here, what I still have to set up, what is open now."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.portal.holdings import Holdings, read_holdings
from idp.portal.mail_clients import offered
from idp.portal.room import Room
from idp.signin.gate import subject_key
from idp.signin.returns import origin_of
from idp.signin.standing import Visitor
from idp.web.peer import peer_of
from policies.model import Outcome


@dataclass(frozen=True, slots=True)
class Door:
    """One service as it stands for this person now. ``href`` leads in (web routes), ``words`` say why not."""

    service: str
    outcome: Outcome
    href: str = ""
    words: str = ""


class Home:
    """``/portal``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/portal", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """Draw the start page."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        at = self._room.at
        now = at.clock.now()
        held = await at.store.read(lambda tx: read_holdings(tx, visitor.user.id, now))
        live = at.live.by_user(visitor.user.id)
        return self._room.draw(
            request,
            visitor,
            "home",
            "home",
            doors=await self._doors(request, visitor),
            held=held,
            live=live,
            wanting=wanting(visitor, held),
            mail=offered(at.settings),
        )

    async def _doors(self, request: Request, visitor: Visitor) -> list[Door]:
        """Return every web route, with what the policy would say right now."""
        at = self._room.at
        subject = await at.store.read(lambda tx: at.subjects(tx, subject_key(visitor.signin)))
        if subject is None:
            return []
        doors, language = [], at.pages.language(request, visitor.user)
        for route in at.settings.routes:
            decision = at.judge.decide(subject, route.name, peer_of(request).address)
            denied = decision.outcome is Outcome.DENY
            words = decision.words(language) if denied else ""
            doors.append(Door(route.name, decision.outcome, "" if denied else origin_of(route) + route.path, words))
        return doors


def wanting(visitor: Visitor, held: Holdings) -> Sequence[str]:
    """Return what this person should still do, most important first: names of texts ``portal.want.<name>``."""
    wants = {
        "register": not visitor.signin.device_id,
        "code": held.code is None,
        "recovery": held.code is not None and held.codes_left < 3,
        "app-password": bool(held.usable) and not held.app_passwords,
    }
    return [name for name, lacks in wants.items() if lacks]
