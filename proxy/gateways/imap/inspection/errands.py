"""An errand: what is asked of the server in a client's stead, one command after the other, until it is over. Pure.

``Errand`` owns its commands' tags and gathers the FETCH responses to them, each whole and bounded.
"""

from collections.abc import Callable, Sequence

from proxy.gateways.imap.inspection.answers import Fragment, Line
from proxy.relays.gate import Command, Send, SendUp

GATHERED = 512 * 1024
"""The longest response that is held whole, in octets."""

Then = Callable[[bool], None]


class Broken(Exception):
    """The server does not do what it was asked; the session cannot go on."""


class Errand:
    """Perform ``orders()`` after each call, until ``over``. ``holding``: what else the server says must wait, or the
    client would hear it within a response or against its numbers; ``others`` are such, that came this way. ``midway``:
    the client has heard half a response. ``refused``: something was left out."""

    __slots__ = (
        "_gathered",
        "_number",
        "_orders",
        "_prefix",
        "_then",
        "holding",
        "midway",
        "others",
        "over",
        "refused",
        "tag",
    )
    word = b"FETCH"
    """Which responses are for it."""

    def __init__(self, by_uid: bool) -> None:
        self._prefix = b"UID " if by_uid else b""
        self._orders: list[Command] = []
        self._gathered: bytearray | None = None
        self._number = 0
        self._then: Then = _nothing
        self.tag = b""
        self.others: list[bytes] = []
        self.over = self.holding = self.midway = self.refused = False

    def begin(self) -> None:
        """Ask for the first thing."""
        raise NotImplementedError

    def orders(self) -> Sequence[Command]:
        """Return what is to be done now."""
        orders, self._orders = self._orders, []
        return orders

    def heard(self, fragment: Fragment) -> None:
        """Take a fragment of a response that is for it.

        Raises:
            Broken: the response is too long, or makes no sense.
        """
        if self._gathered is None:
            self._gathered = bytearray()
        self._gathered += fragment.octets
        if len(self._gathered) > GATHERED:
            self._grown(bytes(self._gathered))
        elif isinstance(fragment, Line) and fragment.last:
            raw, self._gathered = bytes(self._gathered), None
            self._response(raw)

    def told(self, done: bool) -> None:
        """The server has ended the command; ``done``: by OK.

        Raises:
            Broken: it cannot go on like that.
        """
        then, self._then = self._then, _nothing
        then(done)

    def _grown(self, raw: bytes) -> None:
        raise Broken("a response that is too long")

    def _response(self, raw: bytes) -> None:
        """A response is whole."""
        self.others.append(raw)

    def _ask(self, command: bytes, then: Then) -> None:
        self._number += 1
        self.tag = b"g%d" % self._number
        self._then = then
        self._orders.append(SendUp(b"%b %b\r\n" % (self.tag, command)))

    def _fetch(self, numbers: bytes, items: Sequence[bytes], then: Then, changed: bytes = b"") -> None:
        self._ask(b"%bFETCH %b (%b)%b" % (self._prefix, numbers, b" ".join(items), changed), then)

    def _say(self, octets: bytes | memoryview) -> None:
        if octets:
            self._orders.append(Send(octets))  # type: ignore[arg-type]


def _nothing(_: bool) -> None:
    raise Broken("an answer that nobody asked for")
