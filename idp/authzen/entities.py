"""The nouns of AuthZEN out of JSON (sections 5 to 8, and 10.1.1): subject, action, resource, context. Pure.

Unknown fields are passed over, as the specification wants it; what is missing, of another type, doubled or over-long is
``Malformed``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

LONGEST = 320
"""Characters of a type, an identifier or a name."""


class Malformed(Exception):
    """The message, or this one question in it, cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A subject or resource. ``id`` is ``""`` where a search looks for it."""

    type: str
    id: str = ""
    properties: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """May ``subject`` do ``action`` with ``resource``, in this ``context``? ``action`` is ``""`` where it is sought."""

    subject: Entity
    action: str
    resource: Entity
    context: Json = field(default_factory=dict)


def read_json(octets: bytes) -> Json:
    """Return the object that a message is (I-JSON, RFC 7493: UTF-8, no member twice).

    Raises:
        Malformed.
    """
    try:
        value = json.loads(octets.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body must be a JSON object")
    return value


def read_question(body: Json, sought: str = "") -> Question:
    """Return the question in ``body``. ``sought`` is what a search looks for: ``subject`` or ``resource`` (its id does
    not matter), or ``action`` (which is left out).

    Raises:
        Malformed.
    """
    return Question(
        subject=_entity(body, "subject", sought == "subject"),
        action="" if sought == "action" else _text(_object(body, "action"), "action", "name"),
        resource=_entity(body, "resource", sought == "resource"),
        context=_object(body, "context") if body.get("context") is not None else {},
    )


def _entity(body: Json, name: str, sought: bool) -> Entity:
    value = _object(body, name)
    properties = _object(value, "properties") if value.get("properties") is not None else {}
    return Entity(_text(value, name, "type"), "" if sought else _text(value, name, "id"), properties)


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    if value is None:
        raise Malformed(f"`{name}` is missing")
    if not isinstance(value, dict):
        raise Malformed(f"`{name}` must be an object")
    return value


def _text(body: Json, name: str, key: str) -> str:
    value = body.get(key)
    if value is None:
        raise Malformed(f"`{name}.{key}` is missing")
    if not isinstance(value, str) or not value or len(value) > LONGEST or not value.isprintable():
        raise Malformed(f"`{name}.{key}` must be a text of 1 to {LONGEST} printable characters")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member comes twice")
    return members


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
