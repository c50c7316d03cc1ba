"""Answers as lines for a terminal: tables that line up (East Asian letters count double), times, carets.

Whatever came from strangers is shown with its control characters escaped, so that a log line cannot drive the terminal.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def plain(value: object) -> str:
    """Return a value as text that does nothing but stand there."""
    return "".join(_shown(letter) for letter in str(value))


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(_columns(letter) for letter in text)


def padded(text: str, columns: int) -> str:
    """Return ``text`` filled up with spaces to ``columns``."""
    return text + " " * max(columns - width(text), 0)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], nothing: str) -> list[str]:
    """Return a table's lines, or the one line ``nothing`` when it has no rows."""
    cells = [[plain(value) for value in row] for row in rows]
    if not cells:
        return [nothing]
    lines = [list(heads), *cells]
    widths = [max(width(line[column]) for line in lines) for column in range(len(heads))]
    return ["  ".join(padded(cell, size) for cell, size in zip(line, widths, strict=True)).rstrip() for line in lines]


def facts(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """Return ``name  value`` lines that line up, leaving out empty values."""
    given = [(name, plain(value)) for name, value in pairs if value not in ("", None, (), [], {})]
    size = max((len(name) for name, _ in given), default=0)
    return [f"{name.ljust(size)}  {value}" for name, value in given]


def moment(at: float | None) -> str:
    """Return a time in UTC to the second, or ``-`` for never."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ") if at else "-"


def span(seconds: float) -> str:
    """Return a length of time in its two largest units, such as ``2h 5m``."""
    whole = max(int(seconds), 0)
    sizes = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    parts = []
    for unit, size in sizes:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"


def problem_lines(problem: Mapping[str, Any], text: str = "", source: str = "policy") -> list[str]:
    """Return a placed problem: where and what, the line with a caret under the offending text, what would help."""
    line, column = int(problem["line"]), int(problem["column"])
    lines = [f"{source}:{line}:{column}: {plain(problem['what'])}"]
    shown = text.splitlines()[line - 1 : line] if line else []
    if shown:
        lead = padded("", width(plain(shown[0][: column - 1].replace("\t", " "))))
        mark = "^" * max(width(str(problem.get("text") or "").split("\n")[0]), 1)
        lines += [f"    {plain(shown[0].replace(chr(9), ' '))}", f"    {lead}{mark}"]
    if problem.get("hint"):
        lines.append(f"    {plain(problem['hint'])}")
    return lines


def _shown(letter: str) -> str:
    if unicodedata.category(letter) in INVISIBLE:
        return letter.encode("unicode_escape").decode()
    return letter


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
