"""``gatepost policy replay``, ``trial`` and ``counters`` at the terminal."""

import argparse
from collections.abc import Callable
from pathlib import Path

from gatepost.commands.policy import trial
from gatepost.in_process import InProcessClient
from idp.api.app import local_app
from kernel.audit import Event
from policies.language import load
from tests.gatepost.commands.conftest import Terminal
from tests.idp.admin.house import LOCAL, OPEN
from tests.idp.admin.records_of import decided, differed, record, seen

STRICTER = OPEN.replace("service: [portal, imap, submission]", "service: [portal, submission]")


def recorded(gatepost: Terminal, *events: Event) -> None:
    gatepost.runner.run(record(gatepost.home, events))


def published(gatepost: Terminal) -> None:
    gatepost.runner.run(gatepost.home.acts.publishing.publish(LOCAL, OPEN, base=None, force=True))
    now, policy = gatepost.home.clock.now(), load(OPEN, 1)
    recorded(gatepost, *(decided(policy, seen(name, "imap", now)) for name in ("anna", "ben")))


def test_replay_under_its_own_revision_is_the_same_and_a_draft_names_people(gatepost: Terminal, tmp_path: Path) -> None:
    assert gatepost("policy", "replay").out == "No decisions are on record there.\n"
    published(gatepost)
    own = gatepost("policy", "replay")
    assert own.code == 0 and own.out.splitlines()[-1] == "The same: 2 (100 %)."
    assert "replayed 2 of 2 decisions (100 %)" in own.err

    draft = tmp_path / "stricter.yaml"
    draft.write_text(STRICTER)
    said = gatepost("policy", "replay", str(draft), "--since", "2027-01-15T07:00", "--examples", "1")
    assert said.code == 0
    assert "Would be refused: 2 decisions, 2 people" in said.out
    assert [line.split()[:3] for line in said.out.splitlines() if line.startswith(("  anna", "  ben"))] == [
        ["anna", "1", "imap"],
        ["ben", "1", "imap"],
    ]
    assert "staff read mail" in said.out and "ben-laptop" in said.out and "anna-laptop" not in said.out
    assert gatepost("policy", "replay", str(draft), "--json").json["found"]["turned"]["denied"]["people"] == 2


def test_replay_says_what_it_cannot_and_exits_1_where_a_record_differs(gatepost: Terminal, tmp_path: Path) -> None:
    published(gatepost)
    now, policy = gatepost.home.clock.now(), load(OPEN, 1)
    recorded(gatepost, decided(policy, seen("eve", "imap", now), rule="another rule"))
    recorded(gatepost, decided(policy, seen("old", "imap", now), facts={"trust": "managed"}))
    recorded(gatepost, decided(policy, seen("idle", "imap", now), reason="idle", outcome="deny"))
    said = gatepost("policy", "replay")
    assert said.code == 1
    assert "The same: 2 (66.67 %)." in said.out and "The same outcome, by another rule: 1 decisions" in said.out
    assert "Cannot be replayed: 1 (no snapshot)." in said.out and "Not decided by a policy: 1 (idle)." in said.out
    draft = tmp_path / "broken.yaml"
    draft.write_text(OPEN.replace("then: allow", "then: alow", 1))
    broken = gatepost("policy", "replay", str(draft))
    assert broken.code == 1 and f"{draft}:7:11:" in broken.err and "did you mean `allow`?" in broken.err


def test_a_trial_at_the_terminal(gatepost: Terminal, tmp_path: Path) -> None:
    assert "never was a trial" in gatepost("policy", "trial", "show").err
    published(gatepost)
    draft = tmp_path / "stricter.yaml"
    draft.write_text(STRICTER)
    begun = gatepost("policy", "trial", "start", str(draft), "--comment", "no programs")
    assert begun.out == "Trial 1 has begun: gatepost policy trial show --follow\n"
    assert gatepost("policy", "trial", "show").out.splitlines()[-1] == "It has not differed yet."
    recorded(
        gatepost, differed(1, gatepost.home.clock.now(), again=True), differed(1, 5.0, "ben", turn="", fault="Bug")
    )
    shown = gatepost("policy", "trial", "show").out
    assert "0 decisions judged, 1 differ: 1 would be refused, 1 FAILED" in shown
    assert "anna  imap  would be refused  [staff -> nobody]  still there" in shown
    assert "ben  imap  could not be decided: Bug" in shown
    assert gatepost("policy", "trial", "stop").out == "Trial 1 is over.\n"
    assert gatepost("policy", "trial", "stop").code == 1


def test_rows_are_followed_until_the_trial_ends(gatepost: Terminal, tmp_path: Path) -> None:
    published(gatepost)
    draft = tmp_path / "stricter.yaml"
    draft.write_text(STRICTER)
    gatepost("policy", "trial", "start", str(draft))
    now = gatepost.home.clock.now()
    coming: list[Callable[[], object]] = [
        lambda: recorded(gatepost, differed(1, now, "anna")),
        lambda: recorded(gatepost, differed(1, now, "ben"), differed(1, now, "carol")),
        lambda: gatepost.runner.run(gatepost.home.acts.trials.stop(LOCAL)),
    ]
    client = InProcessClient(local_app(gatepost.home.acts), gatepost.runner)
    args = argparse.Namespace(json=False, limit=20)
    assert trial.follow(args, client, lambda seconds: coming.pop(0)()) == 0  # type: ignore[func-returns-value]
    lines = [line for line in gatepost.capsys.readouterr().out.splitlines() if "would be refused  [" in line]
    assert [line.split("  ")[2] for line in lines] == ["anna", "ben", "carol"]


def test_counters_at_the_terminal(gatepost: Terminal) -> None:
    published(gatepost)
    gatepost.runner.run(gatepost.home.judge.load())
    lines = gatepost("policy", "counters").out.splitlines()
    assert lines[0].split()[:2] == ["RULE", "OUTCOME"]
    assert [" ".join(line.split()[:7]) for line in lines[1:]] == [
        "admins open the console allow 0 0",
        "staff read mail allow 2 2 0",
    ]
