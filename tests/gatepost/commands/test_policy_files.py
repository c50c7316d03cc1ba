"""``gatepost policy export`` and ``import``: byte for byte out, and in again only when something has changed."""

import json
from pathlib import Path

import pytest

from tests.gatepost.commands.conftest import Terminal
from tests.gatepost.commands.test_policy_tests import TABLE
from tests.idp.admin.house import OPEN

ODD = OPEN.replace("version: 1\n", "version: 1   # 日本語\r\n\n").rstrip("\n")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_bytes(OPEN.encode())
    return path


def publish(gatepost: Terminal, path: Path, text: str, *words: str) -> None:
    path.write_bytes(text.encode())
    assert gatepost("policy", "publish", str(path), *words).code == 0


def test_what_is_exported_is_what_was_published_byte_for_byte(gatepost: Terminal, policy: Path, tmp_path: Path) -> None:
    publish(gatepost, policy, ODD)
    assert gatepost("policy", "export").out.encode() == ODD.encode()
    out = tmp_path / "out.yaml"
    said = gatepost("policy", "export", "--output", str(out))
    assert (said.out, said.err, out.read_bytes()) == ("", f"wrote {out}\n", ODD.encode())
    publish(gatepost, policy, OPEN)
    assert gatepost("policy", "export", "--revision", "1").out.encode() == ODD.encode()
    assert gatepost("policy", "export", "--revision", "7").err == "gatepost: There is no policy revision 7.\n"


def test_all_revisions_become_files_that_are_never_written_over(
    gatepost: Terminal, policy: Path, tmp_path: Path
) -> None:
    table = tmp_path / "table.yaml"
    table.write_text(TABLE)
    publish(gatepost, policy, ODD, "--comment", "first", "--tests", str(table))
    publish(gatepost, policy, OPEN, "--no-tests", "--behalf", "Wanda")
    folder = tmp_path / "history"
    assert gatepost("policy", "export", "--all", str(folder)).out == f"5 files written to {folder}.\n"
    names = ["0001.json", "0001.tests.yaml", "0001.yaml", "0002.json", "0002.yaml"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert ((folder / "0001.yaml").read_bytes(), (folder / "0001.tests.yaml").read_text()) == (ODD.encode(), TABLE)
    about = json.loads((folder / "0001.json").read_text())
    assert list(about) == ["number", "author", "comment", "at", "sha256"]
    assert (about["comment"], about["at"]) == ("first", "2027-01-15T08:00:00Z")
    assert json.loads((folder / "0002.json").read_text())["behalf"] == "Wanda"
    assert gatepost("policy", "export", "--all", str(folder)).out == f"0 files written to {folder}.\n"
    (folder / "0001.yaml").write_text(OPEN)
    edited = gatepost("policy", "export", "--all", str(folder))
    assert edited.code == 1 and f"{folder / '0001.yaml'} is not what was published" in edited.err
    assert (folder / "0001.yaml").read_text() == OPEN


def test_an_import_publishes_once_and_says_so_when_there_is_nothing_to_do(gatepost: Terminal, policy: Path) -> None:
    words = ("policy", "import", str(policy), "--author", "Wanda", "--comment", "from git")
    assert gatepost(*words).out == "Revision 1 is in force.\n"
    assert gatepost(*words).out == "Nothing to do: revision 1 says the same, and is in force.\n"
    assert gatepost(*words, "--json").json == {"unchanged": "revision", "number": 1}
    assert "(for Wanda) from git" in gatepost("policy", "history").out
    policy.write_text(f"{OPEN}# more\n")
    assert gatepost(*words).out == "Revision 2 is in force.\n"
    policy.write_text(f"{OPEN}# late\n")
    late = gatepost(*words, "--base", "1")
    assert late.code == 1 and "published revision 2 while you worked on revision 1" in late.err


def test_the_table_beside_a_file_goes_with_it(gatepost: Terminal, policy: Path, tmp_path: Path) -> None:
    table = tmp_path / "policy.tests.yaml"
    table.write_text(TABLE)
    assert gatepost("policy", "import", str(policy)).out == "Revision 1 is in force.\n"
    assert gatepost("policy", "test", "--online").code == 0
    table.write_text(TABLE.replace("expect: allow", "expect: deny"))
    refused = gatepost("policy", "import", str(policy))
    assert refused.code == 1 and f"{table}:5: staff read mail" in refused.out
    table.unlink()
    assert gatepost("policy", "import", str(policy)).out.startswith("Nothing to do")
    assert gatepost("policy", "import", str(policy), "--no-tests").out == "Revision 2 is in force.\n"


def test_an_exported_revision_comes_back_with_its_author_and_comment(
    gatepost: Terminal, policy: Path, tmp_path: Path
) -> None:
    publish(gatepost, policy, ODD, "--comment", "the good one")
    gatepost("policy", "export", "--all", str(tmp_path / "history"))
    publish(gatepost, policy, OPEN)
    assert gatepost("policy", "import", str(tmp_path / "history" / "0001.yaml")).out == "Revision 3 is in force.\n"
    assert "(for admin:local:unknown) the good one" in gatepost("policy", "history").out
    (tmp_path / "policy.json").write_text("[1]")
    policy.write_text(f"{OPEN}# new\n")
    with pytest.raises(Exception, match="is no JSON file that"):
        gatepost("policy", "import", str(policy))


def test_where_two_must_agree_an_import_proposes_once(two: Terminal, policy: Path) -> None:
    policy.write_text(f"{OPEN}# from git\n")
    assert two("policy", "import", str(policy)).out.startswith("Proposal 1 waits")
    assert two("policy", "import", str(policy)).out == (
        "Nothing to do: proposal 1 says the same, and waits for approval.\n"
    )
