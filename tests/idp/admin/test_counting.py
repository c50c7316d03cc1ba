"""Live counters: seeded from the log, kept up by following it, by day and by the last 24 hours, and bounded."""

from collections.abc import Sequence
from dataclasses import replace

from idp.admin import tally
from idp.admin.counting import Counting
from idp.admin.tally import Recent, RuleRow
from kernel.records.policy import PolicyRevision
from policies.language import load
from tests.idp.admin.house import OPEN, House
from tests.idp.admin.records_of import decided, record, seen

RULES = """\
version: 1
rules:
  - {name: watched, service: imap, then: deny, mode: report}
  - {name: staff, who: {groups: [staff]}, then: allow}
  - {name: never, service: console, then: allow}
"""
POLICY = load(RULES, 1)
HOUR = 3600.0


def rows(found: Sequence[RuleRow]) -> dict[str, tuple[int, int, int]]:
    return {row.rule: (row.today, row.day, row.live) for row in found}


async def counting(home: House) -> Counting:
    await home.store.write(lambda tx: tx.put(PolicyRevision("1", 1, RULES, "admin:root", 1.0)))
    await home.judge.load()
    return Counting(home.store, home.clock, home.board, lambda: home.judge.policy)


async def test_rules_are_counted_from_a_day_back_and_then_as_it_comes(home: House) -> None:
    now = home.clock.now()  # 08:00 UTC
    await record(home, [decided(POLICY, seen("anna", "portal", now - ago * HOUR)) for ago in (1, 7, 9, 23, 26)])
    await record(home, [decided(POLICY, seen("ben", "portal", now - HOUR, group="guests"))])
    counters = await counting(home)
    anna = await home.user("anna")
    home.session(1, anna)
    home.board.live[0] = replace(home.board.live[0], rule="staff")

    found = await counters.rules()
    assert [row.rule for row in found] == ["watched", "staff", "never", ""]
    assert rows(found) == {"watched": (0, 0, 0), "staff": (2, 4, 1), "never": (0, 0, 0), "": (1, 1, 0)}
    assert [row.outcome for row in found] == ["deny", "allow", "allow", ""]
    assert next(row for row in found if row.rule == "staff").last_at == now - HOUR

    await record(home, [decided(POLICY, seen("anna", "portal", now))])
    assert rows(await counters.rules())["staff"] == (3, 5, 1)
    tokyo = now - now % 86400 + 15 * HOUR - 86400  # midnight in Tokyo
    assert rows(await counters.rules(today=tokyo))["staff"] == (4, 5, 1)


async def test_a_day_later_they_are_forgotten_but_for_when_it_was(home: House) -> None:
    counters = await counting(home)
    await record(home, [decided(POLICY, seen("anna", "portal", home.clock.now()))])
    assert rows(await counters.rules())["staff"] == (1, 1, 0)
    at = home.clock.now()
    home.clock.forward(25 * HOUR)
    [staff] = [row for row in await counters.rules() if row.rule == "staff"]
    assert (staff.today, staff.day, staff.last_at) == (0, 0, at)


async def test_a_report_rule_is_counted_by_what_was_decided_where_it_would_have(home: House) -> None:
    counters = await counting(home)
    now = home.clock.now()
    await record(home, [decided(POLICY, seen("anna", "imap", now - nth)) for nth in range(3)])
    await record(home, [decided(POLICY, seen("ken", "imap", now, group="guests"), reference="ABCD2345")])
    [watched] = [row for row in await counters.rules() if row.rule == "watched"]
    assert watched == RuleRow("watched", "deny", True, 0, 0, 0, now, {"allow": 3, "deny": 1})
    latest = [(each.rule, each.seen.user, each.seen.reference) for each in await counters.watched()]
    assert latest == [("watched", "ken", "ABCD2345"), *[("watched", "anna", "")] * 3]

    again = await counting(home)  # as after a restart
    assert [row for row in await again.rules() if row.rule == "watched"] == [watched]
    assert {each.seen.user for each in await again.watched()} == {"anna", "ken"}


async def test_what_no_policy_decided_counts_for_no_rule(home: House) -> None:
    counters = await counting(home)
    facts = seen("anna", "imap", home.clock.now())
    await record(home, [decided(POLICY, facts, reason="idle", outcome="deny"), decided(POLICY, facts, revision=0)])
    assert {row.day for row in await counters.rules()} == {0}


async def test_a_damaged_or_foreign_record_is_passed_over(home: House) -> None:
    counters = await counting(home)
    await record(home, [decided(load(OPEN, 1), seen("anna", "imap", home.clock.now()), outcome=5, rule="staff")])
    assert rows(await counters.rules())["staff"] == (0, 0, 0)


def test_quarters_are_bounded_by_a_day() -> None:
    recent = Recent()
    for nth in range(1000):
        recent.add(nth * 900.0)
        recent.forget(nth * 900.0 - tally.DAY)
    assert len(recent.quarters) == 97
    assert recent.since(999 * 900.0) == 1 and recent.since(0.0) == 97
