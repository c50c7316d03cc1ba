"""The portal put together: one room, the routes of every part."""

from starlette.routing import Route

from idp.portal.app_passwords import MyAppPasswords
from idp.portal.bringing import BringingIn
from idp.portal.devices import MyDevices
from idp.portal.home import Home
from idp.portal.room import Room
from idp.portal.security import MySecurity
from idp.portal.sessions import MySessions
from idp.portal.texts import TEXTS
from idp.portal.why import Why
from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.web.areas import Area

PORTAL = Area.beside(__file__, "portal", TEXTS)


class PortalPages:
    """Every page of the portal."""

    def __init__(self, neighbours: Neighbours, gate: SignInGate) -> None:
        room = Room(neighbours, gate)
        devices = (BringingIn(room), MyDevices(room))
        parts = (Home(room), *devices, MyAppPasswords(room), MySessions(room), MySecurity(room), Why(room))
        self._routes = [route for part in parts for route in part.routes()]

    def routes(self) -> list[Route]:
        """Return every route of the portal."""
        return self._routes
