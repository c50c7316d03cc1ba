"""What every gate must know of the house it stands in. Pure."""

from dataclasses import dataclass, field

from kernel.config.settings import Bounds


@dataclass(frozen=True, slots=True)
class GateSettings:
    """``issuer``: origin of the identity pages. ``name``: what we call ourselves, a host name for SMTP. Both ASCII.

    ``learnt``: what the servers behind have said of themselves to earlier sessions, capability and value, for greetings
    that must name it before anybody knows whose session this will be.
    """

    bounds: Bounds
    issuer: str
    name: str = "gatepost"
    learnt: dict[str, str] = field(default_factory=dict)
