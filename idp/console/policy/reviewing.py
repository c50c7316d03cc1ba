"""Before a draft is published: what it would mean, for whom who is in now, what is proven and what is not.

Each of these is a part of the page. With the page's script the slow ones come by themselves, one after the other;
without it the page waits for them all.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.comparing import Side
from idp.admin.guards import UnreadableTests
from idp.admin.publishing import difference
from idp.console.excerpts import faults_of
from idp.console.policy.bench import Faults, check
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, Draft, read_draft
from idp.console.room import Admin
from idp.web.forms import Form
from kernel.problems import Invalid, Unavailable

NOTHING = "version: 1\nrules: []\n"
"""What is in force before anything was published."""

Json = dict[str, Any]
Part = Callable[[Draft, str], Awaitable[Json]]


class Reviewing:
    """``/console/policy/review``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._acts = desk, desk.acts
        self._parts: Mapping[str, Part] = {
            "meaning": self._meaning,
            "proofs": self._proofs,
            "expected": self._expected,
            "people": self._people,
        }

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE + "/review", self.review, methods=["POST"]),
            Route(PAGE + "/review/{part}", self.part, methods=["POST"]),
        ]

    async def review(self, request: Request) -> Response:
        """Show everything there is to know about a draft before it is published."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        return await self.show(request, admin, form, read_draft(form))

    async def part(self, request: Request) -> Response:
        """Return one part, for the page's own script."""
        entered = await self._desk.act_aside(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        name = str(request.path_params["part"])
        if name not in self._parts:
            return self._desk.json({"error": "no such part"}, 404)
        found = await self._found(name, read_draft(form), self._desk.language(request, admin))
        return self._desk.json({"html": self._desk.part(request, admin, "weighed", name=name, found=found)})

    async def show(
        self, request: Request, admin: Admin, form: Form, draft: Draft, refusal: str = "", status: int = 200
    ) -> Response:
        """Return the page; ``refusal`` says why it was not published."""
        language = self._desk.language(request, admin)
        faults = await check(self._desk, draft.text, language)
        current = await self._acts.publishing.current()
        later = "script" in form
        ready = {} if later or faults.problems else await self._all(draft, language)
        names = (f"r{current.number}" if current else "-", "draft")
        changed = difference(current.text if current else "", draft.text, *names)
        return self._desk.page(
            request,
            admin,
            "review",
            422 if faults.problems and status == 200 else status,
            draft=draft,
            faults=faults,
            current=current,
            parts=tuple(self._parts),
            ready=ready,
            changed=changed.splitlines(),
            refusal=refusal,
            second=self._acts.publishing.second_approver,
            waiting=await self._desk.waiting(),
        )

    async def _all(self, draft: Draft, language: str) -> dict[str, Json]:
        return {name: await self._found(name, draft, language) for name in self._parts}

    async def _found(self, name: str, draft: Draft, language: str) -> Json:
        try:
            return await self._parts[name](draft, language)
        except Invalid:
            return {"faulty": True}
        except Unavailable:
            return {"failed": True}

    async def _meaning(self, draft: Draft, language: str) -> Json:
        current = await self._acts.publishing.current()
        old = Side(revision=current.number) if current else Side(text=NOTHING)
        return await self._acts.comparing.diff(old, Side(text=draft.text), authorship=True)

    async def _proofs(self, draft: Draft, language: str) -> Json:
        return await self._acts.comparing.prove(Side(text=draft.text))

    async def _expected(self, draft: Draft, language: str) -> Json:
        return await expected(self._desk, draft, language)

    async def _people(self, draft: Draft, language: str) -> Json:
        return {"rejudged": await self._acts.rejudging.under(draft.text)}


async def expected(desk: Desk, draft: Draft, language: str) -> Json:
    """Return what becomes of a draft's table of expected decisions: a ``result``, or what is wrong."""
    try:
        return {"result": await desk.acts.publishing.test(draft.text, draft.tests)}
    except UnreadableTests as fault:
        return {"faults": Faults(faults_of(draft.tests or "", fault.problems, language))}
    except Invalid:
        return {"faulty": True}
