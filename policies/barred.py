"""Devices that are lost, revoked or expired: an allow lets one in only if its own ``device: {trust: [...]}`` names that
state. Owns this one rule of the language.

A document that forgets about lost devices must not let them in, whoever's they are. So every allow that does not say
``trust`` carries a condition that nobody wrote: ``device: {not_trust: [lost, revoked, expired]}``. (``not_trust`` names
what is *not* meant, and so names no state to let in.) A deny needs no such thing, and matches them like any other.
"""

from kernel.problems import Place
from kernel.records.devices import OUT
from policies.model import Condition, Outcome

KEY = "device.trust"
WHY = (
    "a rule lets in a device that is lost, revoked or expired only if its own `device: {trust: [...]}` names that state"
)
"""What the trace says where this is why a rule did not match."""


def with_barred(conditions: tuple[Condition, ...], outcome: Outcome, place: Place) -> tuple[Condition, ...]:
    """Return a rule's conditions with the one that goes without saying, where it does; ``place`` is the rule's."""
    names_trust = any(one.key == KEY and not one.negated for one in conditions)
    if outcome is not Outcome.ALLOW or names_trust:
        return conditions
    wanted = frozenset(state.value for state in OUT)
    return (*conditions, Condition(KEY, place, negated=True, wanted=wanted, implied=True))
