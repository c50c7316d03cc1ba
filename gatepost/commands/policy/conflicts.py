"""A conflict for a terminal: what they changed, what you changed, and the places that both touched, side by side."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gatepost.admin_client import Json
from gatepost.commands.showing import moment, plain
from kernel.problems import Refused

HEADS = {
    "theirs": "They changed, at line {line}:",
    "yours": "You changed, at line {line}:",
    "both": "Both made the same change, at line {line}:",
    "conflict": "Both changed line {line}, each in their own way:",
}
COLUMNS = (("was", "base"), ("theirs", "theirs"), ("yours", "yours"))
MOST = 60
"""Lines shown of one side of one place."""


def conflict_lines(conflict: Json) -> list[str]:
    """Return a conflict place by place, in the order of the text; lines are counted in the common ground."""
    current, base = conflict["current"], conflict["base"]
    comment = f" ({plain(current['comment'])})" if current["comment"] else ""
    ground = f"revision {base['number']}" if base else "no policy"
    lines = [
        f"Revision {current['number']} by {plain(current['author'])}, {moment(current['at'])}{comment}",
        f"stands between {ground} and this draft.",
    ]
    for place in conflict["places"]:
        lines += ["", HEADS[place["whose"]].format(line=place["line"]), *_place(place)]
    return [*lines, ""]


def write_merged(conflict: Json, path: Path) -> str:
    """Write both changes, put together, to a new file; return a line that says what is in it.

    Raises:
        Refused: there is such a file already.
    """
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(conflict["merged"])
    except FileExistsError as fault:
        raise Refused(f"{path} is there already; name a file that is not") from fault
    decide = "Read it" if conflict["clean"] else "Decide where it says <<<<<<<"
    return f"{path} has both changes. {decide}, then publish it with --base {conflict['current']['number']}."


def _place(place: Json) -> Iterator[str]:
    if place["whose"] == "conflict":
        for name, side in COLUMNS:
            yield from (f"  {name:6} | {line}" for line in _shown(place[side]) or ["(nothing)"])
        return
    new = "yours" if place["whose"] == "yours" else "theirs"
    yield from (f"  -{line}" for line in _shown(place["base"]))
    yield from (f"  +{line}" for line in _shown(place[new]))


def _shown(lines: Sequence[Any]) -> list[str]:
    more = [f"... and {len(lines) - MOST} more lines"] if len(lines) > MOST else []
    return [*(plain(line) for line in lines[:MOST]), *more]
