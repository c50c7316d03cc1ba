"""The policy's pages: edit with errors in place, try a draft, explain, publish, history, roll back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.explaining import Explanation, Question
from idp.admin.publishing import PolicyConflict, difference
from idp.console.excerpts import Fault, faults_of
from idp.console.room import Admin, Room, done
from idp.web.forms import BadForm, Form
from kernel.problems import Invalid, Refused
from kernel.records.devices import Proof
from policies.vocabulary import SERVICES

PAGE = "/console/policy"
LONGEST = 1024 * 1024
FORM_LIMIT = 4 * LONGEST
"""A form writes a Japanese letter as nine bytes."""
PROOFS = ("", *(str(proof) for proof in Proof))


@dataclass(frozen=True, slots=True)
class Editor:
    """What stands in the editor. ``base``: the revision that the draft began from; ``answer``: what it was asked."""

    text: str
    base: int
    comment: str = ""
    checked: bool = False
    problems: Sequence[Fault] = ()
    warnings: Sequence[Fault] = ()
    refusal: str = ""
    conflict: PolicyConflict | None = None
    answer: Explanation | None = None
    asked: dict[str, str] = field(default_factory=dict)


class PolicyPages:
    """``/console/policy``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._publishing = room.acts.publishing

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE, self.edit, methods=["GET"]),
            Route(PAGE + "/check", self.check, methods=["POST"]),
            Route(PAGE + "/try", self.attempt, methods=["POST"]),
            Route(PAGE + "/publish", self.publish, methods=["POST"]),
            Route(PAGE + "/explain", self.explain, methods=["GET"]),
            Route(PAGE + "/history", self.history, methods=["GET"]),
            Route(PAGE + "/history/{number:int}", self.revision, methods=["GET"]),
            Route(PAGE + "/rollback", self.rollback, methods=["POST"]),
        ]

    async def edit(self, request: Request) -> Response:
        """Show the policy in force, to be changed."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        current = await self._publishing.current()
        editor = Editor(current.text if current else "", current.number if current else 0)
        return await self._draw(request, admin, editor)

    async def check(self, request: Request) -> Response:
        """Show what is wrong with a draft."""
        entered = await self._room.act(request, FORM_LIMIT)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        text, language = _text(form), self._room.language(request, admin)
        report = await self._publishing.check(text)
        editor = Editor(
            text,
            _base(form),
            form.text("comment", 500),
            checked=True,
            problems=faults_of(text, report.problems, language),
            warnings=faults_of(text, report.warnings, language),
        )
        return await self._draw(request, admin, editor)

    async def attempt(self, request: Request) -> Response:
        """Ask a draft what it would decide."""
        entered = await self._room.act(request, FORM_LIMIT)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        text, asked = _text(form), _asked(form)
        beside: dict[str, Any] = {"asked": asked}
        try:
            beside["answer"] = await self._room.acts.explaining.explain(_question(asked, text))
        except Invalid as fault:
            beside |= {
                "problems": faults_of(text, fault.problems, self._room.language(request, admin)),
                "checked": True,
            }
        except Refused as fault:
            beside["refusal"] = self._room.say(request, admin, fault)
        return await self._draw(request, admin, Editor(text, _base(form), form.text("comment", 500), **beside))

    async def publish(self, request: Request) -> Response:
        """Put a draft in force, or show why not."""
        entered = await self._room.act(request, FORM_LIMIT)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        text, comment, base = _text(form), form.text("comment", 500), _base(form)
        try:
            await self._publishing.publish(admin.actor, text, comment, base=base, address=admin.address)
        except Invalid as fault:
            editor = Editor(
                text,
                base,
                comment,
                checked=True,
                problems=faults_of(text, fault.problems, self._room.language(request, admin)),
            )
        except PolicyConflict as fault:
            # The next publish stands on what is in force now: this page has shown their change.
            editor = Editor(
                text,
                fault.current.number,
                comment,
                conflict=fault,
                refusal=self._room.say(request, admin, fault),
            )
        except Refused as fault:
            editor = Editor(text, base, comment, refusal=self._room.say(request, admin, fault))
        else:
            return done(PAGE + "/history", "published")
        return await self._draw(request, admin, editor, 409 if editor.conflict else 422)

    async def explain(self, request: Request) -> Response:
        """Ask the policy in force, or an earlier one; the question is in the address, so that it can be passed on."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        asked = {name: request.query_params.get(name, "")[:254].strip() for name in QUESTIONS}
        answer, refusal = None, ""
        if asked["service"]:
            try:
                answer = await self._room.acts.explaining.explain(_question(asked, None))
            except Refused as fault:
                refusal = self._room.say(request, admin, fault)
        status = 422 if refusal else 200
        return await self._show(request, admin, "explain", status, asked=asked, answer=answer, refusal=refusal)

    async def history(self, request: Request) -> Response:
        """Show the revisions."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        before = request.query_params.get("before", "")
        number = int(before) if before.isdecimal() and len(before) < 10 else 0
        revisions = await self._publishing.history(number)
        return await self._show(request, admin, "history", revisions=revisions, newest=not number)

    async def revision(self, request: Request) -> Response:
        """Show one revision, and what it changed."""
        admin = await self._room.enter(request)
        return admin if isinstance(admin, Response) else await self._revision(request, admin, _number(request))

    async def rollback(self, request: Request) -> Response:
        """Put an earlier revision in force again."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        form, admin = entered
        number = int(form.text("number", 9) or "0")
        try:
            await self._publishing.rollback(admin.actor, number, form.text("comment", 500), address=admin.address)
        except Refused as fault:
            return await self._revision(request, admin, number, self._room.say(request, admin, fault))
        return done(PAGE + "/history", "rolled-back")

    async def _revision(self, request: Request, admin: Admin, number: int, refusal: str = "") -> Response:
        one = await self._publishing.revision(number)
        before = await self._publishing.revision(number - 1) if number > 1 else None
        current = await self._publishing.current()
        changed = difference(before.text if before else "", one.text, f"r{number - 1}", f"r{number}")
        return await self._show(
            request,
            admin,
            "revision",
            422 if refusal else 200,
            one=one,
            changed=changed.splitlines(),
            in_force=current is not None and current.number == number,
            refusal=refusal,
        )

    async def _draw(self, request: Request, admin: Admin, editor: Editor, status: int = 200) -> Response:
        return await self._show(request, admin, "policy", status, editor=editor, asked=_whole(editor.asked))

    async def _show(self, request: Request, admin: Admin, template: str, status: int = 200, **context: Any) -> Response:
        services = [*SERVICES, *self._publishing.services()]
        return self._room.draw(
            request, admin, template, "policy", status, services=list(dict.fromkeys(services)), proofs=PROOFS, **context
        )


QUESTIONS = ("service", "user", "device", "address", "at", "proof")


def _asked(form: Form) -> dict[str, str]:
    return {name: form.text(name, 254) for name in QUESTIONS}


def _whole(asked: dict[str, str]) -> dict[str, str]:
    return {name: asked.get(name, "") for name in QUESTIONS}


def _question(asked: dict[str, str], text: str | None) -> Question:
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


def _text(form: Form) -> str:
    """Return the draft as it was typed; a form writes line ends as CRLF (HTML, form submission)."""
    text = form.get("text", "").replace("\r\n", "\n")
    if len(text) > LONGEST or "\0" in text:
        raise BadForm(413)
    return text


def _base(form: Form) -> int:
    base = form.text("base", 9)
    return int(base) if base.isdecimal() else 0


def _number(request: Request) -> int:
    return int(request.path_params["number"])
