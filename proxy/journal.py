"""How a judgement, and the end of a session, are written down: with the facts that explain them later, and no
secret."""

from kernel.audit import Decided, SessionEnded
from kernel.authority import Subject
from kernel.reasons import WORDS, Reason
from policies.model import Decision
from proxy.admission import Verdict
from proxy.lease import Lease

CLIENT_CHARACTERS = 200


def decided(
    at: float,
    node: str,
    session: str,
    service: str,
    address: str,
    subject: Subject | None,
    verdict: Verdict,
    *,
    reference: str = "",
    again: bool = False,
    client: str = "",
) -> Decided:
    """Return the event of one judgement. ``subject`` is None when nobody was known yet."""
    decision = verdict.decision
    return Decided(
        at=at,
        actor=f"user:{subject.user.name}" if subject else f"proxy:{node}",
        user=subject.user.name if subject else "",
        user_id=subject.user.id if subject else "",
        device_id=subject.key.device_id if subject else "",
        address=address,
        reference=reference,
        session=session,
        service=service,
        outcome=_outcome(verdict.reason),
        rule=decision.rule if decision else "",
        revision=decision.revision if decision else 0,
        reason="" if verdict.reason is None else verdict.reason.value,
        again=again,
        client=client[:CLIENT_CHARACTERS],
        node=node,
        words=_said(verdict),
        facts=_noted(subject, decision),
    )


def ended(
    at: float, seconds: float, lease: Lease, reason: Reason | None, octets_in: int, octets_out: int
) -> SessionEnded:
    """Return the event of a session that is over; ``reason`` None means that a peer closed it."""
    user = lease.subject.user
    return SessionEnded(
        at=at,
        actor=f"user:{user.name}",
        user=user.name,
        user_id=user.id,
        device_id=lease.subject.key.device_id,
        address=lease.address,
        session=lease.session,
        service=lease.service,
        reason="closed" if reason is None else reason.value,
        seconds=round(seconds, 3),
        octets_in=octets_in,
        octets_out=octets_out,
    )


def _outcome(reason: Reason | None) -> str:
    if reason is None:
        return "allow"
    return "step_up" if reason is Reason.STEP_UP else "deny"


def _said(verdict: Verdict) -> dict[str, str]:
    """Return the words that the person saw, in every language: the page that explains is read in either."""
    if verdict.reason is None:
        return {}
    if verdict.decision is not None and verdict.decision.say:
        return dict(verdict.decision.say)
    return dict(WORDS[verdict.reason])


def _noted(subject: Subject | None, decision: Decision | None) -> dict[str, object]:
    """Return the facts that explain a decision later; no secret among them."""
    if subject is None:
        return {}
    noted: dict[str, object] = {"proof": subject.key.proof.value, "as_of": subject.number}
    if subject.device is not None:
        noted["device"] = subject.device.name
        noted["trust"] = subject.device.trust.value
        noted["signals"] = {name: [signal.value, signal.at] for name, signal in subject.device.signals.items()}
    if subject.user.groups:
        noted["groups"] = sorted(subject.user.groups)
    if subject.signin is not None:
        noted["factors"] = {factor.value: at for factor, at in subject.signin.factors.items()}
    if decision is not None and decision.reports:
        noted["reports"] = list(decision.reports)
    return noted
