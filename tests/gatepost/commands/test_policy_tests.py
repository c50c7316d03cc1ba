"""``gatepost policy test``, and tables that go with a revision: what comes out otherwise is shown with its trace."""

from pathlib import Path

import pytest

from kernel.problems import Refused
from tests.gatepost.commands.conftest import Terminal
from tests.idp.admin.house import OPEN

TABLE = """\
version: 1
people: {root: {groups: [admins]}, mika: {groups: [staff]}}
defaults: {user: mika, factors: [password]}
tests:
  - {name: staff read mail, service: [imap, submission], device: [enrolled, managed], expect: allow}
  - {name: not on an unknown one, service: imap, expect: deny, rule: none}
  - {name: admins show a code, user: root, service: console, device: managed, expect: step_up, require: {factors: totp}}
"""
WRONG = TABLE.replace("device: [enrolled, managed], expect: allow", "device: [lost, managed], expect: allow").replace(
    "factors: totp", "factors: passkey"
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A policy and its table beside it."""
    policy, table = tmp_path / "policy.yaml", tmp_path / "policy.tests.yaml"
    policy.write_text(OPEN)
    table.write_text(TABLE)
    return policy, table


def test_a_table_beside_the_policy_is_run_without_a_server(gatepost: Terminal, files: tuple[Path, Path]) -> None:
    policy, table = files
    said = gatepost("policy", "test", str(policy))
    assert (said.code, said.out) == (0, f"{table}: 6 expected decisions, all as expected\n")
    assert gatepost("policy", "test", str(policy), "--json").json["good"] is True


def test_what_comes_out_otherwise_is_shown_with_the_rules_that_matter(
    gatepost: Terminal, files: tuple[Path, Path]
) -> None:
    policy, table = files
    table.write_text(WRONG)
    said = gatepost("policy", "test", str(policy))
    assert said.code == 1
    golden = (Path(__file__).parent / "golden" / "policy-test.txt").read_text(encoding="utf-8")
    assert said.out.replace(str(table), "TABLE") == golden


def test_a_rule_that_no_row_reaches_is_named(gatepost: Terminal, files: tuple[Path, Path]) -> None:
    policy, table = files
    table.write_text(TABLE.rsplit("\n", 2)[0] + "\n")
    said = gatepost("policy", "test", str(policy))
    assert said.code == 0 and said.out.startswith("no row is decided by `admins open the console`\n")


def test_faults_of_either_file_have_a_code_of_their_own(gatepost: Terminal, files: tuple[Path, Path]) -> None:
    policy, table = files
    table.write_text(TABLE.replace("enrolled", "enroled"))
    said = gatepost("policy", "test", str(policy))
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines()[0] == f"{table}:5:67: `device`: no device is called `enroled`"
    assert said.err.splitlines()[-1] == "    did you mean `enrolled`?"
    policy.write_text(OPEN.replace("then: allow", "then: alow"))
    assert gatepost("policy", "test", str(policy), "--json").json["source"] == str(policy)
    with pytest.raises(Refused, match="there is no table"):
        gatepost("policy", "test", str(table))
    with pytest.raises(Refused, match="name a policy file"):
        gatepost("policy", "test")


def test_templates_are_listed_printed_and_written(gatepost: Terminal, tmp_path: Path) -> None:
    listed = gatepost("policy", "templates").out.splitlines()
    assert [line.split()[0] for line in listed[:3]] == ["NAME", "starter", "staff-and-contractors"]
    assert gatepost("policy", "templates", "office-only").out.startswith("# Office only")
    assert gatepost("policy", "templates", "office-only", "--tests").out.startswith("# What the policy beside")
    said = gatepost("policy", "templates", "office-only", "--write", str(tmp_path / "new"))
    files = [tmp_path / "new" / name for name in ("office-only.yaml", "office-only.tests.yaml")]
    assert said.out.splitlines() == [f"wrote {file}" for file in files]
    assert gatepost("policy", "test", str(files[0])).code == 0
    with pytest.raises(Refused, match="is there already; nothing was written"):
        gatepost("policy", "templates", "office-only", "--write", str(tmp_path / "new"))
    with pytest.raises(Refused, match="did you mean `office-only`"):
        gatepost("policy", "templates", "office")


def test_a_table_that_goes_with_a_revision_holds_the_next_ones_to_it(
    gatepost: Terminal, files: tuple[Path, Path]
) -> None:
    policy, table = files
    gatepost.runner.run(gatepost.home.admin())
    assert gatepost("policy", "publish", str(policy), "--tests", str(table)).out == "Revision 1 is in force.\n"
    assert gatepost("policy", "test", "--online").out.endswith(
        "the table of revision 1: 6 expected decisions, all as expected\n"
    )
    policy.write_text(OPEN.replace("service: [portal, imap, submission]", "service: [portal, submission]"))
    assert gatepost("policy", "test", str(policy), "--online").code == 1
    refused = gatepost("policy", "publish", str(policy))
    assert (
        refused.code == 1
        and "the table in force:5: staff read mail (mika, imap, enrolled, app-password)" in refused.out
    )
    assert "2 of 6 expected decisions come out otherwise; the first is `staff read mail`, line 5" in refused.err
    table.write_text(TABLE.replace("[imap, submission]", "[submission]"))
    assert gatepost("policy", "publish", str(policy), "--tests", str(table)).out == "Revision 2 is in force.\n"
    assert gatepost("policy", "publish", str(policy), "--no-tests").out == "Revision 3 is in force.\n"
    with pytest.raises(Refused, match="revision 3 has no table"):
        gatepost("policy", "test", "--online")
    broken = gatepost("policy", "publish", str(policy), "--tests", str(policy))
    assert broken.code == 1 and f"{policy}:2:1: a table of tests has no key `rules`" in broken.err
    back = gatepost("policy", "rollback", "1")
    assert back.out == "Revision 4 is in force, which restores revision 1.\n"
    assert gatepost("policy", "test", "--online").code == 0
