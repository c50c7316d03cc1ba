"""The policy's pages put together: one desk, the routes of every part."""

from starlette.routing import Route

from idp.console.policy.asking import Asking
from idp.console.policy.desk import Desk
from idp.console.policy.editing import Editing
from idp.console.policy.history import History
from idp.console.policy.proposing import Proposing
from idp.console.policy.publishing import Publish
from idp.console.policy.replaying import Replays
from idp.console.policy.reviewing import Reviewing
from idp.console.policy.starting import Starting
from idp.console.policy.trying import Trying
from idp.console.room import Room


class PolicyPages:
    """``/console/policy`` and everything below."""

    def __init__(self, room: Room) -> None:
        desk = Desk(room)
        reviewing = Reviewing(desk)
        self._parts = (
            Editing(desk),
            Asking(desk),
            Starting(desk),
            reviewing,
            Publish(desk, reviewing),
            Proposing(desk),
            Trying(desk),
            Replays(desk),
            History(desk),
        )

    def routes(self) -> list[Route]:
        """Return the routes of every part."""
        return [route for part in self._parts for route in part.routes()]
