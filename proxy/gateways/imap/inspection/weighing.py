"""The part of the inspection that reads a command to its end where its verb does not tell enough: names of mailboxes,
what a FETCH wants, what a SEARCH looks for. Pure.

What it lets pass is handed to the server piece by piece, each literal once the server asks for it; a FETCH that may
touch attachments becomes an errand.
"""

from collections import deque
from collections.abc import Callable, Mapping

from kernel.reasons import Reason
from proxy.gateways.imap.inspection import items
from proxy.gateways.imap.inspection.commanding import Commanding, Misled, first_argument
from proxy.gateways.imap.inspection.commands import Bad, Line, Octets, asking
from proxy.gateways.imap.inspection.errands import Errand
from proxy.gateways.imap.inspection.fetching import Fetching
from proxy.gateways.imap.inspection.hearing import State
from proxy.gateways.imap.inspection.items import Fetch, Kind
from proxy.gateways.imap.inspection.sizing import Sizing
from proxy.gateways.imap.inspection.verdicts import named
from proxy.relays.gate import Commands, SendUp, Withheld

LITERAL = 64 * 1024
LITERALS = 40
"""The longest literal of a command that is read to its end, and how many it may have."""


class Weighing(Commanding):
    """See the module."""

    __slots__ = ()

    @property
    def _serving(self) -> bool:
        return self._falling is None and self._state in SERVED

    def _serve(self) -> Commands | None:
        piece = self._reader.next()
        if piece is None:
            return None
        if isinstance(piece, Bad):
            return [*self._flushed(), *self._misled(piece.what)]
        try:
            SERVED[self._state](self, piece)
        except Misled as fault:
            return [*self._flushed(), *self._misled(str(fault))]
        return self._flushed()

    def _gather_more(self, piece: Line | Octets) -> None:
        if isinstance(piece, Octets):
            self._parts[-1] += piece.octets
            return
        self._line = piece
        self._parts.append(bytearray(piece.octets))
        raw = b"".join(self._parts)
        if piece.literal < 0 or (self._judge.brings(self._head) and named(raw, self._head.end)):
            self._weigh(raw)
        elif piece.literal > LITERAL or len(self._parts) > 2 * LITERALS:
            self._turn_down(b"%b NO [TOOBIG] Too much for one command.\r\n" % self._tag)
        else:
            self._parts.append(bytearray())
            self._reader.granted()
            if piece.waits:
                self._tell(b"+ Go on.\r\n")

    def _weigh(self, raw: bytes) -> None:
        """The command is whole."""
        head = self._head
        reason = self._judge.judged(head, raw)
        if reason is not None:
            self._withhold(reason)
        elif self._judge.fetched(head):
            self._fetch(raw[head.end + 1 : -2])
        else:
            self._hand()

    def _fetch(self, arguments: bytes) -> None:
        try:
            fetch = items.read(arguments)
        except items.Unknown:
            self._withhold(Reason.LIMITS)
            return
        errand = self._errand_of(fetch)
        if errand is None:
            self._hand()
        else:
            self._run(errand)

    def _errand_of(self, fetch: Fetch) -> Errand | None:
        """Return how a FETCH is to be answered; None: the server may."""
        by_uid, language = self._head.by_uid, self._terms.language
        parts = any(item.kind is Kind.HEADER and item.part for item in fetch.items)
        if parts or fetch.asks(Kind.BODY, Kind.BINARY, Kind.BINARY_SIZE):
            writable = self._selected is not None and self._selected.writable
            return Fetching(fetch, by_uid, writable, language)
        return Sizing(fetch, by_uid, language) if fetch.asks(Kind.SIZE) else None

    def _run(self, errand: Errand) -> None:
        self._state, self._errand = State.ERRAND, errand
        errand.begin()
        self._errand_step()

    def _errand_over(self, errand: Errand) -> None:
        self._state = State.READY
        if isinstance(errand, Fetching) and errand.many:
            self._tell(b"%b NO [LIMIT] That is too many messages at once.\r\n" % self._tag)
        elif errand.refused:
            self._order(Withheld(Reason.ATTACHMENT))
            self._tell(self._refusal(Reason.ATTACHMENT))
        else:
            self._tell(b"%b OK Done.\r\n" % self._tag)

    def _hand(self) -> None:
        """Let the server have what was read."""
        first, *rest = (bytes(part) for part in self._parts)
        first = self._examined(first)
        self._name = first_argument(b"".join((first, *rest)), self._head)
        self._queue = deque(rest)
        waiting = bool(rest) or self._line.literal >= 0
        self._order(SendUp(asking(first) if waiting else first))
        self._handed()

    def _hand_on(self) -> None:
        """The server has asked for the next literal."""
        literal, line = self._queue.popleft(), self._queue.popleft()
        waiting = bool(self._queue) or self._line.literal >= 0
        self._order(SendUp(literal + (asking(line) if waiting else line)))
        self._handed()

    def _handed(self) -> None:
        if self._queue:
            self._state = State.HANDING
        else:
            self._state = State.LITERAL if self._line.literal >= 0 else State.WAITING


Handler = Callable[[Weighing, Line | Octets], None]
SERVED: Mapping[State, Handler] = {
    State.ARRIVING: lambda gate, piece: gate._arrive(piece),
    State.READY: lambda gate, piece: gate._begin(piece),
    State.GATHERING: Weighing._gather_more,
    State.PASSING: Weighing._pass_on,
    State.SWALLOWING: Weighing._swallow,
    State.IDLING: Weighing._idle,
    State.CONTINUING: Weighing._continue,
}
