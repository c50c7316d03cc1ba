"""The workbench: one page that shows a draft as text or as a form, what is wrong with it, and what it would decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from idp.admin.explaining import Explanation
from idp.admin.tally import RuleRow
from idp.console.excerpts import Fault, faults_of
from idp.console.policy.asking import whole_question
from idp.console.policy.desk import Desk
from idp.console.policy.draft import Draft
from idp.console.policy.filling import Opened
from idp.console.policy.names import names_for
from idp.console.room import Admin
from policies.editing.completing import Names
from policies.editing.sheets import Sheets, read_sheets
from policies.editing.tree import Uneditable
from policies.model import Report


@dataclass(frozen=True, slots=True)
class Faults:
    """What ``check`` found, ready to be shown."""

    problems: Sequence[Fault] = ()
    warnings: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class FormView:
    """The draft as a form: its ``sheets``, None where it cannot be read (``stuck`` is the line); what is ``opened``;
    ``counts``: what each rule in force has decided lately."""

    sheets: Sheets | None
    opened: Opened
    names: Names
    counts: Mapping[str, RuleRow]
    stuck: int = 0
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """What stands on the workbench. ``faults`` None: not checked; ``answer``: what the draft said when ``asked``.

    ``expected``: what became of its table; ``fresh``: the draft is what is in force, so that one kept in the browser
    may take its place.
    """

    draft: Draft
    faults: Faults | None = None
    refusal: str = ""
    answer: Explanation | None = None
    asked: dict[str, str] = field(default_factory=dict)
    form: FormView | None = None
    expected: dict[str, Any] | None = None
    fresh: bool = False

    @property
    def view(self) -> str:
        """How the draft is shown: as ``text`` or ``form``, or its ``tests``."""
        return "form" if self.form else "text" if self.expected is None else "tests"


async def check(desk: Desk, text: str, language: str) -> Faults:
    """Return what is wrong with a draft, in words of ``language``."""
    return spoken(text, await desk.acts.publishing.check(text), language)


def spoken(text: str, report: Report, language: str) -> Faults:
    """Return a report ready to be shown."""
    return Faults(faults_of(text, report.problems, language), faults_of(text, report.warnings, language))


async def form_of(desk: Desk, text: str, opened: Opened, refused: str = "") -> FormView:
    """Return a draft as a form."""
    names = await names_for(desk.acts, text)
    counts = {each.rule: each for each in await desk.acts.counting.rules()}
    try:
        return FormView(read_sheets(text), opened, names, counts, refused=refused)
    except Uneditable as fault:
        return FormView(None, opened, names, counts, fault.line, refused)


async def draw(desk: Desk, request: Request, admin: Admin, bench: Bench, status: int = 200) -> Response:
    """Return the page."""
    current = await desk.acts.publishing.current()
    return desk.page(
        request,
        admin,
        "bench",
        status,
        bench=bench,
        draft=bench.draft,
        current=current,
        asked=whole_question(bench.asked),
        waiting=await desk.waiting(),
    )
