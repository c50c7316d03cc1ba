"""Why a device is refused: because of what it said, or because it has said nothing for too long? Pure."""

from dataclasses import replace

from policies.decide import decide
from policies.facts import Facts
from policies.model import Outcome, Policy


def went_stale(policy: Policy, facts: Facts) -> bool:
    """Return whether facts that are not allowed would be, had the device said the same just now."""
    device = facts.device
    if device is None or not device.signals or all(signal.at >= facts.now for signal in device.signals.values()):
        return False
    fresh = {name: replace(signal, at=facts.now) for name, signal in device.signals.items()}
    renewed = replace(facts, device=replace(device, signals=fresh))
    return decide(policy, renewed).outcome is not Outcome.DENY
