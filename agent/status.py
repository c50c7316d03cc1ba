"""How the agent stands, in plain words and as an exit code. Pure but for reading the state.

0: enrolled, and the last report counted. 1: enrolled, but something needs attention. 2: not enrolled.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from agent.keys import expiry
from agent.signals import Posture
from agent.state import NotEnrolled, State

GOOD, TROUBLED, ABSENT = 0, 1, 2
LATE = 3
"""After so many intervals without a counted report, something is wrong."""
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Status:
    """An exit code and the lines that explain it."""

    code: int
    lines: tuple[str, ...]


def status(state: State, posture: Posture, now: float) -> Status:
    """Return how things stand."""
    try:
        facts = state.facts()
        begins, ends = expiry(state.certificate.read_text(encoding="ascii"))
    except (NotEnrolled, OSError, ValueError) as fault:
        return Status(ABSENT, (f"Not enrolled: {fault}",))
    troubles = []
    if facts.trouble:
        troubles.append(f"The last report was not counted: {facts.trouble}")
    elif not facts.counted_at:
        troubles.append("No report has been counted yet; is the service running?")
    elif now - facts.counted_at > LATE * facts.every:
        troubles.append(f"No report since {_moment(facts.counted_at)}; is the service running?")
    if ends <= now:
        troubles.append("The certificate has expired: enrol again")
    lines = (
        f"Device {facts.device} at {facts.server}, trust: {facts.trust or 'not known yet'}",
        f"Key in {'the TPM' if facts.keeper == 'tpm' else 'a file'}",
        f"Certificate from {_moment(begins)} to {_moment(ends)}",
        f"Last counted report: {_moment(facts.counted_at) if facts.counted_at else 'none'}",
        *(f"  {name}: {_value(value)}" for name, value in sorted(posture.signals.items())),
        *troubles,
    )
    return Status(TROUBLED if troubles else GOOD, lines)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _value(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
