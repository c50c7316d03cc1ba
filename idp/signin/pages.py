"""The sign-in pages put together: one gate, one drawing, and the routes of every part."""

from starlette.routing import Route

from idp.signin.browsers import Browsers
from idp.signin.drawing import Drawing
from idp.signin.enrolment import Enrolment
from idp.signin.entrance import Entrance
from idp.signin.gate import SignInGate
from idp.signin.handover import HandOver
from idp.signin.leaving import Leaving
from idp.signin.neighbours import Neighbours
from idp.signin.texts import TEXTS
from idp.web.areas import Area

SIGNIN = Area.beside(__file__, "signin", TEXTS)


class SignInPages:
    """``gate`` is for the other rooms, ``routes`` for the application."""

    def __init__(self, neighbours: Neighbours) -> None:
        self.gate = SignInGate(neighbours)
        drawing = Drawing(neighbours, self.gate)
        self._parts = (
            Entrance(neighbours, self.gate, drawing),
            Enrolment(neighbours, self.gate, drawing),
            Browsers(neighbours, self.gate, drawing),
            HandOver(neighbours, self.gate),
            Leaving(neighbours, self.gate),
        )

    def routes(self) -> list[Route]:
        """Return every route of the sign-in pages."""
        return [route for part in self._parts for route in part.routes()]
