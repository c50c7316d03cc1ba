"""A trial: a document that is asked beside the one in force. It decides nothing, and its failures touch nobody."""

from dataclasses import dataclass, replace

from kernel.audit import Decided, TrialDiffered
from policies.decide import decide
from policies.facts import Facts
from policies.model import Decision, Outcome, Policy
from policies.turning import Turn, turned_from


@dataclass(frozen=True, slots=True)
class Beside:
    """What trial number ``trial`` said. ``turn`` None: the same in effect. ``fault``: it failed, and says nothing."""

    trial: int
    outcome: Outcome
    rule: str
    turn: Turn | None = None
    fault: str = ""

    @property
    def told(self) -> bool:
        """Whether this is worth a record: it disagrees, or failed."""
        return self.turn is not None or bool(self.fault)


def beside(trial: Policy, facts: Facts, live: Decision) -> tuple[Decision, Beside]:
    """Ask ``trial`` what it says to the facts that ``live`` answers. Never raises.

    Return ``live`` as it was, but good only as long as the trial's answer is too (so that whoever asks again in time
    hears both), and what the trial said.
    """
    said = decide(trial, facts)
    if said.fault:
        return live, Beside(trial.revision, Outcome.DENY, "", None, said.fault)
    if said.valid_until < live.valid_until:
        live = replace(live, valid_until=said.valid_until)
    return live, Beside(trial.revision, said.outcome, said.rule, turned_from(live, said))


def differed(decided: Decided, said: Beside) -> TrialDiffered:
    """Return the event of a trial that differed from what ``decided`` tells."""
    return TrialDiffered(
        at=decided.at,
        actor=decided.actor,
        user=decided.user,
        user_id=decided.user_id,
        device_id=decided.device_id,
        address=decided.address,
        trial=said.trial,
        session=decided.session,
        service=decided.service,
        outcome=decided.outcome,
        rule=decided.rule,
        revision=decided.revision,
        would=said.outcome.value,
        would_rule=said.rule,
        turn=said.turn.value if said.turn else "",
        fault=said.fault,
        again=decided.again,
        client=decided.client,
        node=decided.node,
    )
