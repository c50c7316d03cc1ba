"""What a rule asks for on top of its conditions: a factor, shown recently enough. Not met means step up, not deny."""

import math

from policies.facts import Facts
from policies.model import Requirement, Truth
from policies.moments import age


def met(require: Requirement, facts: Facts) -> tuple[bool, float]:
    """Return whether the sign-in behind the session has shown one of the factors, and when that turns by itself."""
    shown = [facts.factors[factor] for factor in require.factors if factor in facts.factors]
    if require.within is None:
        return bool(shown), math.inf
    answers = [age(at, require.within, facts.now) for at in shown]
    held = [until for truth, until in answers if truth is Truth.HELD]
    if held:
        return True, max(held)
    return False, min((until for _, until in answers), default=math.inf)
