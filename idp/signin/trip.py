"""What a browser carries from step to step: where it wants to go, and what is demanded of it. Pure text, no secret.

Nothing here is believed: whoever weakens the demand in their own address bar is asked again where they arrive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from idp.signin.flow import NOTHING_MORE, Demand
from idp.signin.returns import Returns
from kernel.records.sessions import Factor

FIELDS: Final = ("to", "need", "within", "full", "since", "device", "hint")
_LONGEST_HINT: Final = 254


@dataclass(frozen=True, slots=True)
class Trip:
    """``to`` is a safe return address; ``hint`` the user name to fill in."""

    to: str = "/portal"
    demand: Demand = NOTHING_MORE
    hint: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str], returns: Returns) -> "Trip":
        """Return the trip that a query or form describes; what is not understood is left out."""
        need = tuple(Factor(name) for name in given.get("need", "").split(",") if name in set(Factor))
        demand = Demand(
            factors=need,
            within=_number(given.get("within", "")),
            full=given.get("full") == "1",
            since=_number(given.get("since", "")) or 0.0,
            device=given.get("device") == "1",
        )
        return cls(returns.safe(given.get("to", "")), demand, given.get("hint", "")[:_LONGEST_HINT])

    def fields(self) -> dict[str, str]:
        """Return the trip as form fields; only what says something."""
        demand = self.demand
        said = {
            "to": self.to,
            "need": ",".join(demand.factors),
            "within": "" if demand.within is None else f"{demand.within:.0f}",
            "full": "1" if demand.full else "",
            "since": f"{demand.since:.3f}" if demand.since else "",
            "device": "1" if demand.device else "",
            "hint": self.hint,
        }
        return {name: value for name, value in said.items() if value}

    def at(self, path: str) -> str:
        """Return ``path`` with this trip as its query."""
        return f"{path}?{urlencode(self.fields())}"

    def wanting(self, demand: Demand) -> "Trip":
        """Return the same trip with another demand."""
        return replace(self, demand=demand)


def _number(text: str) -> float | None:
    try:
        number = float(text[:20])
    except ValueError:
        return None
    return number if 0 <= number < 1e11 else None
