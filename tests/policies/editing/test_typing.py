"""While somebody types: where the caret stands, what could stand there, and where a problem lies with what mends it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.editing.caret import Role, caret_at
from policies.editing.completing import offers_at
from policies.editing.mending import characters, marks, places
from policies.language import check
from policies.model import Known

NAMES = {
    "groups": [("staff", "12"), ("mail-admins", "1"), ("sales team", "3")],
    "users": [("alice@example.com", "Alice Okafor"), ("haruka@example.com", "佐藤 遥")],
    "services": [("imap", ""), ("console", ""), ("client:*", ""), ("client:wiki", "Wiki")],
    "networks": [("office", "")],
    "postures": [("healthy", "")],
    "countries": [("JP", ""), ("DE", "")],
    "zones": [("Asia/Tokyo", ""), ("UTC", "")],
}
HALF = "version: 1\nrules:\n  - name: one  # not {this\n"


def at(text: str) -> tuple[str, int]:
    """Return a text and the place of its caret, which is written as ``|``."""
    return text.replace("|", "", 1), text.index("|")


@pytest.mark.parametrize(
    ("typed", "path", "role", "word"),
    [
        ("|", (), Role.EITHER, ""),
        ("ver|", (), Role.EITHER, "ver"),
        (HALF + "    who: {groups: [staff, ma|", ("rules", "-", "who", "groups", "-"), Role.VALUE, "ma"),
        (HALF + "    who: {gr|}", ("rules", "-", "who"), Role.KEY, "gr"),
        (HALF + "    who: {groups: staff, |}", ("rules", "-", "who"), Role.KEY, ""),
        (HALF + '    who: {groups: ["sales t|', ("rules", "-", "who", "groups", "-"), Role.VALUE, "sales t"),
        (HALF + "    service:\n      - im|", ("rules", "-", "service", "-"), Role.EITHER, "im"),
        (HALF + "    service:\n    - im|", ("rules", "-", "service", "-"), Role.EITHER, "im"),
        (HALF + "    then: al|", ("rules", "-", "then"), Role.VALUE, "al"),
        (HALF + "    th|", ("rules", "-"), Role.EITHER, "th"),
        (HALF + "    who:\n      |", ("rules", "-", "who"), Role.EITHER, ""),
        (HALF + "    network: {\n      in: [of|\n    }", ("rules", "-", "network", "in", "-"), Role.VALUE, "of"),
        (HALF + "  - name: two\n    |", ("rules", "-"), Role.EITHER, ""),
        ("postures:\n  healthy:\n    disk_encrypted: t|", ("postures", "healthy", "disk_encrypted"), Role.VALUE, "t"),
        ("rules: [{name: a, who: {us|", ("rules", "-", "who"), Role.KEY, "us"),
        (HALF + "    say:\n      en: |-\n        one\n    th|".replace("|-", ">-"), ("rules", "-"), Role.EITHER, "th"),
    ],
)
def test_the_caret_knows_where_it_stands(typed: str, path: tuple[str, ...], role: Role, word: str) -> None:
    caret = caret_at(*at(typed))
    assert caret is not None
    assert (caret.path, caret.role, caret.typed) == (path, role, word)


@pytest.mark.parametrize("typed", ["# a note|", HALF + "    then: allow  # al|", "a: >-\n  folded te|"])
def test_nothing_is_said_in_comments_and_blocks_of_text(typed: str) -> None:
    assert caret_at(*at(typed)) is None
    assert offers_at(*at(typed), NAMES).offers == ()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("|", ["version: ", "networks:\n  ", "postures:\n  ", "rules:\n  - name: ", "never:\n  - name: "]),
        ("version: 1\nne|", ["networks:\n  ", "never:\n  - name: "]),
        (HALF + "    who: {groups: [staff, |]}", ["mail-admins", "sales team"]),
        (HALF + "    who: {groups: [mail|]}", ["mail-admins"]),
        (HALF + "    who: {users: haruka|}", ["haruka@example.com"]),
        (HALF + "    who: {users: 佐藤|}", ["haruka@example.com"]),
        (HALF + "    who: {not_u|", ["not_users: "]),
        (HALF + "    service: [client|", ['"client:*"', '"client:wiki"']),
        (HALF + "    service: Wi|", ['"client:wiki"']),
        (HALF + "    service: imap\n    the|", ["then: "]),
        (HALF + "    network: {countries: [J|", ["JP"]),
        (HALF + "    when: {days: [mon], zone: Asia/T|", ["Asia/Tokyo"]),
        (HALF + "    when: {between: 07|", ['"07:00-22:00"']),
        (HALF + "    device: {trust: [m|", ["managed"]),
        (HALF + "    device: {posture: |}", ["healthy"]),
        (HALF + "    require: {factors: [p|", ["password", "passkey"]),
        (HALF + "    then: |", ["allow", "deny"]),
        (HALF + "    mode: |", ["report"]),
        ("never:\n  - name: x\n    outc|", ["outcome: "]),
        ("never:\n  - name: x\n    outcome: |", ["allow", "deny", "step_up"]),
        ("postures:\n  healthy:\n    firew|", ["firewall: "]),
        ("postures:\n  healthy:\n    firewall: |", ["true", "false"]),
        ("postures:\n  healthy: {os: {mac|", ["macos: "]),
        ("networks:\n  off|", []),
    ],
)
def test_what_could_stand_there_is_offered(typed: str, offered: list[str]) -> None:
    found = offers_at(*at(typed), NAMES)
    listed = [offer.text for offer in found.offers]
    assert listed == offered if len(offered) != 2 else listed[:2] == offered


@settings(max_examples=60)
@given(st.text("ab:- \n{}[],'\"#|>", max_size=60), st.integers(0, 60))
def test_no_half_finished_text_is_too_odd(text: str, place: int) -> None:
    found = offers_at(text, min(place, len(text)), NAMES)
    assert 0 <= found.start <= min(place, len(text))


DRAFT = """\
version: 1
rules:
  - name: 日本語 𠮷
    who: {gruops: ["staf", x]}
    service: smtp
    device: {trust: managd}
    then: allow
"""


def test_each_problem_lies_on_its_word_and_says_what_mends_it() -> None:
    known = Known(groups={"staff": 2}, services=frozenset({"webmail"}))
    first = marks(DRAFT, check(DRAFT, known).problems)
    assert [(DRAFT[each.start : each.end], each.mend) for each in first] == [
        ("gruops", "groups"),
        ("smtp", "submission"),
        ("managd", "managed"),
    ]
    mended = DRAFT
    for each in reversed(first):
        mended = mended[: each.start] + each.mend + mended[each.end :]
    doubts = [(mended[each.start : each.end], each.mend) for each in marks(mended, check(mended, known).warnings)]
    assert ("staf", "staff") in doubts and ("x", "") in doubts


def test_places_are_told_as_browsers_count_and_back() -> None:
    text = "a𠮷b\n日"
    units = places(text, range(len(text) + 1))
    assert units == {0: 0, 1: 1, 2: 3, 3: 4, 4: 5, 5: 6}
    assert [characters(text, unit) for unit in units.values()] == list(units)
    assert places("plain", [2]) == {2: 2} and characters("plain", 99) == 5
