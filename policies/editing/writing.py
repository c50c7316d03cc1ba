"""How values are written as YAML: plain where that is safe, in quotes where not, lists in brackets.

Every word comes back from ``policies.document`` as it was given.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

Value = str | tuple[str, ...]
"""A single word, or a list of them. An empty list means: not there."""

Nested = Value | Mapping[str, "Nested"]

_LETTERS: Final = r"A-Za-z0-9_\u00c0-\u1fff\u3001-\ud7ff"
_SAFE: Final = re.compile(rf"[{_LETTERS}][{_LETTERS} .@/+()'<>=*~\-]*")
_SAFE_IN_BLOCK: Final = re.compile(rf"[{_LETTERS}][{_LETTERS} .@/+()'<>=*~,!;&\[\]{{}}\-]*")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def word(text: str, style: str = "", *, block: bool = False) -> str:
    """Return a scalar. ``style``: the quotes it should have if it can; none, if it can do without. ``block``: it will
    stand in no brackets or braces, where commas and the like need no quotes."""
    safe = _SAFE_IN_BLOCK if block else _SAFE
    if style == "'" and "\n" not in text and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if style in ("", ">", "|") and safe.fullmatch(text) and not text.endswith(" "):
        return text
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def listed(words: Sequence[str]) -> str:
    """Return a list in brackets."""
    return f"[{', '.join(word(each) for each in words)}]"


def nested(value: Nested) -> str:
    """Return a value on one line, whatever is in it."""
    if isinstance(value, str):
        return word(value)
    if isinstance(value, tuple):
        return word(value[0]) if len(value) == 1 else listed(value)
    return "{" + ", ".join(f"{word(key)}: {nested(each)}" for key, each in value.items()) + "}"


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable() or sign == "\u3000":
        return sign
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
