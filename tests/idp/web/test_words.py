"""Every text stands in every language, every key that a template or a module names exists, every template compiles."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from idp.web.catalogue import Catalogue
from idp.web.texts import TEXTS


def catalogue() -> Catalogue:
    found = [TEXTS]
    for name in ("signin", "portal"):
        module = __import__(f"idp.{name}.texts", fromlist=["TEXTS"])
        found.append(module.TEXTS)
    return Catalogue(found)


def templates() -> list[Path]:
    return [path for area in ("web", "signin", "portal") for path in Path("idp", area, "templates").glob("*.html")]


NAMED = re.compile(r"""\bt\(\s*["']([a-z0-9.-]+)["']\s*[,)]""")
IN_CODE = re.compile(r"""["']((?:web|signin|portal)(?:\.[a-z0-9-]+)+)["']""")


@pytest.mark.parametrize("path", templates(), ids=str)
def test_template_compiles_and_its_words_exist(path: Path) -> None:
    source = path.read_text()
    Environment(autoescape=True).parse(source)
    missing = [key for key in NAMED.findall(source) if key not in catalogue()]
    assert missing == []


@pytest.mark.parametrize("area", ["web", "signin", "portal"])
def test_words_named_in_code_exist(area: str) -> None:
    known = catalogue()
    for module in Path("idp", area).glob("*.py"):
        if module.name != "texts.py":
            missing = [
                key
                for key in IN_CODE.findall(module.read_text())
                if key not in known and f"{key}.title" not in known and not key.endswith("html")
            ]
            assert missing == [], module


def test_every_text_has_the_same_places_in_both_languages() -> None:
    for key, spoken in catalogue()._texts.items():
        places = {language: sorted(re.findall(r"\{(\w+)\}", text)) for language, text in spoken.items()}
        assert places["en"] == places["ja"], key


def test_a_text_without_japanese_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'a\.b' is not said in ja"):
        Catalogue([{"a.b": {"en": "words"}}])


def test_no_template_carries_inline_script_or_style() -> None:
    for path in templates():
        source = path.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)|javascript:", source), path
