"""Own devices that read and take nothing away: refused with its place as long as IMAP cannot hold a session to that,
and true to its table where it can. Then it belongs among the policies to start from."""

from pathlib import Path

import pytest

from gatepost.starters import ABOUT
from kernel.clock import SetClock
from policies import vocabulary
from policies.expected.reading import read_table
from policies.expected.running import run
from policies.language import check, load
from policies.meaning.answers import Verdict
from policies.meaning.proving import prove

HERE = Path(__file__).parent / "own-devices"
POLICY = (HERE / "policy.yaml").read_text(encoding="utf-8")
TABLE = (HERE / "policy.tests.yaml").read_text(encoding="utf-8")
NEEDED = frozenset({"read_only", "attachments", "download"})


def test_a_limit_that_imap_cannot_hold_is_refused_and_never_silently_ignored() -> None:
    lacking = NEEDED - vocabulary.enforced("imap")
    refused = {problem.text for problem in check(POLICY).problems}
    assert refused == lacking
    assert lacking or "own-devices-read-only" in ABOUT, "IMAP can hold it now: move it to gatepost/starters"


def test_where_imap_holds_them_the_policy_keeps_its_table_and_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vocabulary.ENFORCED, "imap", vocabulary.EVERYWHERE | NEEDED)  # type: ignore[arg-type]
    report = check(POLICY)
    assert (report.problems, report.warnings) == ((), ())
    policy = load(POLICY)
    result = run(policy, read_table(TABLE, policy))
    assert (result.failures, result.idle) == ((), ())
    assert {proof.verdict for proof in prove(policy, SetClock(), limit=20.0)} == {Verdict.HOLDS}
