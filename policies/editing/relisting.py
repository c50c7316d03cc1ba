"""Changes a list in place: items that stay keep their line, their quotes and their comments."""

from collections.abc import Sequence

from policies.editing.strokes import Stroke, drop_item, line_start, newline, put_item
from policies.editing.tree import Series, Uneditable, Word
from policies.editing.writing import listed, word


def relisted(text: str, old: Series, wanted: Sequence[str]) -> tuple[list[Stroke], bool]:
    """Return the next change that leads from ``old`` to ``wanted``, and whether it leads all the way.

    One item is taken out at a time; new ones come behind. Where the order changes, the list is written anew.
    """
    if not all(isinstance(each, Word) for each in old.items):
        raise Uneditable(text.count("\n", 0, old.start) + 1)
    words = [each.text for each in old.items if isinstance(each, Word)]
    kept = [each for each in words if each in wanted]
    new = [each for each in wanted if each not in words]
    if not kept or len(set(words)) < len(words) or [*kept, *new] != list(wanted):
        return _rewritten(text, old, wanted), True
    gone = [place for place, each in enumerate(words) if each not in wanted]
    if gone:
        return drop_item(text, old, gone[0]), len(gone) == 1 and not new
    return _appended(text, old, new), True


def _appended(text: str, old: Series, new: Sequence[str]) -> list[Stroke]:
    written = [word(each, block=not old.flow) for each in new]
    if old.flow:
        return put_item(text, old, ", ".join(written))
    (first,) = put_item(text, old, written[0])
    margin = first.text[: -len(written[0])]
    return [Stroke(first.start, first.end, "".join(margin + each for each in written))]


def _rewritten(text: str, old: Series, wanted: Sequence[str]) -> list[Stroke]:
    if old.flow:
        return [Stroke(old.start, old.end, listed(wanted))]
    margin = " " * (old.start - line_start(text, old.start))
    lines = f"{newline(text)}{margin}".join(f"- {word(each, block=True)}" for each in wanted)
    return [Stroke(old.start, old.end, lines)]
