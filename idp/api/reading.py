"""Reading a request: a bounded JSON object whose fields are all known and of the right type; nothing else."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from idp.web.bodies import TooLarge, bounded
from kernel.problems import Refused, did_you_mean


class Unreadable(Exception):
    """The request cannot be taken; ``status`` is the HTTP status to answer with."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Fields:
    """Named values out of a body or a query. Every reader names its field; ``done`` refuses what nobody asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._asked: set[str] = set()

    def __contains__(self, name: str) -> bool:
        self._asked.add(name)
        return self._values.get(name) is not None

    def text(self, name: str, default: str = "", longest: int = 1000) -> str:
        """Return a text of at most ``longest`` characters."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise Refused(f"`{name}` must be a text")
        if len(value) > longest or "\0" in value:
            raise Refused(f"`{name}` may have at most {longest} characters, and no NUL")
        return value

    def needed(self, name: str, longest: int = 1000) -> str:
        """Return a text that must be there and not empty."""
        value = self.text(name, "", longest)
        if not value.strip():
            raise Refused(f"`{name}` is missing")
        return value

    def texts(self, name: str, most: int = 200) -> Sequence[str]:
        """Return a list of texts; one text stands for a list of one."""
        value = self._value(name, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or len(items) > most or not all(isinstance(each, str) for each in items):
            raise Refused(f"`{name}` must be a list of at most {most} texts")
        if any(len(each) > 1000 for each in items):
            raise Refused(f"an item of `{name}` is longer than 1000 characters")
        return items

    def flag(self, name: str, default: bool = False) -> bool:
        """Return true or false; ``"true"`` and ``"1"`` count in a query."""
        value = self._value(name, default)
        if isinstance(value, bool):
            return value
        if value in ("true", "1", "false", "0"):
            return value in ("true", "1")
        raise Refused(f"`{name}` must be true or false")

    def whole(self, name: str, default: int = 0) -> int:
        """Return a whole number."""
        value = self._value(name, default)
        if isinstance(value, str) and value.isascii() and value.lstrip("-").isdigit() and len(value) < 16:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused(f"`{name}` must be a whole number")
        return value

    def moment(self, name: str) -> float | None:
        """Return seconds since 1970, or None when it is not given."""
        value = self._value(name, None)
        if value is None:
            return None
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < 1e11:
            raise Refused(f"`{name}` must be seconds since 1970")
        return float(value)

    def anything(self, name: str) -> Any:
        """Return a value as it came, None when absent."""
        return self._value(name, None)

    def done(self) -> None:
        """Refuse fields that no reader asked for, so that a typing error is never silently ignored."""
        unknown = sorted(set(self._values) - self._asked)
        if unknown:
            hint = did_you_mean(unknown[0], self._asked)
            raise Refused(f"unknown field `{unknown[0][:60]}`" + (f"; {hint}" if hint else ""))

    def _value(self, name: str, default: Any) -> Any:
        self._asked.add(name)
        value = self._values.get(name)
        return default if value is None else value


async def body(request: Request, limit: int) -> Fields:
    """Return the request's JSON object, empty when there is no body.

    Raises:
        Unreadable: 413 more than ``limit`` bytes, 415 not JSON, 400 no object, or not UTF-8.
    """
    try:
        content = await bounded(request, limit)
    except TooLarge as fault:
        raise Unreadable(413, str(fault)) from fault
    if not content:
        return Fields({})
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Unreadable(415, "send application/json")
    return Fields(_object(content))


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable(400, "the body is no JSON") from None
    if not isinstance(value, dict):
        raise Unreadable(400, "the body must be a JSON object")
    return value
