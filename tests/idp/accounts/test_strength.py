"""Which passwords are refused: short, common however decorated, patterns, personal; and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts import WeakPassword
from idp.accounts.refusals import WORDS
from idp.accounts.strength import demand_strong, is_pattern, prepared
from kernel.records.people import User

ANNA = User("u_1", "arai.anna", "anna@example.com", "Anna Arai", aliases=("sales@example.com",))


def rule(password: str, minimum: int = 10) -> str:
    try:
        demand_strong(password, ANNA, "Example Mail", minimum)
    except WeakPassword as refusal:
        assert set(refusal.words) == {"en", "ja"}
        return refusal.rule
    return ""


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("short", "password-short"),
        ("x" * 1025, "password-long"),
        ("あ" * 400, "password-long"),
        ("violet\0tractor", "password-control"),
        ("violet\ntractor", "password-control"),
        ("aaaaaaaaaaaa", "password-pattern"),
        ("abcabcabcabc", "password-pattern"),
        ("1234567890", "password-pattern"),
        ("0987654321", "password-pattern"),
        ("qwertyuiop", "password-pattern"),
        ("poiuytrewq", "password-pattern"),
        ("1qaz2wsx3edc", "password-pattern"),
        ("1q2w3e4r5t6y", "password-pattern"),
        ("password2026", "password-common"),
        ("P@ssw0rd2026!", "password-common"),
        ("!!Welcome!!!!", "password-common"),
        ("letmein123456", "password-common"),
        ("PasswordPassword", "password-common"),
        ("パスワード１２３４５", "password-common"),
        ("ｐａｓｓｗｏｒｄ２０２６", "password-common"),
        ("my anna is nice", "password-personal"),
        ("violet-ARAI-77", "password-personal"),
        ("the sales team", "password-personal"),
        ("my example site", "password-personal"),
    ],
)
def test_weak_passwords_break_a_rule(password: str, broken: str) -> None:
    assert rule(password) == broken


@pytest.mark.parametrize(
    "password", ["violet tractor sings", "k7#mQz!v2Lx", "水色の自転車で毎朝通勤", "x9-Trommel-Fisch"]
)
def test_good_passwords_pass(password: str) -> None:
    assert rule(password) == ""


def test_the_minimum_is_the_sites() -> None:
    assert rule("k7#mQz!v2Lx", minimum=12) == "password-short"


def test_spellings_of_one_password_are_the_same_bytes() -> None:
    assert prepared("cafe\u0301 bar") == prepared("caf\u00e9\u00a0bar") == prepared("caf\u00e9\u3000bar")
    assert prepared("A") != prepared("a")


def test_what_is_no_text_is_no_password() -> None:
    assert prepared("\ud800violet") is None
    assert prepared("x" * 1_000_000) is None
    assert prepared("あ" * 342) is None
    assert prepared("violet\0tractor") == b"violet\0tractor"


@given(st.text(max_size=60))
def test_any_text_is_judged_without_a_fault(password: str) -> None:
    assert rule(password) == "" or rule(password) in WORDS


@given(st.text(min_size=1, max_size=5), st.integers(min_value=2, max_value=9))
def test_a_repeated_short_unit_is_a_pattern(unit: str, times: int) -> None:
    assert is_pattern(unit * times)


def test_every_refusal_speaks_both_languages_with_the_same_blanks() -> None:
    for key, sentences in WORDS.items():
        assert set(sentences) == {"en", "ja"}, key
        assert set(_blanks(sentences["en"])) == set(_blanks(sentences["ja"])), key


def _blanks(sentence: str) -> list[str]:
    return [part.partition("}")[0] for part in sentence.split("{")[1:]]
