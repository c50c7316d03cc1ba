"""``gatepost policy`` where admins meet: a conflict shown three ways and put together, proposals and their answers."""

from pathlib import Path

import pytest

from idp.admin.actor import Actor
from tests.gatepost.commands.conftest import Terminal
from tests.idp.admin.house import ADMIN, OPEN

THEIRS = OPEN.replace("name: staff read mail", "name: staff and interns read mail")
YOURS = OPEN.replace("groups: [admins]", "groups: [admins, wardens]")
ANN, BEN = Actor.of("ann"), Actor.of("ben")


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(YOURS)
    return path


def conflicting(gatepost: Terminal, theirs: str) -> None:
    """Publish a first revision, and somebody else's change on top of it."""
    gatepost.runner.run(gatepost.home.admin())
    for number, text in enumerate((OPEN, theirs)):
        gatepost.runner.run(gatepost.home.acts.publishing.publish(ADMIN, text, "their reason", base=number))


def test_a_conflict_shows_both_changes_and_writes_them_as_one(gatepost: Terminal, draft: Path, tmp_path: Path) -> None:
    conflicting(gatepost, THEIRS)
    said = gatepost("policy", "publish", str(draft), "--base", "1")
    assert (said.code, said.err.splitlines()) == (
        1,
        [
            "The two changes do not touch: --merge NEW-FILE writes them as one.",
            "gatepost: admin:root published revision 2 while you worked on revision 1. "
            "Take their change over, then publish again.",
        ],
    )
    at = said.out.splitlines()[0].split(", ")[1].removesuffix(" (their reason)")
    assert said.out == (
        f"Revision 2 by admin:root, {at} (their reason)\n"
        "stands between revision 1 and this draft.\n"
        "\n"
        "You changed, at line 4:\n"
        "  -    who: {groups: [admins]}\n"
        "  +    who: {groups: [admins, wardens]}\n"
        "\n"
        "They changed, at line 9:\n"
        "  -  - name: staff read mail\n"
        "  +  - name: staff and interns read mail\n"
        "\n"
    )
    merged = tmp_path / "merged.yaml"
    said = gatepost("policy", "publish", str(draft), "--base", "1", "--merge", str(merged))
    assert f"{merged} has both changes. Read it, then publish it with --base 2." in said.err
    assert merged.read_text() == THEIRS.replace("groups: [admins]", "groups: [admins, wardens]")
    assert gatepost("policy", "publish", str(merged), "--base", "2").out == "Revision 3 is in force.\n"


def test_where_both_changed_one_line_a_person_decides(gatepost: Terminal, draft: Path, tmp_path: Path) -> None:
    conflicting(gatepost, OPEN.replace("groups: [admins]", "groups: [admins, keepers]"))
    merged = tmp_path / "merged.yaml"
    said = gatepost("policy", "publish", str(draft), "--base", "1", "--merge", str(merged))
    assert said.out.splitlines()[3:7] == [
        "Both changed line 4, each in their own way:",
        "  was    |     who: {groups: [admins]}",
        "  theirs |     who: {groups: [admins, keepers]}",
        "  yours  |     who: {groups: [admins, wardens]}",
    ]
    assert "Decide where it says <<<<<<<" in said.err
    assert gatepost("policy", "publish", str(merged), "--base", "2").code == 1
    conflict = gatepost("policy", "publish", str(draft), "--base", "1", "--json").json["conflict"]
    assert (conflict["clean"], conflict["places"][0]["whose"]) == (False, "conflict")


def test_what_is_published_waits_and_is_approved_in_the_console_or_by_force(two: Terminal, draft: Path) -> None:
    made = two("policy", "publish", str(draft), "--comment", "wardens too", "--behalf", "Wanda")
    assert made.out.startswith("Proposal 1 waits for another admin's approval until ")
    assert [line.split()[0] for line in two("policy", "proposals").out.splitlines()] == ["PROPOSAL", "1"]
    shown = two("policy", "proposals", "1").out
    assert "by         admin:local:unknown for Wanda\n" in shown
    assert "+    who: {groups: [admins, wardens]}" in shown
    alone = two("policy", "approve", "1")
    assert alone.code == 1 and "another admin must approve" in alone.err
    two.runner.run(two.home.acts.publishing.proposals.approve(BEN, 1, "fine"))
    assert "(for Wanda; approved by admin:ben) wardens too" in two("policy", "history").out
    assert two("policy", "proposals").out == "Nothing waits for approval.\n"
    again = two("policy", "approve", "1")
    assert again.err == "gatepost: admin:ben has approved proposal 1 already.\n"


def test_force_at_the_server_is_told_in_the_history(two: Terminal, draft: Path) -> None:
    two("policy", "publish", str(draft))
    assert two("policy", "approve", "1", "--force", "--comment", "nobody else is awake").out == (
        "Revision 2 is in force. Passed by force or acknowledgement: approval.\n"
    )
    assert "passed by force: approval" in two("policy", "history").out


def test_a_stale_proposal_shows_the_conflict_and_cannot_be_approved(two: Terminal, draft: Path) -> None:
    for text, author in ((YOURS, ANN), (THEIRS, BEN)):
        two.runner.run(two.home.acts.publishing.publish(author, text, base=1))
    two.runner.run(two.home.acts.publishing.proposals.approve(ANN, 2))
    assert "open, stale" in two("policy", "proposals").out
    assert "They changed, at line 9:" in two("policy", "proposals", "1").out
    refused = two("policy", "approve", "1", "--force")
    assert refused.code == 1 and "You changed, at line 4:" in refused.out
    assert "Proposal 1 was made from revision 1, but admin:ben has published revision 2 since." in refused.err


def test_what_breaks_a_never_is_refused_with_its_witness_in_words(gatepost: Terminal, draft: Path) -> None:
    gatepost.runner.run(gatepost.home.admin())
    nevers = "".join(
        f"  - {{name: no {service}, service: {service}, outcome: allow}}\n" for service in ("imap", "portal")
    )
    draft.write_text(f"{OPEN}never:\n{nevers}")
    for words in ((), ("--force",)):
        said = gatepost("policy", "publish", str(draft), *words)
        assert said.code == 1 and [line.split(":")[1] for line in said.out.splitlines()] == [" no imap", " no portal"]
        assert "`no imap` (line 15) must never be so, but under this policy it can: " in said.err
    assert gatepost("policy", "history").out.startswith("No policy yet")


def test_decline_and_withdraw(two: Terminal, draft: Path) -> None:
    two.runner.run(two.home.acts.publishing.publish(ANN, YOURS, base=1))
    two("policy", "publish", str(draft))
    assert two("policy", "decline", "1", "--comment", "no").out == "Proposal 1 is declined.\n"
    assert two("policy", "withdraw", "2").out == "Proposal 2 is withdrawn.\n"
    listed = two("policy", "proposals", "--closed").out.splitlines()
    assert [line.split()[0] for line in listed] == ["PROPOSAL", "2", "1"]
    assert two("policy", "proposals", "9").err == "gatepost: There is no proposal 9.\n"
