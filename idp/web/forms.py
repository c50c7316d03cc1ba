"""Reading a form: urlencoded alone, bounded in bytes and fields, strict UTF-8. Refuses everything else."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from idp.web.bodies import TooLarge, bounded

LIMIT: Final = 64 * 1024
FIELDS: Final = 200


class BadForm(Exception):
    """The form cannot be taken; ``status`` is the HTTP status to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(f"form refused with {status}")
        self.status = status


class Form(Mapping[str, str]):
    """The fields of a form: the last value of each name as text; ``all`` gives every value of one name."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def __repr__(self) -> str:
        return f"Form({', '.join(sorted(self._last))})"  # names only: values are passwords and codes

    def text(self, name: str, longest: int = 1000) -> str:
        """Return a field without surrounding space, ``""`` when absent.

        Raises:
            BadForm: longer than ``longest`` characters, or holds NUL.
        """
        value = self._last.get(name, "").strip()
        if len(value) > longest or "\0" in value:
            raise BadForm(400)
        return value

    def all(self, name: str) -> list[str]:
        """Return every value given under this name, in order."""
        return [value for key, value in self._pairs if key == name]


async def read_form(request: Request, limit: int = LIMIT) -> Form:
    """Return the request's form.

    Raises:
        BadForm: 415 not urlencoded, 413 more than ``limit`` bytes, 400 too many fields or not UTF-8.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadForm(415)
    try:
        body = await bounded(request, limit)
    except TooLarge as fault:
        raise BadForm(413) from fault
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS, strict_parsing=False
        )
    except ValueError as fault:
        raise BadForm(400) from fault
    return Form(pairs)
