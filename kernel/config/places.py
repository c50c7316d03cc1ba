"""Where each key of a TOML text stands, so that an error can point at it. Knows layout only; ``tomllib`` knows TOML.

A path is a tuple of table names, indexes of ``[[arrays]]`` and the key: ``("listen", 0, "address")``.
"""

import re
from collections.abc import Iterator

from kernel.problems import Place

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-\"' ]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^(\s*)([A-Za-z0-9_\-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_\-]+)*\s*=\s*")
_STRINGS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|#.*$")


def places(text: str, source: str) -> dict[Path, Place]:
    """Return the place of every table and key of ``text``; keys inside inline tables count as their parent."""
    found: dict[Path, Place] = {(): Place(1, 1, source)}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in _statements(text):
        if header := _HEADER.match(line):
            table = _enter(header, counts)
            found[table] = Place(number, line.index("[") + 1, source)
        elif key := _KEY.match(line):
            found[(*table, key.group(2).strip("\"'"))] = Place(number, len(key.group(1)) + 1, source)
    return found


def nearest_place(path: Path, known: dict[Path, Place]) -> Place:
    """Return the place of ``path``, or of the closest thing that encloses it."""
    while path not in known:
        path = path[:-1]
    return known[path]


def _enter(header: re.Match[str], counts: dict[Path, int]) -> Path:
    """Resolve a table header; inside an array of tables, names go to its newest element."""
    path: Path = ()
    names = [name.strip().strip("\"'") for name in header.group(2).split(".")]
    for depth, name in enumerate(names):
        path = (*path, name)
        last = depth == len(names) - 1
        if last and header.group(1) == "[[":
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines on which a statement begins, with their numbers: not the inside of arrays and long strings."""
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
            continue
        if depth == 0:
            yield number, line
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quote = mark
        bare = _STRINGS.sub("", line)
        if not _HEADER.match(line):
            depth = max(0, depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"))
