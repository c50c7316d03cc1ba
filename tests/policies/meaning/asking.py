"""Asking what policies mean, in one line: rules in, the words of the answer out."""

from collections.abc import Sequence

from kernel.clock import SetClock
from policies.decide import decide
from policies.language import load
from policies.meaning import wording
from policies.meaning.answers import Difference, Proof, Row
from policies.meaning.changes import kinds_of
from policies.meaning.comparing import diff
from policies.meaning.proving import prove
from policies.model import Policy

SINCE = 1_790_000_000.0
"""The first moment that counts in these tests: September 2026, a Monday, 13:33 UTC."""

HEAD = """version: 1
networks: {office: [192.0.2.0/24, 2001:db8:10::/48], vpn: [198.51.100.0/24]}
postures:
  healthy: {reported_within: 24h, disk_encrypted: true, firewall: true}
  patched: {os: {macos: ">=14.4", debian: ">=12"}}
"""
UNLIMITED = 3600.0


def policy(*rules: str, head: str = HEAD, never: Sequence[str] = ()) -> Policy:
    """Return the policy with these rules, written `name: ..., then: ...` without braces."""
    nevers = f"never:\n{_listed(never)}" if never else ""
    return load(f"{head}rules:\n{_listed(rules)}{nevers}" if rules else f"{head}rules: []\n{nevers}")


def compared(old: Policy, new: Policy, *, authorship: bool = False, most: int = 12) -> Difference:
    """Return the whole difference; every row's example was decided, and shows its change."""
    found = diff(old, new, SetClock(SINCE), limit=UNLIMITED, authorship=authorship, most=most)
    assert (found.undecided, found.faults) == ((), ())
    for row in found.rows:
        assert row.kind in kinds_of(row.before, row.after)
        assert (row.before, row.after) == (decide(old, row.facts), decide(new, row.facts))
    return found


def changed(old: Policy, new: Policy, language: str = "en", *, authorship: bool = False) -> list[str]:
    """Return the rows in words."""
    found = compared(old, new, authorship=authorship)
    assert found.more == ()
    return [wording.row(row)[language] for row in found.rows]


def only(old: Policy, new: Policy) -> Row:
    """Return the single row."""
    (row,) = compared(old, new).rows
    return row


def proven(asked: Policy) -> tuple[Proof, ...]:
    """Return what becomes of each ``never``; a broken one's example comes to what it forbids."""
    found = prove(asked, SetClock(SINCE), limit=UNLIMITED)
    for never, proof in zip(asked.nevers, found, strict=True):
        assert (proof.name, proof.fault) == (never.name, "")
        assert proof.facts is None or decide(asked, proof.facts).outcome is never.outcome
    return found


def _listed(several: Sequence[str]) -> str:
    return "".join(f"  - {{{one}}}\n" for one in several)
