"""Asking a policy: what it would decide about this person, device, service, place and moment, and why.

The question stands in the address of a page of its own, so that it can be passed on; beside the editor the draft is
asked, again with every change.
"""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.explaining import Explanation, Question
from idp.console.policy.desk import SHUT, Desk
from idp.console.policy.draft import PAGE, long_text
from idp.console.room import Admin
from idp.web.forms import Form
from kernel.problems import Invalid, Refused

QUESTIONS = ("service", "user", "device", "address", "at", "proof")
OFFERED = 12
"""How many people are offered while a name is typed."""


class Asking:
    """``/console/policy/explain``, and what the editor's side panel asks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE + "/explain", self.explain, methods=["GET"]),
            Route(PAGE + "/ask", self.ask, methods=["POST"]),
            Route(PAGE + "/people", self.people, methods=["GET"]),
            Route(PAGE + "/counts", self.counts, methods=["GET"]),
        ]

    async def explain(self, request: Request) -> Response:
        """Ask the policy in force, or an earlier one; the question is in the address."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return admin
        asked = {name: request.query_params.get(name, "")[:254].strip() for name in QUESTIONS}
        answer, refusal = None, ""
        if asked["service"]:
            try:
                answer = await self._desk.acts.explaining.explain(question(asked, None))
            except Refused as fault:
                refusal = self._desk.room.say(request, admin, fault)
        status, waiting = 422 if refusal else 200, await self._desk.waiting()
        context = {"asked": asked, "answer": answer, "refusal": refusal, "waiting": waiting}
        return self._desk.page(request, admin, "explain", status, **context)

    async def ask(self, request: Request) -> Response:
        """Ask a draft, for the side panel: the drawn answer, or why there is none."""
        entered = await self._desk.act_aside(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        found = await answered(self._desk, request, admin, asked_of(form), long_text(form, "text"))
        answer: Explanation | None = found.get("answer")
        decided = next((rule for rule in answer.decision.trace if rule.decided), None) if answer else None
        html = self._desk.part(request, admin, "answer", answer=answer, refusal=found.get("refusal", ""))
        content = {"html": html, "rule": decided.rule if decided else ""}
        return self._desk.json({**content, "outcome": str(answer.decision.outcome) if answer else ""})

    async def people(self, request: Request) -> Response:
        """Offer people whose name holds what was typed, each with their devices."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return self._desk.json(SHUT, 403)
        typed = request.query_params.get("q", "")[:100].strip()
        found = await self._desk.acts.people.find(typed, limit=OFFERED)
        return self._desk.json({"people": [await self._person(each.id) for each in found]})

    async def counts(self, request: Request) -> Response:
        """Tell how often each rule decided. ``today``: when the reader's day began (seconds since 1970)."""
        admin = await self._desk.enter(request)
        if isinstance(admin, Response):
            return self._desk.json(SHUT, 403)
        began = request.query_params.get("today", "")
        rows = await self._desk.acts.counting.rules(float(began) if began.isdecimal() and len(began) < 12 else None)
        kept = {each.rule: {"today": each.today, "day": each.day, "live": each.live} for each in rows}
        return self._desk.json({"rules": kept})

    async def _person(self, user_id: str) -> dict[str, Any]:
        shown = await self._desk.acts.people.show(user_id)
        return {
            "name": shown.user.name,
            "email": shown.user.email,
            "display_name": shown.user.display_name,
            "devices": [{"id": each.id, "name": each.name, "trust": str(each.trust)} for each in shown.devices],
        }


async def answered(desk: Desk, request: Request, admin: Admin, asked: dict[str, str], text: str) -> dict[str, Any]:
    """Return what a draft says: an ``answer``, or a ``refusal`` (also of a draft with faults)."""
    try:
        return {"answer": await desk.acts.explaining.explain(question(asked, text))}
    except Invalid:
        return {"refusal": desk.room.pages.say(request, "console.ask.faulty", admin.visitor.user)}
    except Refused as fault:
        return {"refusal": desk.room.say(request, admin, fault)}


def asked_of(form: Form) -> dict[str, str]:
    """Return the question that a form carries."""
    return {name: form.text(name, 254) for name in QUESTIONS}


def whole_question(asked: dict[str, str]) -> dict[str, str]:
    """Return a question in which every field is there."""
    return {name: asked.get(name, "") for name in QUESTIONS}


def question(asked: dict[str, str], text: str | None) -> Question:
    """Return a question as ``idp.admin`` wants it; ``text`` asks a draft."""
    return Question(
        service=asked["service"],
        user=asked["user"],
        device=asked["device"],
        address=asked["address"],
        at=_moment(asked["at"]),
        proof=asked["proof"] or None,
        text=text,
    )


def _moment(text: str) -> float | None:
    """Return the moment that a ``datetime-local`` field says (UTC), None when it is empty or says none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
