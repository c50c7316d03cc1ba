"""The part of the inspection that hears the server: what passes, what is filtered, what ends a command. Pure.

A response is known by its first line, and has one sink until it ends::

    first line --tagged--> ours, or the end of the client's command          --errand's--> the errand
               --continuation--> what the client's side waits for            --names a mailbox--> gathered, filtered
               --CAPABILITY, in a response or a code--> filtered             --anything else--> passes as it comes

A server that does otherwise - a tag that nobody used, a literal or a continuation that nobody asked for, lines without
end - is not believed any further: the session ends.
"""

import re
from collections.abc import Callable
from enum import Enum, auto

from proxy.gateways.imap.inspection import answers, listing
from proxy.gateways.imap.inspection.answers import Fragment, Line
from proxy.gateways.imap.inspection.capabilities import LIST, limited_offers, watched_offers
from proxy.gateways.imap.inspection.errands import Broken, Errand
from proxy.gateways.imap.inspection.verdicts import Judge
from proxy.gateways.turns import Turns
from proxy.relays.gate import NOTHING, Command, Commands, End, Send, Terms

WORD = re.compile(rb"\* (?:(\d{1,10}) )?([A-Za-z][A-Za-z0-9\-]{0,31})(?=[ \r])")
TAGGED = re.compile(rb"([^ \r\n*+]{1,64}) (OK|NO|BAD)(?=[ \r])", re.IGNORECASE)
MARKER = b"g0"
"""The tag of the command that tells when all others have been answered that were given before we listened."""
TELLING = frozenset((b"OK", b"NO", b"BAD", b"CAPABILITY"))
"""Responses that may tell of capabilities."""
LATER = 64 * 1024
"""What a server may say beside while a response is made, in octets."""
GATHERED = 64 * 1024
"""The longest response that names a mailbox, or capabilities."""

Sink = Callable[["Hearing", Fragment], None]
"""A function, not a method of our own, which would tie a session to itself until the collector comes."""


class State(Enum):
    """Whose turn it is, and with what."""

    ARRIVING = auto()
    SETTLING = auto()
    READY = auto()
    GATHERING = auto()
    HANDING = auto()
    LITERAL = auto()
    PASSING = auto()
    SWALLOWING = auto()
    WAITING = auto()
    IDLING = auto()
    CONTINUING = auto()
    ERRAND = auto()
    SPLICED = auto()
    OVER = auto()


LENIENT = frozenset((State.ARRIVING, State.SETTLING))
"""Commands are being answered that were given before we listened."""
QUIET = frozenset((State.READY, State.IDLING, State.GATHERING, State.SWALLOWING))
"""No answer is awaited, so that no response may bring a literal."""


class Hearing(Turns):
    """See the module. The other part is ``proxy.gateways.imap.inspection.gate``."""

    __slots__ = (
        "_answers",
        "_done",
        "_errand",
        "_falling",
        "_gathered",
        "_judge",
        "_later",
        "_leaving",
        "_lines",
        "_sink",
        "_state",
        "_tag",
        "_terms",
        "_word",
    )

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self._terms = terms
        self._judge = Judge(terms)
        self._answers = answers.Reader()
        self._state = State.READY
        self._tag = b""
        self._errand: Errand | None = None
        self._falling: End | None = None
        self._leaving = False
        self._done: list[Command] = []
        self._lines: list[bytes] = []
        self._later = bytearray()
        self._gathered = bytearray()
        self._word = b""
        self._sink: Sink = Hearing._pass

    def answered(self, data: bytes | memoryview) -> Commands:
        if self._state is State.OVER:
            return NOTHING
        self._answers.feed(data)
        try:
            while (fragment := self._answers.next()) is not None:
                if isinstance(fragment, answers.Bad):
                    raise Broken(fragment.what)
                if isinstance(fragment, Line) and fragment.first:
                    self._sink = self._sink_of(fragment)
                self._sink(self, fragment)
        except Broken:
            return [*self._flushed(), *self._broken()]
        done = self._flushed()
        if self._falling is not None and self._here:
            self._state = State.OVER
            return [*done, self._falling]
        return [*done, *self._go_on()]

    @property
    def _here(self) -> bool:
        """Tell whether words for the client may be put in now."""
        return self._answers.here and (self._errand is None or not self._errand.midway)

    # -- what is told -------------------------------------------------------------------------------------------

    def _tell(self, octets: bytes | memoryview) -> None:
        """Send to the client; lines that follow each other leave together."""
        if isinstance(octets, bytes):
            self._lines.append(octets)
        else:
            self._order(Send(octets))  # type: ignore[arg-type]

    def _order(self, command: Command) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            self._done.append(Send(b"".join(lines)))
        self._done.append(command)

    def _flushed(self) -> list[Command]:
        """Take out what is to be done now."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._done.append(Send(b"".join(lines)))
        done, self._done = self._done, []
        return done

    def _say(self, octets: bytes | memoryview) -> None:
        """Tell the client what the server said beside, at once or when no response is under way any more."""
        if self._errand is None or not self._errand.holding:
            self._tell(octets)
            return
        self._later += octets
        if len(self._later) > LATER:
            raise Broken("too much beside")

    # -- what is heard ------------------------------------------------------------------------------------------

    def _sink_of(self, line: Line) -> Sink:
        octets = line.octets
        if octets[:2] != b"* ":
            if not line.ends:
                raise Broken("a line without end")
            return _continued if octets[:1] == b"+" else Hearing._tagged
        found = WORD.match(octets)
        if found is None:
            raise Broken("no response")
        word = found[2].upper()
        if line.literal >= 0 and self._state in QUIET:
            raise Broken("a literal that nobody asked for")
        if self._errand is not None and word == self._errand.word:
            return Hearing._errand_heard
        if word == b"PREAUTH":
            raise Broken("a greeting")
        self._leaving = self._leaving or word == b"BYE"
        if not self._filtered(word):
            return Hearing._pass
        self._gathered, self._word = bytearray(), word
        return Hearing._gather

    def _filtered(self, word: bytes) -> bool:
        """Tell whether what such a response says must be looked at."""
        if word in TELLING:
            return True
        return self._judge.mailboxes is not None and (word in listing.FILTERS or word == b"ENABLED")

    def _gather(self, fragment: Fragment) -> None:
        self._gathered += fragment.octets
        if len(self._gathered) > GATHERED:
            raise Broken("a response that is too long")
        if isinstance(fragment, Line) and fragment.last:
            self._say(self._seen(self._word, bytes(self._gathered)))

    def _seen(self, word: bytes, raw: bytes) -> bytes:
        """Return what the client may see of a response."""
        mailboxes = self._judge.mailboxes
        if word in TELLING or mailboxes is None:
            return self._shown(raw)
        return self._enabled(raw) if word == b"ENABLED" else listing.shown(word, raw, mailboxes)

    def _pass(self, fragment: Fragment) -> None:
        self._say(fragment.octets)

    def _shown(self, line: bytes) -> bytes:
        """Return a line with those capabilities alone that the session may use."""
        if b"CAPABILITY " not in line.upper():
            return line
        limits, free = self._terms.limits, self._judge.free
        return LIST.sub(
            lambda found: found[1] + (watched_offers(found[2]) if free else limited_offers(found[2], limits)), line
        )

    def _enabled(self, line: bytes) -> bytes:
        """Names are UTF-8 from now on (RFC 6855, section 3; RFC 9051, section 5.1)."""
        words = line.upper().split()
        if self._judge.mailboxes is not None and (b"UTF8=ACCEPT" in words or b"IMAP4REV2" in words):
            self._judge.mailboxes.utf8 = True
        return line

    # -- what is ours -------------------------------------------------------------------------------------------

    def _tagged(self, fragment: Fragment) -> None:
        line = bytes(fragment.octets)
        found = TAGGED.match(line)
        if found is None:
            raise Broken("no response")
        tag, done = found[1], found[2].upper() == b"OK"
        if self._errand is not None:
            if tag != self._errand.tag:
                raise Broken("a tag that nobody used")
            self._errand.told(done)
            self._errand_step()
        elif self._state in LENIENT:
            if tag == MARKER:
                self._settled()
            else:
                self._tell(self._shown(line))
        elif tag != self._tag or self._state in QUIET - {State.IDLING}:
            raise Broken("a tag that nobody used")
        else:
            self._tell(self._shown(line))
            self._ended(done, line)

    def _errand_heard(self, fragment: Fragment) -> None:
        if self._errand is not None:
            self._errand.heard(fragment)
            self._errand_step()

    def _errand_step(self) -> None:
        """Do what the errand orders; when it is over, say so."""
        errand = self._errand
        if errand is None:
            return
        for order in errand.orders():
            if isinstance(order, Send):
                self._tell(order.data)
            else:
                self._order(order)
        for other in errand.others:
            self._later += other
        errand.others.clear()
        if errand.over:
            self._errand = None
        if self._later and (errand.over or not errand.holding):
            self._lines.append(bytes(self._later))
            self._later.clear()
        if errand.over:
            self._errand_over(errand)

    # -- the other part -----------------------------------------------------------------------------------------

    def _continued(self, fragment: Fragment) -> None:
        """The server asks the client to go on."""
        raise NotImplementedError

    def _ended(self, done: bool, line: bytes) -> None:
        """The client's command is answered."""
        raise NotImplementedError

    def _errand_over(self, errand: Errand) -> None:
        """An errand is over."""
        raise NotImplementedError

    def _settled(self) -> None:
        """Whatever was said before we listened is answered."""
        raise NotImplementedError

    def _broken(self) -> Commands:
        """The server is not believed any further."""
        raise NotImplementedError


def _continued(hearing: Hearing, fragment: Fragment) -> None:
    hearing._continued(fragment)
