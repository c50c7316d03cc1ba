"""Policies in force: a stricter one ends what it no longer allows, rolling back lets in again, a broken one waits."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gatepost.admin_client import AdminClient
from tests.e2e.demo import Demo
from tests.e2e.mail import Idling, imap, open_submission, refusal

pytestmark = pytest.mark.e2e

STAFF = (
    "who: {groups: [staff, mail-admins]}\n    service: [imap, pop3, submission, sieve]\n"
    "    device: {trust: [enrolled, managed]"
)
STRICTER = STAFF.replace("mail-admins]}", "mail-admins], not_users: [bob@example.com]}")


def in_force(demo: Demo) -> tuple[int, str]:
    answer = demo.orders("policy", "show")
    return answer["number"], answer["text"]


def test_a_stricter_policy_ends_just_the_sessions_it_no_longer_allows(demo: Demo) -> None:
    alice, bob = demo.person("alice"), demo.person("bob")
    before, text = in_force(demo)
    assert text.count(STAFF) == 1
    staying, leaving = (Idling(demo, who, who.app_password("imap")) for who in (alice, bob))
    sending = open_submission(demo, implicit=True)
    sending.login(bob.email, bob.app_password("submission"))

    made = demo.orders("policy", "publish", "-", "--comment", "not bob", text=text.replace(STAFF, STRICTER))
    assert made["number"] == before + 1
    lines = leaving.rest()
    assert lines[-1].startswith("* BYE ") and "Mail programs need a registered device" in lines[-1]
    assert sending.getreply()[0] == 421
    assert "AUTHORIZATIONFAILED" in refusal(demo, bob.email, bob.app_password("imap"))
    assert {each["user"] for each in demo.orders("session", "list", "--service", "imap")["items"]} >= {"alice"}

    restored = demo.orders("policy", "rollback", str(before), "--comment", "bob is back")
    assert restored["restores"] == before and in_force(demo) == (before + 2, text)
    with imap(demo, bob) as session:
        assert session.select("INBOX")[0] == "OK"
    staying.socket.sendall(b"DONE\r\n")
    assert staying.file.readline().startswith(b"c OK")
    staying.socket.close()


def test_a_broken_policy_is_refused_with_place_and_hint_and_the_old_one_stays(demo: Demo) -> None:
    before = in_force(demo)
    broken = before[1].replace("who: {groups: [contractors]}", "who: {gruops: [contractors]}", 1)
    line = next(n for n, each in enumerate(broken.splitlines(), 1) if "gruops" in each)
    column = broken.splitlines()[line - 1].index("gruops") + 1
    refused = demo.gatepost("policy", "publish", "-", text=broken)
    assert refused.returncode == 1
    assert f"{line}:{column}" in refused.stderr
    assert "did you mean `groups`" in refused.stderr
    checked = demo.gatepost("policy", "check", "-", text=broken)
    assert checked.returncode == 1 and f"{line}:{column}" in checked.stdout
    assert in_force(demo) == before
    assert demo.gatepost("policy", "publish").returncode == 2


def test_a_policy_that_shuts_every_admin_out_is_refused(demo: Demo) -> None:
    before = in_force(demo)
    shut = before[1].replace("service: console\n", "service: portal\n", 1)
    refused = demo.gatepost("policy", "publish", "-", text=shut)
    assert refused.returncode == 1 and "console" in refused.stderr
    assert in_force(demo) == before


def test_of_many_who_publish_at_once_one_is_in_force_and_every_other_sees_both_changes(demo: Demo) -> None:
    number, text = in_force(demo)
    socket = Path(demo.directory) / "state" / "run" / "admin.sock"

    def publish(who: int) -> tuple[int, dict[str, Any]]:
        body = {"text": f"{text}# by {who}\n", "base": number, "comment": f"admin {who}"}
        return AdminClient(socket).call("POST", "/policy/publish", body)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(publish, range(8)))
    assert sorted(status for status, _ in answers) == [201, *[409] * 7]
    assert in_force(demo)[0] == number + 1
    winner = in_force(demo)[1].splitlines()[-1]
    for who, (status, answer) in enumerate(answers):
        if status == 409:
            conflict = answer["conflict"]
            assert f"+{winner}" in conflict["theirs"] and f"+# by {who}" in conflict["yours"]
            assert f"<<<<<<< revision {number + 1}\n{winner}\n=======\n# by {who}\n" in conflict["merged"]
    demo.orders("policy", "rollback", str(number))


def test_what_is_exported_goes_through_git_and_in_again_only_when_it_changed(demo: Demo, tmp_path: Path) -> None:
    number, text = in_force(demo)
    file = tmp_path / "policy.yaml"
    demo.gatepost("policy", "export", "--output", str(file))
    assert file.read_bytes() == text.encode()
    same = demo.orders("policy", "import", str(file))
    assert same == {"unchanged": "revision", "number": number}
    file.write_bytes(f"{text}# from git\n".encode())
    made = demo.orders("policy", "import", str(file), "--author", "Alice", "--comment", "from git")
    assert (made["number"], made["behalf"]) == (number + 1, "Alice")
    assert demo.orders("policy", "rollback", str(number))["restores"] == number
