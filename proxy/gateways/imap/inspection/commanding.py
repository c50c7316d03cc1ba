"""The part of the inspection that hears the client: each command judged before the server hears of it. Pure.

``proxy.gateways.imap.inspection.gate`` draws the whole.
"""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from kernel.reasons import Reason
from proxy.gateways import saying
from proxy.gateways.imap.inspection.answers import Fragment
from proxy.gateways.imap.inspection.commands import Line, Octets, Reader, asking
from proxy.gateways.imap.inspection.errands import Broken
from proxy.gateways.imap.inspection.hearing import Hearing, State
from proxy.gateways.imap.inspection.values import Malformed, value
from proxy.gateways.imap.inspection.verbs import ENABLED, SPENT
from proxy.gateways.imap.inspection.verdicts import MORE, Head, head_of
from proxy.relays.gate import Commands, SendUp, Terms, Withheld

LONGEST = 128 * 1024
"""The longest command without its literals, in octets: a client may name many messages."""
CODES: Mapping[Reason, bytes] = {Reason.DOWNLOAD: b"LIMIT"}
"""Response codes (RFC 5530); the others are ``NOPERM``."""


class Misled(Exception):
    """The client says what cannot be, and cannot be followed any further."""


class Selected(NamedTuple):
    """The mailbox that is open: its name as the client spelt it (None: not known), and whether it may be changed."""

    name: bytes | None
    writable: bool


class Commanding(Hearing):
    """See the module."""

    __slots__ = (
        "_early",
        "_final",
        "_head",
        "_line",
        "_name",
        "_parts",
        "_queue",
        "_reader",
        "_selected",
    )

    _reader: Reader

    def __init__(self, terms: Terms) -> None:
        super().__init__(terms)
        self._reader = Reader(LONGEST)
        self._head = Head(b"*", b"", False, 0)
        self._line = Line(b"", first=True)
        self._final = b""
        self._early = False
        self._parts: list[bytearray] = []
        self._queue: deque[bytes] = deque()
        self._name: bytes | None = None
        self._selected: Selected | None = None

    def received(self, data: bytes | memoryview) -> Commands:
        if self._state is State.PASSING and self._reader.passes(data):
            return [SendUp(data)]  # type: ignore[arg-type]
        return super().received(data)

    # -- a command begins ---------------------------------------------------------------------------------------

    def _begin(self, piece: Line | Octets) -> None:
        if isinstance(piece, Octets):
            return
        head = head_of(piece.octets)
        self._line = piece
        if head is None:
            # A client that leaves IDLE just when the server did has one word too many.
            if piece.octets.upper() != b"DONE\r\n":
                self._turn_down(piece.octets.partition(b" ")[0][:64].strip() + b" BAD What is this?\r\n")
            return
        self._head, self._tag, self._early = head, head.tag, False
        reason = self._judge.refusal(head, piece.octets)
        if head.verb in SPENT:
            self._turn_down(b"%b BAD Not on this connection.\r\n" % head.tag)
        elif reason is not None:
            self._withhold(reason)
        elif head.verb == b"ENABLE" and not self._judge.free:
            self._enable(piece)
        elif self._judge.gathered(head):
            self._state, self._parts = State.GATHERING, []
            self._gather_more(piece)
        else:
            self._name = first_argument(piece.octets, head)
            self._forward(piece._replace(octets=self._examined(piece.octets)))

    def _examined(self, line: bytes) -> bytes:
        """Let SELECT be EXAMINE, where nothing may be changed: not even what was seen."""
        head = self._head
        return line[: head.end - 6] + b"EXAMINE" + line[head.end :] if self._judge.examined(head) else line

    def _enable(self, line: Line) -> None:
        words = line.octets[self._head.end : -2].split()
        known = [word for word in words if word.upper() in ENABLED]
        if line.literal >= 0:
            self._turn_down(b"%b BAD No literal here.\r\n" % self._tag)
        elif not known:
            self._tell(b"* ENABLED\r\n%b OK Done.\r\n" % self._tag)
        else:
            self._forward(Line(b"%b ENABLE %b\r\n" % (self._tag, b" ".join(known)), first=True))

    # -- it passes ----------------------------------------------------------------------------------------------

    def _forward(self, line: Line) -> None:
        """Pass a line on. Of a literal the server hears nothing before it has asked for it."""
        self._line = line
        if line.literal >= 0:
            self._order(SendUp(asking(line.octets)))
            self._state = State.LITERAL
            return
        self._order(SendUp(line.octets))
        self._state = State.READY if self._early else State.WAITING
        self._leaving = self._leaving or self._head.verb == b"LOGOUT"

    def _pass_on(self, piece: Line | Octets) -> None:
        """A message, or what stands behind it."""
        if isinstance(piece, Octets):
            self._order(SendUp(piece.octets))
        elif self._judge.brings(self._head) and not MORE.match(piece.octets):
            raise Misled("wrong arguments")
        else:
            self._forward(piece)

    def _continue(self, piece: Line | Octets) -> None:
        """Nobody knows what this is; the server asked for it."""
        self._order(SendUp(piece.octets))
        self._state = State.WAITING

    def _idle(self, piece: Line | Octets) -> None:
        if piece.octets.upper() != b"DONE\r\n":
            raise Misled("only DONE ends IDLE")
        self._order(SendUp(piece.octets))
        self._state = State.WAITING

    def _continued(self, fragment: Fragment) -> None:
        if self._state is State.LITERAL:
            self._state = State.PASSING
            self._reader.granted()
            if self._line.waits:
                self._tell(fragment.octets)
        elif self._state is State.HANDING:
            self._hand_on()
        elif self._state is State.WAITING and self._errand is None and (self._head.verb == b"IDLE" or self._judge.free):
            self._state = State.IDLING if self._head.verb == b"IDLE" else State.CONTINUING
            self._tell(fragment.octets)
        else:
            raise Broken("a request that nobody asked for")

    def _ended(self, done: bool, line: bytes) -> None:
        state, self._state = self._state, State.READY
        if state is State.PASSING:
            self._state, self._early = state, True  # what it asked for still comes
        elif state is State.LITERAL or (state is State.HANDING and self._line.literal >= 0):
            self._queue.clear()
            self._turn_down(b"")
        elif state is State.HANDING:
            self._queue.clear()
        self._note(done, line)

    def _note(self, done: bool, line: bytes) -> None:
        """Know which mailbox is open."""
        verb = self._head.verb
        if verb in (b"SELECT", b"EXAMINE"):
            writable = verb == b"SELECT" and b"[READ-ONLY]" not in line.upper()
            self._selected = Selected(self._name, writable) if done else None
        elif done and verb in (b"CLOSE", b"UNSELECT"):
            self._selected = None

    # -- it is turned down --------------------------------------------------------------------------------------

    def _withhold(self, reason: Reason) -> None:
        self._order(Withheld(reason))
        self._turn_down(self._refusal(reason))

    def _refusal(self, reason: Reason) -> bytes:
        words = saying.limit(reason, self._terms.links).encode()
        return b"%b NO [%b] %b\r\n" % (self._tag, CODES.get(reason, b"NOPERM"), words)

    def _turn_down(self, answer: bytes) -> None:
        """The command ends with ``answer``, once all of it has come that comes unasked."""
        self._state = State.READY
        if self._line.literal >= 0:
            self._reader.refused()
            if not self._line.waits:
                self._state, self._final = State.SWALLOWING, answer
                return
        if answer:
            self._tell(answer)

    def _swallow(self, piece: Line | Octets) -> None:
        if isinstance(piece, Line):
            self._line = piece
            self._turn_down(self._final)

    # -- the other parts ----------------------------------------------------------------------------------------

    def _gather_more(self, piece: Line | Octets) -> None:
        """The command must be read to its end."""
        raise NotImplementedError

    def _hand_on(self) -> None:
        """The server asks for more of what was read."""
        raise NotImplementedError

    def _arrive(self, piece: Line | Octets) -> None:
        """The first line of a session that was relayed until now."""
        raise NotImplementedError

    def _misled(self, what: str) -> Commands:
        """What the client says cannot be read."""
        raise NotImplementedError


def first_argument(raw: bytes, head: Head) -> bytes | None:
    """Return the first argument of a command, if it is whole."""
    try:
        found = value(raw, head.end)[0]
    except Malformed:
        return None
    return found if isinstance(found, bytes) else None
