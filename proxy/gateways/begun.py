"""A gate that takes over behind the login. Pure."""

from proxy.admission import Admission
from proxy.relays.gate import NOTHING, Commands, Reached


class Begun:
    """What of ``proxy.relays.gate.Gate`` cannot happen any more once a session is served."""

    __slots__ = ()

    def greet(self, secure: bool, certificate: bool) -> Commands:
        return NOTHING

    def secured(self, certificate: bool) -> Commands:
        return NOTHING

    def judged(self, admission: Admission) -> Commands:
        return NOTHING

    def patient(self, number: str, first: bool) -> Commands:
        return NOTHING

    def reached(self, upstream: Reached) -> Commands:
        return NOTHING

    def upstream_secured(self) -> Commands:
        return NOTHING
