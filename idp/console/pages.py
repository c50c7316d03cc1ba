"""The console put together: one room, the routes of every part."""

from starlette.routing import Route

from idp.admin.acts import Acts
from idp.console.clients import ClientPages
from idp.console.live import Live
from idp.console.machines import Machines
from idp.console.people import People
from idp.console.policy.pages import PolicyPages
from idp.console.records import Records
from idp.console.room import Gate, Room
from idp.console.texts import TEXTS
from idp.web.areas import Area
from idp.web.pages import Pages
from kernel.clock import Clock

CONSOLE = Area.beside(__file__, "console", TEXTS)


class ConsolePages:
    """Every page of the console."""

    def __init__(self, acts: Acts, pages: Pages, gate: Gate, clock: Clock) -> None:
        room = Room(acts, pages, gate, clock)
        parts = (Live(room), People(room), Machines(room), PolicyPages(room), ClientPages(room), Records(room))
        self._routes = [route for part in parts for route in part.routes()]

    def routes(self) -> list[Route]:
        """Return every route of the console."""
        return self._routes
