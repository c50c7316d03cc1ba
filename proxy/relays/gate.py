"""The seam between a protocol and its sockets: what a pure gate is told, and what it may order.

A gate owns a protocol's state and no I/O: the driver tells it what happened, it answers with commands, performed in
order.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from kernel.authority import UpstreamLogin
from kernel.reasons import Reason
from proxy.admission import Admission


class Order(Struct, frozen=True, gc=False):
    """What is told and ordered across the seam. Every session makes a dozen; a ``Struct`` is made in a tenth of the
    time of a frozen dataclass."""


class Send(Order, frozen=True, gc=False):
    """Write to the client."""

    data: bytes


class SendUp(Order, frozen=True, gc=False):
    """Write to the upstream."""

    data: bytes


class StartTls(Order, frozen=True, gc=False):
    """Begin TLS with the client; ``Gate.secured`` follows. What came in clear before is forgotten already."""


class StartTlsUp(Order, frozen=True, gc=False):
    """Begin TLS with the upstream; ``Gate.upstream_secured`` follows."""


class Ask(Order, frozen=True, gc=False):
    """Have the guard judge a credential; ``Gate.judged`` follows. ``external``: the client certificate is the
    credential."""

    name: str = ""
    password: str = ""
    token: str = ""
    external: bool = False
    client: str = ""

    def __repr__(self) -> str:
        return f"Ask(name={self.name!r}, external={self.external!r}, client={self.client!r})"


class Open(Order, frozen=True, gc=False):
    """Reach the upstream and what logs in there; ``Gate.reached`` or ``Gate.unreachable`` follows."""


class Hold(Order, frozen=True, gc=False):
    """The session is admitted and served: from now on it is a lease. ``client`` names the client's software."""

    client: str = ""


class Splice(Order, frozen=True):
    """Relay octets both ways from now on; ``up`` goes to the upstream first. The gate hears no more but
    ``dismissed``."""

    boundary: "Boundary"
    up: bytes = b""


class Pause(Order, frozen=True, gc=False):
    """Read no more from the client until ``Resume``."""


class Resume(Order, frozen=True, gc=False):
    """Read from the client again."""


class DropUp(Order, frozen=True, gc=False):
    """Cut the upstream off in mid-sentence: what it was told so far must come to nothing."""


class Passed(Order, frozen=True, gc=False):
    """A letter went through, or was turned away by us; put it on record."""

    sender: str
    recipients: int
    octets: int
    answer: str


class End(Order, frozen=True, gc=False):
    """Say ``data`` to the client and close both legs. ``reason`` goes on record; None: the client wished so."""

    data: bytes = b""
    reason: Reason | None = None


Command = Send | SendUp | StartTls | StartTlsUp | Ask | Open | Hold | Splice | Pause | Resume | DropUp | Passed | End
Commands = Sequence[Command]
NOTHING: Commands = ()


class Forward(Order, frozen=True, gc=False):
    """What an upstream that trusts us is told about the client. ``user`` is the mail address we log in."""

    address: str
    port: int
    session: str
    user: str


class Reached(Order, frozen=True):
    """The upstream is connected and has not spoken yet. ``secure``: TLS is up, or not wanted. ``forward`` None: tell
    it nothing."""

    login: UpstreamLogin
    forward: Forward | None
    host: str
    port: int
    secure: bool


class Boundary(Protocol):
    """Follows a spliced stream, to know where words may be put in. ``here``: between two responses of the server."""

    @property
    def here(self) -> bool: ...

    def client(self, data: memoryview) -> None:
        """The client sent ``data``."""
        ...

    def server(self, data: memoryview) -> None:
        """The server sent ``data``."""
        ...


class Gate(Protocol):
    """One session of one protocol. Data is valid during the call only. Calls that cannot happen in a state end the
    session."""

    def greet(self, secure: bool, certificate: bool) -> Commands:
        """The client is connected; under TLS already, and with a client certificate, or not."""
        ...

    def secured(self, certificate: bool) -> Commands:
        """The TLS handshake that ``StartTls`` ordered is done."""
        ...

    def received(self, data: bytes | memoryview) -> Commands:
        """The client sent octets."""
        ...

    def judged(self, admission: Admission) -> Commands:
        """The guard has answered."""
        ...

    def reached(self, upstream: Reached) -> Commands:
        """The upstream that ``Open`` ordered is there."""
        ...

    def upstream_secured(self) -> Commands:
        """The TLS handshake that ``StartTlsUp`` ordered is done."""
        ...

    def answered(self, data: bytes | memoryview) -> Commands:
        """The upstream sent octets."""
        ...

    def unreachable(self) -> Commands:
        """The upstream cannot be reached, cannot be logged in at, or hung up."""
        ...

    def overdue(self) -> Commands:
        """The client took too long."""
        ...

    def dismissed(self, reason: Reason, words: str) -> Commands:
        """A live session falls; ``words`` are for the person, in their language. Without an ``End`` the gate has a
        second."""
        ...
