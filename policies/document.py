"""YAML text to a tree of places and plain words, under strict bounds. Knows nothing of policies.

Refuses what makes YAML surprising: tags, anchors, aliases, several documents, deep nesting, keys that are not words.
Every scalar stays the text that was typed (``NO`` is a country, not false); what it means is for the reader of that
key.
"""

import re
from collections.abc import Iterator, Sequence

import yaml
from msgspec import Struct

from kernel.problems import Place, Problem
from policies.mistakes import ELSEWHERE, meant, yaml_hint

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 12
MAX_NODES = 150_000
MAX_PROBLEMS = 1000
MAX_GUESSES = 60
"""How many misspelt words get a suggestion; looking for the nearest word is the dearest thing done here."""

MAX_LISTED = 16
"""How many words are listed where none of them is near."""

SHOWN = 80
LONGEST = 600
"""Characters of an offending text, and of a whole message."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class Scalar(Struct, frozen=True, gc=False):
    """A word as it was typed; ``plain`` when it stood without quotes."""

    text: str
    place: Place
    plain: bool = True


class Items(Struct, frozen=True, gc=False):
    """A list."""

    items: tuple["Node", ...]
    place: Place


class Entries(Struct, frozen=True, gc=False):
    """A mapping, in the order of the text, duplicates included."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    place: Place


class Broken(Struct, frozen=True, gc=False):
    """Something already reported; readers pass over it in silence."""

    place: Place


Node = Scalar | Items | Entries | Broken


class Problems:
    """Collects what is wrong with one text, up to a bound."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._found: list[Problem] = []
        self._guesses = 0

    @property
    def count(self) -> int:
        """How many problems were noted."""
        return len(self._found)

    def place(self, line: int, column: int) -> Place:
        """Return a place in this text; line and column count from 1."""
        return Place(line, column, self.source)

    def add(self, place: Place, what: str, text: str = "", hint: str = "") -> None:
        """Note a problem."""
        if len(self._found) < MAX_PROBLEMS:
            if len(text) > SHOWN:
                what, hint = (each.replace(text, f"{text[:SHOWN]}...") for each in (what, hint))
            self._found.append(Problem(place, _shown(what[:LONGEST]), _shown(text.split("\n")[0][:SHOWN]), hint))

    def unknown(self, scalar: Scalar, what: str, known: Sequence[str], likely: str = "", hint: str = "") -> None:
        """Note a word that is none of ``known``, with a ``hint``, the ``likely`` or nearest one, or all when few."""
        if not hint and likely in known:
            hint = f"did you mean `{likely}`?"
        if not hint and self._guesses < MAX_GUESSES:
            self._guesses += 1
            best = meant(scalar.text[:SHOWN], known)
            hint = f"did you mean `{best}`?" if best else ""
        if not hint:
            hint = "use " + ", ".join(f"`{word}`" for word in known[:MAX_LISTED])
            hint += f", or another of {len(known)}" if len(known) > MAX_LISTED else ""
        self.add(scalar.place, f"{what} `{scalar.text[:SHOWN]}`", scalar.text, hint)

    def in_order(self) -> tuple[Problem, ...]:
        """Return every problem in the order of the text."""
        return tuple(sorted(self._found, key=lambda problem: (problem.place.line, problem.place.column)))


def _shown(text: str) -> str:
    """Return text that is safe on a terminal and in a page: what would hide or turn the rest is escaped."""
    return "".join(sign if sign.isprintable() or sign == "\u3000" else f"\\u{ord(sign):04x}" for sign in text)


class _Stop(Exception):
    """Reading on would make no sense; the reason is already noted."""


def read_document(text: str | bytes, problems: Problems) -> Node | None:
    """Return the tree of a document, or None (with the reason noted) when there is no tree to speak of."""
    decoded = _decode(text, problems)
    if decoded is None:
        return None
    try:
        root = _Composer(yaml.parse(decoded, Loader=LOADER), problems).document()
        if root is None:
            problems.add(problems.place(1, 1), "the document says nothing", hint="begin with `version: 1`")
        return root
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        opened = error.context_mark if "end of stream" in str(error.problem) else None
        mark = opened or error.problem_mark or error.context_mark
        place = problems.place(mark.line + 1, mark.column + 1) if mark else problems.place(1, 1)
        what = str(error.problem or error.context)
        problems.add(place, f"this is not YAML: {what}", _line(decoded, place.line), yaml_hint(what))
    except (yaml.YAMLError, RecursionError) as error:
        problems.add(problems.place(1, 1), f"this is not YAML: {str(error).splitlines()[0]}", hint=ELSEWHERE)
    return None


def _decode(text: str | bytes, problems: Problems) -> str | None:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    start = problems.place(1, 1)
    if len(raw) > MAX_BYTES:
        problems.add(start, f"the document is larger than {MAX_BYTES // 1024} KiB", hint="split it up, or name groups")
        return None
    try:
        decoded = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        problems.add(_place_after(before, problems), "this is not UTF-8", hint="save the document as UTF-8")
        return None
    bad = _FORBIDDEN.search(decoded)
    if bad:
        place = _place_after(decoded[: bad.start()], problems)
        problems.add(place, f"the character U+{ord(bad[0]):04X} cannot be in a document", hint="remove it")
        return None
    if not decoded.strip():
        problems.add(start, "the document is empty", hint="begin with `version: 1`")
        return None
    return decoded


def _place_after(before: str, problems: Problems) -> Place:
    return problems.place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


class _Composer:
    """Builds the tree from parser events; stops at the first event past a bound, so a bomb is never unrolled."""

    def __init__(self, events: Iterator[yaml.Event], problems: Problems) -> None:
        self._events = events
        self._problems = problems
        self._source = problems.source
        self._nodes = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._refuse(event, "a second document begins here", "keep one document, without `---` in between")
                root = self._node(next(self._events), 1)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            what = "nested too deeply" if depth > MAX_DEPTH else "too many values in one document"
            self._refuse(event, what, f"at most {MAX_DEPTH} levels and {MAX_NODES} values")
        place = self._place(event)
        if isinstance(event, yaml.ScalarEvent) and event.anchor is None and event.tag is None:
            return Scalar(event.value, place, not event.style)  # as nearly everything is
        marked = self._marked(event, place)
        node: Node = Broken(place)
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(event.value, place, event.style in (None, ""))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._items(place, depth)
        elif isinstance(event, yaml.MappingStartEvent):
            node = self._entries(place, depth)
        return Broken(place) if marked else node

    def _items(self, place: Place, depth: int) -> Node:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Items(tuple(items), place)

    def _entries(self, place: Place, depth: int) -> Node:
        entries = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if isinstance(key, Scalar):
                entries.append((key, value))
            elif not isinstance(key, Broken):
                self._problems.add(
                    key.place, "a key must be a single word", hint="put lists and mappings after the colon"
                )
        return Entries(tuple(entries), place)

    def _marked(self, event: yaml.Event, place: Place) -> bool:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            self._problems.add(
                place, f"aliases are not allowed: `*{anchor}`", f"*{anchor}", "write the value out again"
            )
        elif anchor:
            self._problems.add(place, f"anchors are not allowed: `&{anchor}`", f"&{anchor}", "remove it")
        elif tag:
            written = tag.replace("tag:yaml.org,2002:", "!!")[:SHOWN]
            self._problems.add(place, f"tags are not allowed: `{written}`", written, "remove it")
        else:
            return False
        return True

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(mark.line + 1, mark.column + 1, self._source) if mark else Place(1, 1, self._source)

    def _refuse(self, event: yaml.Event, what: str, hint: str) -> None:
        self._problems.add(self._place(event), what, hint=hint)
        raise _Stop
