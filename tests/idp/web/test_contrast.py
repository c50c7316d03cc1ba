"""Every text colour on every ground that it stands on, light and dark: 4.5 to 1 at least (WCAG 2.2, 1.4.3); borders of
fields 3 to 1 (1.4.11)."""

import re

import pytest

from idp.web.pages import WEB
from proxy.web.style import CSS

assert WEB.static is not None
SHEETS = {"pages": (WEB.static / "gatepost.css").read_text(encoding="utf-8"), "door": CSS}
TEXT = (
    ("ink", "ground", "surface", "sunk", "accent-wash", "info-wash", "ok-wash", "warn-wash", "bad-wash"),
    ("soft", "ground", "surface", "sunk"),
    ("accent", "ground", "surface", "accent-wash"),
    ("accent-deep", "ground", "surface"),
    ("on-accent", "accent", "accent-deep"),
    ("ok", "ok-wash", "surface"),
    ("warn", "warn-wash", "surface"),
    ("bad", "bad-wash", "surface", "ground"),
    ("info", "info-wash"),
)
LINES = (("line-strong", "surface", "ground"), ("focus", "surface", "ground"))
DARK = "@media (prefers-color-scheme: dark)"


def palette(sheet: str, scheme: str) -> dict[str, str]:
    """Return name -> colour; dark overlays light."""
    light, _, dark = sheet.partition(DARK)
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", light))
    return found | (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sheet", SHEETS)
def test_every_text_can_be_read(sheet: str, scheme: str) -> None:
    colours = palette(SHEETS[sheet], scheme)
    assert {"ink", "soft", "accent", "ground"} <= set(colours)
    faint = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for least, rows in ((4.5, TEXT), (3.0, LINES))
        for text, *grounds in rows
        for ground in grounds
        if text in colours and ground in colours and contrast(colours[text], colours[ground]) < least
    }
    assert not faint


def test_black_on_white_is_21_to_1() -> None:
    assert round(contrast("#000", "#ffffff"), 1) == 21.0
