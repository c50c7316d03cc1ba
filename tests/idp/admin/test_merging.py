"""Two changes of one text: shown place by place, put together where they do not collide, marked where they do."""

import difflib

from hypothesis import given
from hypothesis import strategies as st

from idp.admin.merging import Whose, changes, difference, merge

BASE = "version: 1\nrules:\n  - name: a\n    then: deny\n  - name: b\n    then: deny\n"
LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=8)


def test_changes_of_different_rules_come_together() -> None:
    theirs = BASE.replace("name: a\n    then: deny", "name: a\n    then: allow")
    yours = f"{BASE}  - name: c\n    then: deny\n"
    made = merge(BASE, theirs, yours)
    assert (made.clean, made.text) == (True, f"{theirs}  - name: c\n    then: deny\n")
    assert [(each.whose, each.line) for each in made.regions] == [(Whose.THEIRS, 4), (Whose.YOURS, 7)]


def test_changes_of_one_line_collide_and_are_marked_so_that_nobody_can_publish_the_result() -> None:
    theirs, yours = BASE.replace("name: b", "name: x"), BASE.replace("name: b", "name: y")
    made = merge(BASE, theirs, yours, "revision 8", "your draft")
    assert not made.clean
    assert "<<<<<<< revision 8\n  - name: x\n=======\n  - name: y\n>>>>>>> your draft\n" in made.text
    (place,) = made.regions
    assert (place.whose, place.line) == (Whose.CONFLICT, 5)
    assert (place.base, place.theirs, place.yours) == (["  - name: b\n"], ["  - name: x\n"], ["  - name: y\n"])


def test_the_same_change_on_both_sides_is_no_collision() -> None:
    same = BASE.replace("name: b", "name: x")
    made = merge(BASE, same, same)
    assert (made.clean, made.text, made.regions[0].whose) == (True, same, Whose.BOTH)


def test_of_two_insertions_at_one_place_nobody_knows_which_comes_first() -> None:
    assert not merge("a\n", "a\nb\n", "a\nc\n").clean


def test_a_last_line_without_an_end_is_kept_as_it_is() -> None:
    assert merge("a\nb", "x\nb", "a\nb").text == "x\nb"
    assert merge("a", "b", "c").text == "<<<<<<< theirs\nb\n=======\nc\n>>>>>>> yours\n"


@given(LINES, LINES, LINES)
def test_each_side_can_be_made_of_the_base_and_the_places(base: list[str], theirs: list[str], yours: list[str]) -> None:
    made = merge("".join(base), "".join(theirs), "".join(yours))
    for side, whole in (("theirs", theirs), ("yours", yours)):
        out, at = [], 0
        for place in made.regions:
            assert list(place.base) == base[place.line - 1 : place.line - 1 + len(place.base)]
            out += [*base[at : place.line - 1], *getattr(place, side)]
            at = place.line - 1 + len(place.base)
        assert [*out, *base[at:]] == whole


@given(LINES, LINES)
def test_who_changed_alone_gets_their_text(base: list[str], theirs: list[str]) -> None:
    old, new = "".join(base), "".join(theirs)
    assert merge(old, new, old).text == merge(old, old, new).text == merge(old, new, new).text == new


@given(LINES, LINES)
def test_a_difference_says_what_became_of_each_line(base: list[str], theirs: list[str]) -> None:
    told = difference("".join(base), "".join(theirs), "r1", "r2", context=50).splitlines()[3:]
    if base == theirs:
        assert told == []
    else:
        assert [line[1:] for line in told if line[0] in " -"] == [line.strip() for line in base]
        assert [line[1:] for line in told if line[0] in " +"] == [line.strip() for line in theirs]


def test_a_difference_is_written_as_patch_reads_it() -> None:
    old = "".join(f"line {number}\n" for number in range(40))
    new = old.replace("line 3\n", "line three\n").replace("line 30\n", "")
    wanted = difflib.unified_diff(old.splitlines(), new.splitlines(), "r1", "r2", lineterm="")
    assert difference(old, new, "r1", "r2") == "\n".join(wanted)


def test_large_texts_are_compared_rule_by_rule_and_what_has_nothing_in_common_is_one_change() -> None:
    rules = [f"  - name: r{number}\n    service: imap\n    then: allow\n" for number in range(5000)]
    edited = [rule.replace("imap", "pop3") if number % 100 == 7 else rule for number, rule in enumerate(rules)]
    assert len(changes("".join(rules).splitlines(), "".join(edited).splitlines())) == 50
    alike, other = ["x"] * 3000, ["x", "y"] * 1500
    assert changes(alike, other) == [(1, 3000, 1, 3000)]
