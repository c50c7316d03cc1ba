"""Decisions put on record for tests: made by a real policy, with their facts, as a proxy or the judge would."""

from collections.abc import Sequence
from typing import Any

from kernel.audit import Decided, Event, TrialDiffered
from kernel.ports import Writer
from kernel.records.devices import Device, Proof, Trust
from kernel.records.people import User
from policies.decide import decide
from policies.facts import Facts
from policies.model import Policy
from policies.snapshot import snapshot
from tests.idp.admin.house import House

LAPTOP = Device("d_1", "laptop", "u_1", Trust.ENROLLED, "macos")


def seen(name: str, service: str, at: float, group: str = "staff", trust: Trust = Trust.ENROLLED) -> Facts:
    """Return the facts of somebody with a laptop."""
    user = User(f"u_{name}", name, f"{name}@example.com", groups=frozenset({group}))
    device = Device(f"d_{name}", f"{name}-laptop", user.id, trust, "macos")
    return Facts(service, at, "192.0.2.7", user, device, Proof.APP_PASSWORD)


def decided(policy: Policy, facts: Facts, /, **more: Any) -> Decided:
    """Return the record of one decision."""
    said = decide(policy, facts)
    assert facts.user is not None and facts.device is not None
    fields: dict[str, Any] = {
        "at": facts.now,
        "user": facts.user.name,
        "user_id": facts.user.id,
        "device_id": facts.device.id,
        "address": facts.address,
        "session": f"s_{facts.user.name}",
        "service": facts.service,
        "outcome": said.outcome.value,
        "rule": said.rule,
        "revision": said.revision,
        "facts": snapshot(facts),
        "reports": said.reports,
    }
    return Decided(**{**fields, **more})


def differed(trial: int, at: float, user: str = "anna", **more: Any) -> TrialDiffered:
    """Return the record of a trial that would have refused somebody."""
    fields: dict[str, Any] = {
        "at": at,
        "user": user,
        "trial": trial,
        "session": f"s_{user}",
        "service": "imap",
        "outcome": "allow",
        "rule": "staff",
        "revision": 1,
        "would": "deny",
        "would_rule": "nobody",
        "turn": "denied",
    }
    return TrialDiffered(**{**fields, **more})


async def record(home: House, events: Sequence[Event]) -> None:
    """Put events into the audit log."""

    def work(tx: Writer) -> None:
        for event in events:
            tx.log(event)

    await home.store.write(work)
