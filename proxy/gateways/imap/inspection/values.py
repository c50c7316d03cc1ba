"""The data in a server's responses (RFC 9051, section 4): atoms, strings, NIL and lists, out of one whole response.

Literals stand in it as they came, mark and octets. Pure, and bounded in depth.
"""

import re
from typing import NamedTuple

DEPTH = 60
"""How deep lists may be nested; messages within messages are, twice as deep as themselves."""

_TOKEN = re.compile(
    rb'"((?:[^"\\\r\n\0]|\\[^\r\n\0])*)"|~?\{(\d{1,10})\+?\}\r\n|([()])|([^\x00-\x20\x7f"(){]+)', re.DOTALL
)
_ITEM = re.compile(rb'([A-Za-z0-9.\-]{1,40})((?:\[(?:[^\]"{\r\n\0]|"(?:[^"\\\r\n]|\\.)*")*\])?(?:<\d{1,20}>)?)')
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)

Value = bytes | None | list["Value"]
"""An atom or string without its quoting, NIL, or a list."""


class Malformed(ValueError):
    """This is no response that can be understood."""


class Item(NamedTuple):
    """One item of a FETCH response: its name in upper case (with section and origin as they came), its value, and
    where both stand in the response."""

    name: bytes
    value: Value
    begin: int
    end: int


def value(raw: bytes, at: int) -> tuple[Value, int]:
    """Return the value that begins at ``at`` (blanks are skipped), and where it ends.

    Raises:
        Malformed: there is none.
    """
    stack: list[list[Value]] = []
    while True:
        while raw[at : at + 1] == b" ":
            at += 1
        found = _TOKEN.match(raw, at)
        if found is None:
            raise Malformed("no value")
        at = found.end()
        if found[3] == b"(":
            if len(stack) >= DEPTH:
                raise Malformed("too deep")
            stack.append([])
            continue
        one: Value
        if found[3] is not None:
            if not stack:
                raise Malformed("a parenthesis too many")
            one = stack.pop()
        elif found[2] is not None:
            end = at + int(found[2])
            if end > len(raw):
                raise Malformed("a literal that is not there")
            one, at = raw[at:end], end
        elif found[1] is not None:
            one = _ESCAPED.sub(rb"\1", found[1])
        else:
            one = None if found[4].upper() == b"NIL" else found[4]
        if not stack:
            return one, at
        stack[-1].append(one)


def values(raw: bytes, at: int) -> list[Value]:
    """Return all values from ``at`` to the CR LF that ends the response.

    Raises:
        Malformed: something else stands there.
    """
    found: list[Value] = []
    while raw[at : at + 2] != b"\r\n":
        one, at = value(raw, at)
        found.append(one)
        while raw[at : at + 1] == b" ":
            at += 1
    if at + 2 != len(raw):
        raise Malformed("text behind the end")
    return found


def items(raw: bytes, at: int) -> list[Item]:
    """Return the items of a FETCH response whose list opens at ``at``.

    Raises:
        Malformed: it is none.
    """
    if raw[at : at + 1] != b"(" or not raw.endswith(b")\r\n"):
        raise Malformed("no list of items")
    at += 1
    found: list[Item] = []
    while True:
        while raw[at : at + 1] == b" ":
            at += 1
        if raw[at : at + 1] == b")":
            if at + 3 != len(raw):
                raise Malformed("text behind the end")
            return found
        name = _ITEM.match(raw, at)
        if name is None:
            raise Malformed("no item")
        one, end = value(raw, name.end())
        found.append(Item(name[1].upper() + name[2], one, at, end))
        at = end
