"""``gatepost policy`` and ``gatepost audit``: errors with a caret, decisions with a trace, the log with its chain."""

import argparse
import io
import sqlite3
from pathlib import Path

import pytest

from gatepost.commands import audit
from gatepost.in_process import InProcessClient
from idp.api.app import local_app
from tests.gatepost.commands.conftest import Terminal
from tests.idp.admin.house import OPEN


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(OPEN)
    return path


def test_check_needs_no_server_and_points_at_the_fault(gatepost: Terminal, draft: Path) -> None:
    good = gatepost("policy", "check", str(draft))
    assert (good.code, good.out.splitlines()[-1]) == (0, f"{draft}: good")
    draft.write_text(OPEN.replace("then: allow", "then: alow", 1))
    bad = gatepost("policy", "check", str(draft))
    lines = bad.out.splitlines()
    assert bad.code == 1 and lines[0].startswith(f"{draft}:7:11: ")
    assert lines[1:4] == ["        then: alow", "              ^^^^", "    did you mean `allow`?"]
    assert lines[-1] == f"{draft}: 1 fault"
    assert gatepost("policy", "check", str(draft), "--json").json["problems"][0]["column"] == 11


def test_check_online_knows_the_groups(gatepost: Terminal, draft: Path) -> None:
    gatepost("group", "add", "admins")
    said = gatepost("policy", "check", str(draft), "--online")
    assert said.code == 0 and "warning" in said.out and "staff" in said.out
    assert "\ncan open the console: nobody; too few, so that publishing it would be refused\n" in said.out
    gatepost.runner.run(gatepost.home.user("root", "admins", ready=True))
    gatepost.runner.run(gatepost.home.device("root", "desk"))
    said = gatepost("policy", "check", str(draft), "--online")
    assert "\ncan open the console: root (desk, 198.18.0.1)\n" in said.out


def test_publish_refuse_conflict_and_roll_back(gatepost: Terminal, draft: Path) -> None:
    gatepost.runner.run(gatepost.home.admin())
    assert gatepost("policy", "history").out == "No policy yet: gatepost policy publish FILE\n"
    assert gatepost("policy", "publish", str(draft), "--comment", "first").out == "Revision 1 is in force.\n"
    draft.write_text(OPEN.replace("imap", "imao"))
    broken = gatepost("policy", "publish", str(draft))
    assert broken.code == 1 and "^^^^" in broken.err and "did you mean `imap`?" in broken.err
    draft.write_text(OPEN.replace("[console, portal]", "[portal]"))
    locked = gatepost("policy", "publish", str(draft))
    assert locked.code == 1 and "lock every admin out" in locked.err
    forced = gatepost("policy", "publish", str(draft), "--force")
    assert forced.out == "Revision 2 is in force. Passed by force or acknowledgement: lock-out.\n"
    late = gatepost("policy", "publish", str(draft), "--base", "1", "--force")
    assert late.code == 1 and "-    service: [console, portal]" in late.out and "revision 2 while you" in late.err
    back = gatepost("policy", "rollback", "1", "--comment", "oops")
    assert back.out == "Revision 3 is in force, which restores revision 1.\n"
    assert [line.split()[0] for line in gatepost("policy", "history").out.splitlines()] == ["REVISION", "3", "2", "1"]
    assert gatepost("policy", "show").out == OPEN
    assert gatepost("policy", "show", "2").out == draft.read_text()


def test_explain_shows_the_decision_and_its_trace(gatepost: Terminal, draft: Path) -> None:
    home = gatepost.home
    gatepost.runner.run(home.admin())
    gatepost("policy", "publish", str(draft))
    told = gatepost("policy", "explain", "console", "--user", "root").out
    assert told.startswith("decision   deny\nrule       none matched\n")
    assert "[no match] admins open the console (allow)" in told
    assert "- device.trust: wants" in told
    allowed = gatepost("policy", "explain", "console", "--user", "root", "--device", "desk", "--at", "2026-01-31T18:30")
    assert "[DECIDES] admins open the console (allow)" in allowed.out
    asked = gatepost(
        "policy", "explain", "console", "--user", "root", "--device", "desk", "--factor", "password", "--json"
    )
    assert asked.json["decision"]["outcome"] == "step_up"
    assert gatepost("policy", "explain", "console", "--user", "ghost").code == 1


def test_audit(gatepost: Terminal) -> None:
    gatepost("user", "add", "mika", "--email", "mika@example.com", "--no-invite")
    line = gatepost("audit", "tail", "--count", "1").out
    assert "user-changed  admin:local:unknown  user=mika" in line and "act=created" in line
    assert gatepost("audit", "search", "--user", "mika", "--json").json["items"][0]["act"] == "created"
    assert gatepost("audit", "search", "--user", "nobody").out == "No such entries.\n"
    assert gatepost("audit", "verify").out == "The chain holds: 1 entries.\n"
    connection = sqlite3.connect(gatepost.home.path)
    with connection:
        connection.execute("UPDATE audit SET body = replace(body, 'mika', 'mikb')")
    connection.close()
    broken = gatepost("audit", "verify")
    assert broken.code == 1 and "BROKEN after 0 entries: entry 1 was changed" in broken.out


def test_follow_prints_what_comes_until_it_is_interrupted(
    gatepost: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt
        gatepost.runner.run(gatepost.home.user("mika"))

    client = InProcessClient(local_app(gatepost.home.acts), gatepost.runner)
    with pytest.raises(KeyboardInterrupt):
        audit.follow(argparse.Namespace(json=False), client, 0, pause)
    assert capsys.readouterr().out.startswith("1  2027-01-15 08:00:00Z  user-changed")


def test_a_strangers_bytes_do_not_drive_the_terminal(gatepost: Terminal) -> None:
    entry = {"number": 1, "at": 0, "kind": "credential-refused", "actor": "system", "user": "a\x1b[2J\n\u202eb"}
    assert audit.line(entry) == r"1  -  credential-refused  system  user=a\x1b[2J\n\u202eb"


def test_a_policy_that_is_no_text_is_refused(gatepost: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"version: \xff")))
    with pytest.raises(Exception, match="not UTF-8: byte 9"):
        gatepost("policy", "check", "-")
