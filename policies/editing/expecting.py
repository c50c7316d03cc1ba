"""What a document should say after a change, worked out without its text: every change of the text is held to it."""

import copy
from itertools import pairwise
from typing import Any

from policies.editing.tree import Plain, Uneditable
from policies.editing.writing import Value

Path = tuple[str | int, ...]


def at(said: Plain, path: Path) -> Plain | None:
    """Return what is said at a path, None when nothing is."""
    found: Any = said
    for step in path:
        if isinstance(step, int):
            found = found[step] if isinstance(found, list) and 0 <= step < len(found) else None
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found  # type: ignore[no-any-return]


def words(said: Plain | None) -> tuple[str, ...] | None:
    """Return the words of a scalar or a list of scalars, None when it is something else; nothing said is no words."""
    if said is None or said == "":
        return ()
    if isinstance(said, str):
        return (said,)
    if isinstance(said, list) and all(isinstance(each, str) for each in said):
        return tuple(str(each) for each in said)
    return None


def with_value(said: Plain, path: Path, value: Value) -> Plain:
    """Return a copy with ``value`` at ``path``, or without the path and the tables it leaves empty if it is empty."""
    made: Any = copy.deepcopy(said)
    if not value:
        return without(made, path)
    holder = made
    for step, following in pairwise(path):
        if isinstance(holder, dict) and isinstance(step, str) and holder.get(step, "") == "":
            holder[step] = {} if isinstance(following, str) else []
        holder = _step(holder, step)
    old = at(holder, path[-1:])
    several = isinstance(value, tuple) and len(value) > 1
    alone = value if isinstance(value, str) else value[0]
    _table(holder)[str(path[-1])] = list(value) if several else [alone] if isinstance(old, list) else alone
    return made  # type: ignore[no-any-return]


def without(said: Plain, path: Path) -> Plain:
    """Return a copy without the key at the end of the path, and without the tables that this leaves empty."""
    made: Any = copy.deepcopy(said)
    for depth in range(len(path), 0, -1):
        if isinstance(path[depth - 1], int):
            break
        holder = at(made, path[: depth - 1])
        _table(holder).pop(str(path[depth - 1]), None)
        if holder:
            break
    return made  # type: ignore[no-any-return]


def renamed(said: Plain, path: Path, name: str) -> Plain:
    """Return a copy whose last key of ``path`` is called ``name``."""
    made: Any = copy.deepcopy(said)
    holder = _table(at(made, path[:-1]))
    holder[name] = holder.pop(str(path[-1]))
    return made  # type: ignore[no-any-return]


def _step(holder: Any, step: str | int) -> Any:
    found = at(holder, (step,))
    if found is None:
        raise Uneditable
    return found


def _table(holder: Any) -> dict[str, Any]:
    if not isinstance(holder, dict):
        raise Uneditable
    return holder
