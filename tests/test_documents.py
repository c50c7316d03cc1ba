"""What the documents promise is true: commands exist, files are there, the guide's policy loads, rooms have names."""

import re
from pathlib import Path
from string import Template

import pytest

from gatepost.__main__ import parser
from kernel.config.reader import read_settings
from policies.language import check

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "docs" / "policy.md",
    ROOT / "docs" / "decision-point.md",
]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_files_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text(document))
    files = re.findall(r"`((?:idp|proxy|policies|store|kernel|gatepost|tests|deploy|bench)/[\w/.-]+)`", text(document))
    broken = [link for link in links if not (document.parent / link).exists()]
    broken += [file for file in files if not (ROOT / file).exists() and not (ROOT / f"{file}.py").exists()]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_gatepost_command_shown_is_understood_up_to_its_values(document: Path) -> None:
    known = parser().format_help()
    shown = set(re.findall(r"^gatepost ([a-z]+)", text(document), re.MULTILINE))
    assert [command for command in shown if not re.search(rf"^    {command} ", known, re.MULTILINE)] == []


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    shown = {target for document in DOCUMENTS for target in re.findall(r"`?make ([a-z-]+)", text(document))}
    assert shown <= targets


def test_the_guides_policy_is_a_good_one() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", text(ROOT / "docs" / "policy.md"), re.DOTALL)
    report = check(example)
    assert report.problems == ()
    assert [warning.what for warning in report.warnings if "never used" not in warning.what] == []


def test_the_decision_points_configuration_is_a_good_one() -> None:
    shown = "".join(re.findall(r"```toml\n(.*?)```", text(ROOT / "docs" / "decision-point.md"), re.DOTALL))
    around = text(ROOT / "gatepost" / "household" / "template.toml")
    values = {
        "name": "x",
        "issuer": "https://id.example.com",
        "state": "s",
        "certificate": "c",
        "key": "k",
        "domains": "",
    }
    whole = f"{Template(around).substitute(values)}\n{shown}"
    settings = read_settings(whole, ROOT / "gatepost.toml")
    assert [(each.name, len(each.mail)) for each in settings.enforcers] == [("edge", 1)]


def test_the_map_names_every_room() -> None:
    rooms = [path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()]
    assert [room for room in rooms if f"`{room}/`" not in text(ROOT / "ARCHITECTURE.md")] == []


def test_the_policies_to_start_from_are_the_ones_that_we_install() -> None:
    packaged = sorted((ROOT / "gatepost" / "starters").glob("*.yaml"))
    assert {path.name for path in packaged} <= {path.name for path in (ROOT / "deploy" / "policies").iterdir()}
    for path in packaged:
        assert text(path) == text(ROOT / "deploy" / "policies" / path.name)
