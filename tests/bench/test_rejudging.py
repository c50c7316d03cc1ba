"""Judging live sessions again, on a small proxy: everybody stays, and a rule that is another one goes on record."""

import pytest

from bench import rejudging
from kernel.audit import Event

SESSIONS = 60


@pytest.mark.parametrize(("kind", "recorded"), [("the same answer", 0), ("by another rule", 2 * SESSIONS)])
def test_every_session_stands_under_the_new_policy(monkeypatch: pytest.MonkeyPatch, kind: str, recorded: int) -> None:
    told: list[Event] = []

    async def record(self: object, node: str, events: list[Event]) -> None:
        told.extend(events)

    monkeypatch.setattr(rejudging, "SESSIONS", SESSIONS)
    monkeypatch.setattr(rejudging, "RULES", 12)
    monkeypatch.setattr(rejudging.Identity, "record", record)
    found = rejudging.measured(2, rejudging.KINDS[kind])
    assert len(found) == 2
    assert all(0 < took < 10_000 and stalled > 0 for took, stalled in found)
    assert len(told) == recorded
