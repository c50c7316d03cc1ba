"""Where in a document somebody is typing: under which keys, a key or a value, and what is typed so far.

Reads a text that is half finished, so it goes by indentation, brackets and quotes alone. Where it cannot tell, it says
nothing.
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

ITEM: Final = "-"
"""Stands in a path for an item of a list."""

AHEAD: Final = 400
"""Lines, and characters of one line, that are looked at behind the caret for what stands there already."""

_DASHES: Final = re.compile(r"[ ]*(?:-(?:[ ]+|(?=\n|$)))*")
_KEY: Final = re.compile(
    r"""(?P<key>"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^\s#{}\[\],"'&*!|>%@`:][^#{}\[\],"':\n]*?)[ ]*:(?=\s|$)"""
)
_TOKEN: Final = re.compile(
    r"""(?P<quoted>"(?:\\.|[^"\\])*"?|'(?:''|[^'])*'?)|(?P<note>(?<!\S)\#[^\n]*)|(?P<sign>[\[\]{},])"""
    r"""|(?P<colon>:(?=[\s,\[\]{}"']|$))|(?P<space>\s+)|(?P<word>[^\s\[\]{},:]+|:)"""
)
_SCALAR: Final = re.compile(r"[ ]*[|>][-+0-9]*[ ]*(?:#[^\n]*)?\n")


class Role(StrEnum):
    """What is being typed; ``EITHER``: a word on a line of its own, which may become a key or be a value."""

    KEY = "key"
    VALUE = "value"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Caret:
    """``path``: the keys that lead there. ``start``: where the word begins that is ``typed`` so far. ``taken``: the
    keys or values that stand beside it. ``flow``: inside brackets or braces."""

    path: tuple[str, ...]
    role: Role
    start: int
    typed: str
    taken: frozenset[str] = frozenset()
    flow: bool = False


@dataclass(slots=True)
class _Level:
    """An open level: a key or dash of a block with its column, or a bracket with the key at hand. ``held``: the keys or
    values that stand in it so far."""

    column: int
    name: str = ""
    sign: str = ""
    held: list[str] = field(default_factory=list)


def caret_at(text: str, place: int) -> Caret | None:
    """Return where ``place`` (in characters) lies, None in a comment or where nothing can be told."""
    found = _Reader(text[:place]).read()
    if found is None:
        return None
    column = found.start - (text.rfind("\n", 0, found.start) + 1)
    rest = text[place:]
    taken = _beside(rest) if found.flow else _below(rest, column) if found.role is Role.EITHER else set[str]()
    return replace(found, taken=found.taken | taken)


class _Reader:
    """Walks over everything before the caret, entry by entry."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._blocks = [_Level(-1)]
        self._flow: list[_Level] = []
        self._found: Caret | None = None

    def read(self) -> Caret | None:
        """Return where the text ends."""
        place = 0
        while place >= 0:
            place = self._entry(place)
        return self._found

    def _entry(self, place: int) -> int:
        """Read one entry of a block; return where the next line begins, -1 when the text ended."""
        dashes = _DASHES.match(self._text, place)
        start = dashes.end() if dashes else place
        if self._text.startswith("\n", start):
            return start + 1
        for dash in re.finditer("-", self._text[place:start]):
            self._open_item(dash.start())
        self._close(start - place)
        found = _KEY.match(self._text, start)
        if found is None:
            return self._scan(start, Role.EITHER)
        name = found["key"].strip("\"'")
        self._blocks[-1].held.append(name)
        self._blocks.append(_Level(start - place, name))
        if _SCALAR.match(self._text, found.end()):
            return self._past_scalar(found.end(), start - place)
        return self._scan(found.end(), Role.VALUE)

    def _open_item(self, column: int) -> None:
        # A list may stand at its key's own column: then the key stays open.
        while self._blocks[-1].column > column or self._blocks[-1] == _Level(column, ITEM, held=self._blocks[-1].held):
            self._blocks.pop()
        self._blocks.append(_Level(column, ITEM))

    def _close(self, column: int) -> None:
        while self._blocks[-1].column >= column and len(self._blocks) > 1:
            self._blocks.pop()

    def _past_scalar(self, place: int, column: int) -> int:
        """Return the line behind a block scalar: the first that is not deeper than its key."""
        place = self._text.find("\n", place) + 1
        while place < len(self._text):
            stop = self._text.find("\n", place)
            line = self._text[place:stop] if stop >= 0 else self._text[place:]
            if line.strip() and len(line) - len(line.lstrip()) <= column:
                return place
            if stop < 0:
                return -1
            place = stop + 1
        return -1

    def _scan(self, place: int, role: Role) -> int:
        """Read on to the end of the line, or of the brackets that it opens; as ``_entry``."""
        begun = -1
        while token := _TOKEN.match(self._text, place):
            kind, end = token.lastgroup, token.end()
            if kind == "space" and "\n" in token[0] and not self._flow:
                return place + token[0].index("\n") + 1
            if kind == "note" and end == len(self._text):
                return -1
            if kind == "sign" or (kind == "colon" and self._flow):
                self._sign(token[0], self._text[begun:place].strip().strip("\"'") if begun >= 0 else "")
                begun = -1
            elif kind not in ("space", "note") and begun < 0:
                begun = place
            place = end
        start = begun if begun >= 0 else len(self._text)
        self._found = self._caret(role, start, self._text[start:].lstrip("\"'"))
        return -1

    def _sign(self, sign: str, word: str) -> None:
        if sign in "[{":
            self._flow.append(_Level(0, sign=sign))
        elif sign in "]}" and self._flow:
            self._flow.pop()
        elif self._flow and sign == ":":
            self._flow[-1].name = word
            self._flow[-1].held.append(word)
        elif self._flow:
            self._flow[-1].held += [word] if word and self._flow[-1].sign == "[" else []
            self._flow[-1].name = ""

    def _caret(self, role: Role, start: int, typed: str) -> Caret:
        path = [level.name for level in self._blocks[1:]]
        for level in self._flow:
            path += [ITEM] if level.sign == "[" else [level.name] if level.name else []
        if not self._flow:
            return Caret(tuple(path), role, start, typed, frozenset(self._blocks[-1].held))
        last = self._flow[-1]
        key = last.sign == "{" and not last.name
        held = frozenset(last.held) if key or last.sign == "[" else frozenset[str]()
        return Caret(tuple(path), Role.KEY if key else Role.VALUE, start, typed, held, flow=True)


def _beside(rest: str) -> set[str]:
    """Return the words that follow inside the same brackets on this line."""
    line, depth, found = rest[:AHEAD].partition("\n")[0], 0, set()
    for token in _TOKEN.finditer(line):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth < 0:
            break
        if depth == 0 and token.lastgroup in ("word", "quoted"):
            found.add(token[0].strip("\"'"))
    return found


def _below(rest: str, column: int) -> set[str]:
    """Return the keys at the same column that follow in the same table."""
    found = set()
    for line in rest.split("\n", AHEAD)[1:AHEAD]:
        margin = len(line) - len(line.lstrip())
        if line.strip() and margin < column:
            break
        key = _KEY.match(line, margin)
        if key and margin == column:
            found.add(key["key"].strip("\"'"))
    return found
