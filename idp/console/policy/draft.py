"""The document that an admin is working on, as forms carry it from page to page: nothing of it is stored here."""

from dataclasses import dataclass, field

from idp.web.forms import BadForm, Form

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
    """Return the draft that a form carries.

    Raises:
        BadForm: 413 too long.
    """
    tests = long_text(form, "tests") if "tests" in form else None
    return Draft(long_text(form, "text"), whole(form, "base"), form.text("comment", 500), tests)


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
