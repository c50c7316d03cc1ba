"""The editor: the draft as text or as a form, checked and completed while it is typed.

Every page works as a plain form; what the page's own script asks is answered as JSON.
"""

import asyncio
from dataclasses import asdict, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.console.policy.asking import answered, asked_of
from idp.console.policy.bench import Bench, Faults, check, draw, form_of
from idp.console.policy.desk import Desk
from idp.console.policy.draft import PAGE, Draft, long_text, read_draft, whole
from idp.console.policy.filling import NOTHING, Opened, acted, filled, read_opened
from idp.console.policy.names import names_for
from idp.console.policy.reviewing import expected
from idp.console.room import Admin
from idp.web.forms import Form
from policies.editing.caret import caret_at
from policies.editing.completing import offers_at
from policies.editing.mending import characters, places
from policies.editing.tree import Uneditable

BUSY = 4
"""Checks that run at once; further ones wait."""


class Editing:
    """``/console/policy``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turns = asyncio.Semaphore(BUSY)

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE, self.begin, methods=["GET"]),
            Route(PAGE + "/edit", self.edit, methods=["POST"]),
            Route(PAGE + "/check", self.check, methods=["POST"]),
            Route(PAGE + "/try", self.attempt, methods=["POST"]),
            Route(PAGE + "/expected", self.expected, methods=["POST"]),
            Route(PAGE + "/form", self.form, methods=["POST"]),
            Route(PAGE + "/form/part", self.form_part, methods=["POST"]),
            Route(PAGE + "/live", self.live, methods=["POST"]),
            Route(PAGE + "/complete", self.complete, methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Show the policy in force, to be changed."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        current = await self._desk.acts.publishing.current()
        draft = Draft(current.text, current.number, tests=current.tests) if current else Draft("", 0, tests="")
        return await draw(self._desk, request, admin, Bench(draft, fresh=True))

    async def edit(self, request: Request) -> Response:
        """Show a draft that comes from another page of ours."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        return await draw(self._desk, request, admin, Bench(read_draft(form)))

    async def check(self, request: Request) -> Response:
        """Show what is wrong with a draft."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft = read_draft(form)
        faults = await self._checked(request, admin, draft.text)
        return await draw(self._desk, request, admin, Bench(draft, faults))

    async def attempt(self, request: Request) -> Response:
        """Ask a draft what it would decide."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft, asked = read_draft(form), asked_of(form)
        found = await answered(self._desk, request, admin, asked, draft.text)
        faults = await self._checked(request, admin, draft.text) if "answer" not in found else None
        return await draw(self._desk, request, admin, Bench(draft, faults, asked=asked, **found))

    async def expected(self, request: Request) -> Response:
        """Show a draft's table of expected decisions, and what becomes of it."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft = read_draft(form)
        found = await expected(self._desk, draft, self._desk.language(request, admin))
        return await draw(self._desk, request, admin, Bench(draft, expected=found))

    async def form(self, request: Request) -> Response:
        """Show a draft as a form, after whatever the form's button does."""
        entered = await self._desk.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft, opened, refused = self._step(request, admin, form)
        view = await form_of(self._desk, draft.text, opened, refused)
        faults = await self._checked(request, admin, draft.text) if draft.text.strip() else None
        return await draw(self._desk, request, admin, Bench(draft, faults, form=view))

    async def form_part(self, request: Request) -> Response:
        """The same for the page's own script: the new text, and the form's part of the page."""
        entered = await self._desk.act_aside(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        draft, opened, refused = self._step(request, admin, form)
        view = await form_of(self._desk, draft.text, opened, refused)
        faults = await self._checked(request, admin, draft.text) if draft.text.strip() else None
        bench = Bench(draft, faults, form=view)
        html = self._desk.part(request, admin, "form", bench=bench, draft=draft)
        return self._desk.json({"text": draft.text, "html": html})

    async def live(self, request: Request) -> Response:
        """Check a draft while it is typed: each fault with its place, and the list as it stands below the text."""
        entered = await self._desk.act_aside(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        text = long_text(form, "text")
        faults = await self._checked(request, admin, text)
        found = [(True, each) for each in faults.problems] + [(False, each) for each in faults.warnings]
        told = [
            {
                "bad": bad,
                "start": each.start,
                "end": each.end,
                "what": each.what,
                "hint": each.hint,
                "mend": each.mend,
                "meant": each.meant,
            }
            for bad, each in found
        ]
        html = self._desk.part(request, admin, "findings", faults=faults, text=text)
        return self._desk.json(
            {"marks": told, "html": html, "bad": len(faults.problems), "doubts": len(faults.warnings)}
        )

    async def complete(self, request: Request) -> Response:
        """Offer what could stand at a place of a draft. ``place`` counts UTF-16 units, as browsers do."""
        entered = await self._desk.act_aside(request)
        if isinstance(entered, Response):
            return entered
        form, _ = entered
        text = long_text(form, "text")
        place = characters(text, whole(form, "place"))
        caret = caret_at(text, place)
        names = await names_for(self._desk.acts, text, caret.typed if caret else "")
        found = await asyncio.to_thread(offers_at, text, place, names)
        start = places(text, [found.start])[found.start]
        offers = [asdict(each) for each in found.offers]
        return self._desk.json({"start": start, "typed": found.typed, "offers": offers})

    async def _checked(self, request: Request, admin: Admin, text: str) -> Faults:
        async with self._turns:
            return await check(self._desk, text, self._desk.language(request, admin))

    def _step(self, request: Request, admin: Admin, form: Form) -> tuple[Draft, Opened, str]:
        """Do what the form's fields and its button say; a change that is not possible is refused in words."""
        draft, opened, pages = read_draft(form), read_opened(form), self._desk.room.pages
        person, text = admin.visitor.user, draft.text
        try:
            filled(text, form)  # done already, or refused: then with words
            name = pages.say(request, f"console.form.new.{opened.kind}", person)
            act = form.text("act", 200) or (f"more {form.text('add', 60)}" if form.text("add", 60) else "")
            text, opened = acted(text, act, opened, name) if act else (text, opened)
        except Uneditable as fault:
            return draft, opened, pages.say(request, "console.form.uneditable", person, line=fault.line)
        return replace(draft, text=text), opened if opened.place >= 0 else NOTHING, ""
