"""The policy's pages put together: one desk, the routes of every part."""

from starlette.routing import Route

from idp.console.policy.asking import Asking
from idp.console.policy.desk import Desk
from idp.console.policy.editing import Editing
from idp.console.policy.history import History
from idp.console.policy.publishing import Publish
from idp.console.room import Room


class PolicyPages:
    """``/console/policy`` and everything below."""

    def __init__(self, room: Room) -> None:
        desk = Desk(room)
        self._parts = (Editing(desk), Asking(desk), Publish(desk), History(desk))

    def routes(self) -> list[Route]:
        """Return the routes of every part."""
        return [route for part in self._parts for route in part.routes()]
