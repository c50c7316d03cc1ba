"""``gatepost policy diff``, ``prove`` and ``who-can``: what a terminal shows, and what a script reads off it."""

from pathlib import Path

import pytest

from tests.gatepost.commands.conftest import Terminal
from tests.idp.admin.house import OPEN
from tests.idp.admin.test_meaning import HOLE, KEPT
from tests.idp.api.test_meaning_calls import WIDER


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Policies in files, by name."""
    places = {}
    for name, text in {"open": OPEN, "wider": WIDER, "kept": KEPT, "hole": HOLE}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
        places[name] = str(tmp_path / f"{name}.yaml")
    return places


def test_two_files_are_compared_without_a_server(gatepost: Terminal, files: dict[str, str]) -> None:
    told = gatepost("policy", "diff", files["open"], files["wider"])

    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == "newly allowed: group staff, device managed or enrolled, service webmail, any network"
    assert lines[1].startswith("    for example webmail at 20")
    assert lines[1].endswith("user somebody <somebody@example.com> (staff), managed device, proof browser-key")
    assert lines[2:] == ["    before: deny, no rule matches", "    now:    allow, rule `staff read mail`"]
    japanese = gatepost("policy", "diff", files["open"], files["wider"], "--language", "ja")
    assert japanese.out.startswith("新たに許可: グループ staff、")


def test_what_means_the_same_is_said_to_be_the_same(gatepost: Terminal, files: dict[str, str]) -> None:
    told = gatepost("policy", "diff", files["open"], files["open"])

    assert (told.code, told.out) == (
        0,
        "The same: nobody is let in, denied, asked or limited otherwise, whatever the facts.\n",
    )
    assert gatepost("policy", "diff", files["open"], files["open"], "--json").json["same"] is True


def test_a_file_is_proven_without_a_server(gatepost: Terminal, files: dict[str, str]) -> None:
    kept, broken = gatepost("policy", "prove", files["kept"]), gatepost("policy", "prove", files["hole"])

    assert (kept.code, kept.out) == (0, "line 16: no unknown device reads mail: holds\n")
    assert broken.code == 1
    assert broken.out.splitlines()[0] == (
        "line 15: no unknown device reads mail: broken: group staff, device unknown, service imap or submission,"
        " any network"
    )
    assert broken.out.splitlines()[2] == "    comes to allow, rule `staff read mail`"
    assert gatepost("policy", "prove", files["open"]).out == "There is no `never` in this policy.\n"
    assert gatepost("policy", "prove", files["hole"], "--json").json["items"][0]["verdict"] == "broken"


def test_revisions_are_compared_at_the_server(gatepost: Terminal, files: dict[str, str]) -> None:
    gatepost.runner.run(gatepost.home.admin())
    for name in ("open", "wider"):
        gatepost("policy", "publish", files[name])
    last, draft, numbers = (gatepost("policy", "diff", *words) for words in ([], [files["open"]], ["2", "1"]))

    assert [told.out.split(":")[0] for told in (last, draft, numbers)] == [
        "newly allowed",
        "newly denied",
        "newly denied",
    ]
    missing = gatepost("policy", "diff", "1", "7")
    assert (missing.code, missing.err) == (1, "gatepost: There is no policy revision 7.\n")
    assert gatepost("policy", "prove").out == "There is no `never` in this policy.\n"


def test_a_broken_never_stops_a_publish(gatepost: Terminal, files: dict[str, str]) -> None:
    gatepost.runner.run(gatepost.home.admin())
    refused = gatepost("policy", "publish", files["hole"], "--force", "--acknowledge")

    assert refused.code == 1
    assert "must never be so, but under this policy it can: broken: group staff, device unknown" in refused.err


def test_who_can(gatepost: Terminal, files: dict[str, str]) -> None:
    home = gatepost.home
    gatepost.runner.run(home.admin())
    gatepost.runner.run(home.user("mika", "staff", ready=True))
    gatepost.runner.run(home.device("mika", "laptop"))
    gatepost("policy", "publish", files["open"])
    told = gatepost("policy", "who-can", "imap", "console")

    assert told.code == 0
    assert [line.split()[:6] for line in sorted(told.out.splitlines())] == [
        ["USER", "DEVICE", "TRUST", "SERVICE", "WITH", "FROM"],
        ["mika", "laptop", "enrolled", "imap", "token", "anywhere"],
        ["root", "desk", "enrolled", "console", "browser-key", "anywhere"],
    ]
    assert gatepost("policy", "who-can", "webmail").out == "Nobody could.\n"
    assert len(gatepost("policy", "who-can", "webmail", "--file", files["wider"], "--json").json["items"]) == 1
    assert gatepost("policy", "who-can", "--user", "nobody").code == 1
