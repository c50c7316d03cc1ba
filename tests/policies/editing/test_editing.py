"""The form's changes to the text: nothing but what was meant changes, whoever's hand wrote the document."""

import re
from collections.abc import Callable
from pathlib import Path as File
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.editing.entries import add, duplicate, move, remove
from policies.editing.expecting import at
from policies.editing.placing import put, rename
from policies.editing.shape import ORDERS, Control, Row, rows_of
from policies.editing.sheets import Sheet, fill, read_sheets
from policies.editing.tree import Plain, Table, Uneditable, plain, read_tree
from policies.editing.writing import word
from tests.policies.editing.hands import written

ROOT = File(__file__).parents[3]
SHIPPED = sorted(each for each in (ROOT / "deploy" / "policies").glob("*.yaml") if ".tests" not in each.name)
ROWS = [row for row in rows_of("rules") if row.path not in (("name",), ("when", "zone"))]
NOTES = re.compile(r"# note \d+")
WORDS = ["alpha", "two words", "client:*", "日本", "it's", "a, b", "#x"]


def said(text: str) -> Plain:
    return plain(read_tree(text))


def wanted(row: Row, words: list[str]) -> tuple[str, ...]:
    """Return what a field of this kind could hold."""
    if row.control is Control.PAIRS:
        return tuple(f"{name}: x, y" for name in ("site", "rank")[: len(words)])
    return tuple(words if row.control in (Control.NAMES, Control.CHOICES) else words[:1])


def lines_of(text: str, place: int, path: tuple[str, ...]) -> tuple[int, int]:
    """Return the lines (from 0, the second not included) that a key takes, or what it would be put into."""
    piece = read_tree(text).cell("rules").value.items[place]  # type: ignore[union-attr]
    start, end = piece.start, piece.end
    for key in path:
        cell = piece.cell(key) if isinstance(piece, Table) else None
        if cell is None:
            break
        piece, start, end = cell.value, cell.key.start, cell.value.end
    return text.count("\n", 0, start), text.count("\n", 0, end) + 1


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_policy_can_be_edited_and_an_edit_of_nothing_changes_nothing(path: File) -> None:
    text = path.read_text(encoding="utf-8")
    sheets = read_sheets(text)
    assert sheets.rules and not any(sheet.strange for sheet in (*sheets.rules, *sheets.nevers))
    for sheet in (*sheets.rules, *sheets.nevers):
        assert fill(text, sheet.kind, sheet.place, sheet.values) == text


def sent_back_as_it_came(text: str, chance: Random) -> None:
    for sheet in read_sheets(text).rules:
        full = {row.name: sheet.values.get(row.name, ()) for row in ROWS}
        assert fill(text, "rules", sheet.place, full) == text


def one_key_changed(text: str, chance: Random) -> None:
    before = read_sheets(text)
    place, row = chance.randrange(len(before.rules)), chance.choice(ROWS)
    value = wanted(row, chance.sample(WORDS, chance.randrange(4)))
    after = fill(text, "rules", place, {row.name: value})
    first, last = lines_of(text, place, row.path if value else row.path[:1])
    old, new = text.split("\n"), after.split("\n")
    kept = len(old) - last
    assert new[:first] == old[:first]
    assert not kept or new[len(new) - kept :] == old[last:]
    changed = read_sheets(after).rules
    assert changed[place].values.get(row.name, ()) == value
    assert [each.values for each in changed if each.place != place] == [
        each.values for each in before.rules if each.place != place
    ]
    others = {name: held for name, held in before.rules[place].values.items() if name not in (row.name, "when.zone")}
    assert others.items() <= changed[place].values.items()


def items_that_stay_keep_their_comments(text: str, chance: Random) -> None:
    ranges = read_sheets(text).networks
    name = chance.choice(list(ranges))
    after = put(text, ("networks", name), (*ranges[name], "198.51.100.0/24"), ORDERS)
    assert NOTES.findall(after) == NOTES.findall(text)
    assert put(after, ("networks", name), ranges[name], ORDERS) == text or len(ranges[name]) == 1


def moved_there_and_back(text: str, chance: Random) -> None:
    names = [each.name for each in read_sheets(text).rules]
    place, to = chance.randrange(len(names)), chance.randrange(len(names))
    moved = move(text, "rules", place, to)
    names.insert(to, names.pop(place))
    assert [each.name for each in read_sheets(moved).rules] == names
    assert sorted(NOTES.findall(moved)) == sorted(NOTES.findall(text))
    assert move(moved, "rules", to, place) == text


def added_and_removed_again(text: str, chance: Random) -> None:
    rules = read_sheets(text).rules
    place = chance.randrange(len(rules))
    copy = duplicate(text, "rules", place, "a copy", ORDERS)
    twin = read_sheets(copy).rules[place + 1]
    assert {**twin.values, "name": rules[place].values["name"]} == rules[place].values
    assert remove(copy, "rules", place + 1) == text
    more = add(text, "rules", place, {"name": "new", "then": "deny"})
    assert read_sheets(more).rules[place + 1].values == {"name": ("new",), "then": ("deny",)}
    assert remove(more, "rules", place + 1) == text


def removed_alone(text: str, chance: Random) -> None:
    rules = read_sheets(text).rules
    place = chance.randrange(len(rules))
    less = remove(text, "rules", place)
    assert [each.values for each in read_sheets(less).rules] == [each.values for each in rules if each.place != place]
    assert at(said(less), ("networks",)) == at(said(text), ("networks",))


PROMISES = (
    sent_back_as_it_came,
    one_key_changed,
    items_that_stay_keep_their_comments,
    moved_there_and_back,
    added_and_removed_again,
    removed_alone,
)


@settings(deadline=None, max_examples=6)
@given(written(), st.randoms(use_true_random=False))
def test_a_policy_in_any_hand_is_edited_without_a_trace_elsewhere(text: str, chance: Random) -> None:
    for promise in PROMISES:
        promise(text, chance)


@pytest.mark.e2e
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@settings(deadline=None, max_examples=400)
@given(text=written(), chance=st.randoms(use_true_random=False))
def test_each_promise_in_many_hands(promise: Callable[[str, Random], None], text: str, chance: Random) -> None:
    promise(text, chance)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), st.sampled_from(["", '"', "'"])
)
@settings(deadline=None, max_examples=60)
def test_every_word_is_written_so_that_it_is_read_again(text: str, style: str) -> None:
    text = "".join(sign for sign in text if sign.isprintable() and sign < "\ue000") or "x"
    inside = word(text, style)
    made = f"a: {word(text, style, block=True)}\nb: [{inside}, {{k: {inside}}}]\n"
    assert said(made) == {"a": text, "b": [text, {"k": text}]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "version: 1\nrules:\n  - name: n\n    then: deny\n"),
        ("# ours\n", "# ours\nversion: 1\nrules:\n  - name: n\n    then: deny\n"),
        ("version: 1\n", "version: 1\nrules:\n  - name: n\n    then: deny\n"),
        ("version: 1\nrules: []  # none\n", "version: 1\nrules:  # none\n  - name: n\n    then: deny\n"),
        ("version: 1\nrules:\nnever: []\n", "version: 1\nrules:\n  - name: n\n    then: deny\nnever: []\n"),
        ("version: 1\nnever: []\n", "version: 1\nrules:\n  - name: n\n    then: deny\nnever: []\n"),
    ],
)
def test_the_first_rule_of_a_document(before: str, after: str) -> None:
    assert add(before, "rules", -1, {"name": "n", "then": "deny"}) == after


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a: [x, y]  # c\n", ("a",), ("y",), "a: [y]  # c\n"),
        ("a: [x, y]  # c\n", ("a",), ("x",), "a: [x]  # c\n"),
        ("a: [x,\n  y, # c\n  z\n]\n", ("a",), ("x", "y"), "a: [x,\n  y # c\n]\n"),
        ("a: [x,\n  y, # c\n  z,\n]\n", ("a",), ("x", "y"), "a: [x,\n  y, # c\n]\n"),
        ("a: [\n  x,\n  # of y\n  y\n]\n", ("a",), ("y",), "a: [\n  # of y\n  y\n]\n"),
        ("a: [\n  x # c\n]\nb: 1\n", ("a",), ("x", "z"), "a: [\n  x, # c\n  z\n]\nb: 1\n"),
        ("a: [x,\n  y]\n", ("a",), ("x", "y", "z"), "a: [x,\n  y,\n  z]\n"),
        ("a:\n- x # c\n- y\nb: 1\n", ("a",), ("x", "z"), "a:\n- x # c\n- z\nb: 1\n"),
        ("a:\n- x # c\n- y\n", ("a",), ("y", "x"), "a:\n- y\n- x\n"),
        ("a: 'x'\n", ("a",), "it's", "a: 'it''s'\n"),
        ("a: x\n", ("a",), ("x", "y z"), "a: [x, y z]\n"),
        ("a: {b: 1}\n", ("a", "c"), "d, e", 'a: {b: 1, c: "d, e"}\n'),
        ("a: {}\n", ("a", "c"), "d", "a: {c: d}\n"),
        ("a:  # why\nb: 1\n", ("a", "c"), "d", "a: {c: d}  # why\nb: 1\n"),
        ("a: 1\nb: {c: d}", ("b", "c"), "", "a: 1"),
        ("a: >-\n  long\n  text\n\nb: 1\n", ("a",), "short", "a: short\n\nb: 1\n"),
        ("- x\n", ("a",), "b", None),
        ("a: {b: c}\n", ("a",), "d", None),
        ("a: &x 1\nb: *x\n", ("a",), "d", None),
        ("a: 1\na: 2\n", ("a",), "d", None),
    ],
)
def test_changes_of_a_value_in_every_hand(before: str, path: tuple[str], value: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(Uneditable):
            put(before, path, value, ORDERS)
    else:
        assert put(before, path, value, ORDERS) == after


def test_boxes_ticked_in_another_order_change_nothing() -> None:
    text = "version: 1\nrules:\n  - name: n\n    device: {trust: [managed, enrolled]}  # so\n    then: allow\n"
    assert fill(text, "rules", 0, {"device.trust": ("enrolled", "managed")}) == text
    more = fill(text, "rules", 0, {"device.trust": ("pending", "enrolled", "managed")})
    assert more == text.replace("enrolled]", "enrolled, pending]")


def test_a_zone_comes_and_goes_with_what_it_is_the_zone_of() -> None:
    text = "version: 1\nrules:\n  - name: n\n    then: deny  # last\n"
    when = {"when.days": ("mon", "tue"), "when.between": ("07:00-22:00",), "when.zone": ("Asia/Tokyo",)}
    timed = fill(text, "rules", 0, when)
    assert '    when: {days: [mon, tue], between: "07:00-22:00", zone: Asia/Tokyo}\n    then' in timed
    assert fill(timed, "rules", 0, {"when.days": (), "when.between": (), "when.zone": ("Asia/Tokyo",)}) == text
    assert fill(text, "rules", 0, {"when.zone": ("Asia/Tokyo",)}) == text


def test_names_are_renamed_where_they_are_defined_and_nothing_can_be_called_twice() -> None:
    text = 'networks:\n  office: [192.0.2.0/24]  # ours\n  "vpn": 198.51.100.7\n'
    assert rename(text, ("networks", "vpn"), "tunnel") == text.replace('"vpn"', '"tunnel"')
    with pytest.raises(Uneditable):
        rename(text, ("networks", "vpn"), "office")


def test_a_list_in_brackets_is_filled_in_but_its_rules_are_not_moved() -> None:
    text = "version: 1\nrules: [{name: a, then: deny}, {name: b, then: deny}]\n"
    assert fill(text, "rules", 1, {"who.groups": ("staff",)}) == text.replace("b,", "b, who: {groups: staff},")
    for act in (lambda: move(text, "rules", 0, 1), lambda: remove(text, "rules", 0)):
        with pytest.raises(Uneditable):
            act()


def test_keys_that_the_form_does_not_know_are_named_and_stay() -> None:
    text = "rules:\n  - name: a\n    colour: red\n    who: {groups: x, shoe: 9}\n"
    (sheet,) = read_sheets(text).rules
    assert isinstance(sheet, Sheet) and sheet.strange == ("colour", "who.shoe")
    assert "colour: red" in fill(text, "rules", 0, {"who.groups": ("y",)})
