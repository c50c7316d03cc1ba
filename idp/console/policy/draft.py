"""The document that an admin is working on, as forms carry it from page to page: nothing of it is stored here."""

from contextlib import suppress
from dataclasses import dataclass, field

from idp.console.policy.filling import filled
from idp.web.forms import BadForm, Form
from policies.editing.tree import Uneditable

PAGE = "/console/policy"
LONGEST = 1024 * 1024
FORM_LIMIT = 4 * LONGEST
"""A form writes a Japanese letter as nine bytes."""


@dataclass(frozen=True, slots=True)
class Draft:
    """``base`` is the revision that it was begun from (0: none yet). ``tests`` is its table of expected decisions
    (None: that of the revision in force goes on)."""

    text: str = field(repr=False)
    base: int
    comment: str = ""
    tests: str | None = field(default=None, repr=False)


def read_draft(form: Form) -> Draft:
    """Return the draft that a form carries, with what its fields say, where a rule is open in the form view.

    Raises:
        BadForm: 413 too long.
    """
    text, tests = long_text(form, "text"), long_text(form, "tests") if "tests" in form else None
    with suppress(Uneditable):
        text = filled(text, form)
    return Draft(text, whole(form, "base"), form.text("comment", 500), tests)


def long_text(form: Form, name: str) -> str:
    """Return a field as it was typed; a form writes line ends as CRLF (HTML, form submission).

    Raises:
        BadForm: 413 too long.
    """
    text = form.get(name, "").replace("\r\n", "\n")
    if len(text) > LONGEST or "\0" in text:
        raise BadForm(413)
    return text


def whole(form: Form, name: str) -> int:
    """Return a field as a whole number, 0 when it is none."""
    text = form.text(name, 9)
    return int(text) if text.isdecimal() else 0
