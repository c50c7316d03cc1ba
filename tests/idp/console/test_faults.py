"""The judge's faults in Japanese: every fault and warning of every policy that the judge is tried with."""

import re
from pathlib import Path

import pytest

from idp.console.words.faults import spoken
from policies.language import check

BROKEN = Path(__file__).parents[2] / "policies" / "broken"
DOUBTFUL = BROKEN.with_name("doubtful")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def sentences() -> list[str]:
    found = set()
    for path in (*BROKEN.glob("*.txt"), *DOUBTFUL.glob("*.txt")):
        report = check(path.read_text(encoding="utf-8").partition("----------\n")[0])
        for problem in (*report.problems, *report.warnings):
            found |= {problem.what, problem.hint} - {""}
    return sorted(found)


def test_every_sentence_about_a_broken_policy_is_said_in_japanese() -> None:
    assert len(sentences()) > 20
    english = [each for each in sentences() if not JAPANESE.search(spoken(each, "ja"))]
    assert english == []


def test_every_sentence_about_a_broken_table_of_expected_decisions_is_said_in_japanese() -> None:
    found = set()
    for path in (BROKEN.parent / "expected" / "broken").glob("*.txt"):
        for line in path.read_text(encoding="utf-8").partition("----------\n")[2].splitlines():
            what, _, hint = line.partition(": ")[2].split(" | ")
            found |= {what, hint} - {""}
    assert len(found) > 50
    assert [each for each in sorted(found) if not JAPANESE.search(spoken(each, "ja"))] == []


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("a rule has no key `servise`", "ルールに `servise` というキーはありません"),
        ("did you mean `service`?", "`service` の誤りではありませんか。"),
        ("rule `a` says nothing in `ja`", "ルール `a` には `ja` の文面がありません"),
        ("nobody ever said this", "nobody ever said this"),
    ],
)
def test_what_stands_in_a_sentence_comes_over(english: str, japanese: str) -> None:
    assert spoken(english, "ja") == japanese
    assert spoken(english, "en") == english
