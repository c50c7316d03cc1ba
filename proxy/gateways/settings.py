"""What every gate must know of the house it stands in. Pure."""

from dataclasses import dataclass

from kernel.config.settings import Bounds


@dataclass(frozen=True, slots=True)
class GateSettings:
    """``issuer``: origin of the identity pages. ``name``: what we call ourselves, a host name for SMTP. Both ASCII."""

    bounds: Bounds
    issuer: str
    name: str = "gatepost"
