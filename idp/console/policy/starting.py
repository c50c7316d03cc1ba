"""Policies to start from: what each is for, and the draft that begins with one of them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.console.policy.bench import Bench, draw
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, Draft
from kernel.problems import Missing
from policies.editing.sheets import read_sheets


class Starting:
    """``/console/policy/start``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._acts = desk, desk.acts

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE + "/start", self.choose, methods=["GET"]),
            Route(PAGE + "/start", self.begin, methods=["POST"]),
        ]

    async def choose(self, request: Request) -> Response:
        """Show what there is to start from."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        starters = [(each, read_sheets(each.text)) for each in self._acts.starters]
        current = await self._acts.publishing.current()
        asked = await self._desk.waiting()
        return self._desk.page(request, admin, "start", starters=starters, current=current, waiting=asked)

    async def begin(self, request: Request) -> Response:
        """Put one of them on the workbench; nothing is published."""
        entered = await self._desk.room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        name = form.text("name", 60)
        found = next((each for each in self._acts.starters if each.name == name), None)
        if found is None:
            raise Missing(f"no policy to start from is called {name!r}")
        current = await self._acts.publishing.current()
        draft = Draft(found.text, current.number if current else 0, tests=found.tests)
        return await draw(self._desk, request, admin, Bench(draft))
