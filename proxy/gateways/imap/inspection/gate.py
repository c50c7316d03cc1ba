"""An IMAP session between whose client and server somebody stands: one command at a time, judged before it goes on.
Pure.

::

    READY --refused--> NO [SWALLOWING what comes of it] --> READY
      |--must be seen whole--> GATHERING --judged--> HANDING, piece by piece --'
      |--FETCH of what may hold attachments, sizes--> ERRAND (``errands``) --> READY
      '--passes--> WAITING --tagged--> READY       WAITING --IDLE, +--> IDLING --DONE--> WAITING
         |  ^
         v  '-- PASSING (octets) <--+-- LITERAL (the server must ask for it; NO: it never hears the octets)

A session that was relayed begins in ARRIVING: its first line is held until the server has answered, in SETTLING, all
that was said before. Once there is nothing to be kept any more, the session is left to itself again: SPLICED.
"""

from kernel.reasons import Reason
from proxy.gateways import saying
from proxy.gateways.begun import Begun
from proxy.gateways.imap.boundary import Boundary
from proxy.gateways.imap.inspection.capabilities import limited_offers, watched_offers
from proxy.gateways.imap.inspection.commanding import LONGEST, Selected
from proxy.gateways.imap.inspection.commands import Line, Octets, Reader
from proxy.gateways.imap.inspection.dividing import Dividing
from proxy.gateways.imap.inspection.errands import Errand
from proxy.gateways.imap.inspection.hearing import MARKER, State
from proxy.gateways.imap.inspection.mailboxes import Mailboxes
from proxy.gateways.imap.inspection.verdicts import Judge
from proxy.gateways.imap.inspection.weighing import Weighing
from proxy.relays.gate import NOTHING, Become, Commands, End, SendUp, Splice, Terms


class Inspection(Begun, Weighing):
    """One session. See ``proxy.relays.gate.Gate``."""

    __slots__ = ("_boundary", "_due", "_held", "_watched")

    def __init__(self, terms: Terms, *, watched: bool) -> None:
        """``watched``: the server lets a session become somebody else's, so it is never left to itself."""
        super().__init__(terms)
        self._watched = watched
        self._due: Terms | None = None
        self._held: Line | None = None
        self._boundary: Boundary | None = None

    # -- how it begins ------------------------------------------------------------------------------------------

    def offers(self, capability: bytes) -> bytes:
        """Return what the session may use of a server's capabilities."""
        return watched_offers(capability) if self._judge.free else limited_offers(capability, self._terms.limits)

    def begin(self, pipelined: bytes = b"", said: bytes = b"") -> Commands:
        """Begin behind a login: with what the client sent ahead, and the server said behind its OK."""
        self._divide()
        asked = self._flushed()
        heard = self.answered(said) if said else NOTHING
        return [*asked, *heard, *self.received(pipelined)]

    def retaken(self, boundary: Boundary, terms: Terms) -> Commands:
        """Go on with a session that was relayed, from its next command; or end it, where its state is not known."""
        limits = terms.limits
        self._terms, self._judge = terms, Judge(terms)
        if self._judge.free:
            self._state, self._boundary = State.SPLICED, boundary
            return NOTHING
        if boundary.blind or boundary.unsure or limits.folders or (limits.read_only and boundary.opened):
            return self.dismissed(Reason.LIMITS_CHANGED, "")
        self._selected = Selected(None, writable=True) if boundary.opened else None
        self._reader, self._answers = Reader(LONGEST), boundary.taken()
        self._state, self._boundary = State.ARRIVING, None
        return [Become(self)]

    def _arrive(self, piece: Line | Octets) -> None:
        if piece.octets.upper() == b"DONE\r\n" or isinstance(piece, Octets):
            self._order(SendUp(piece.octets))
            return
        # CAPABILITY may be said at any time, and moves no message.
        self._held, self._state = piece, State.SETTLING
        self._order(SendUp(MARKER + b" CAPABILITY\r\n"))

    def _settled(self) -> None:
        self._state = State.READY
        self._resume()

    def _resume(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._begin(held)

    # -- what changes -------------------------------------------------------------------------------------------

    def limited(self, terms: Terms) -> Commands:
        if self._state is State.SPLICED and self._boundary is not None:
            return self.retaken(self._boundary, terms)
        if self._state is State.OVER or self._falling is not None:
            return NOTHING
        if self._at_odds(terms):
            return self.dismissed(Reason.LIMITS_CHANGED, "")
        self._due = terms
        return self._let_go()

    def _at_odds(self, terms: Terms) -> bool:
        """Tell whether the mailbox that is open could not have been opened so under these terms."""
        limits, selected = terms.limits, self._selected
        if selected is None:
            return False
        if limits.read_only and selected.writable:
            return True
        if not limits.folders:
            return False
        mailboxes = self._judge.mailboxes
        now = Mailboxes(limits.folders) if mailboxes is None else mailboxes.others(limits.folders)
        return mailboxes is None or not now.open(selected.name)

    def _begin(self, piece: Line | Octets) -> None:
        if self._due is not None and isinstance(piece, Line):
            self._adopt(self._due)
            if self._divide():
                self._held = piece
                return
        super()._begin(piece)

    def _adopt(self, terms: Terms) -> None:
        before, self._due = self._judge.mailboxes, None
        self._terms, self._judge = terms, Judge(terms)
        if before is not None and self._judge.mailboxes is not None:
            self._judge.mailboxes = before.others(terms.limits.folders)

    def _divide(self) -> bool:
        """Learn how names are divided, if that matters and is not known."""
        mailboxes = self._judge.mailboxes
        if mailboxes is None or mailboxes.known:
            return False
        self._run(Dividing(mailboxes))
        return True

    def _errand_over(self, errand: Errand) -> None:
        if isinstance(errand, Dividing):
            self._settled()
        else:
            super()._errand_over(errand)

    def _let_go(self) -> Commands:
        """Leave client and server to each other, if there is nothing to be kept and nothing under way."""
        terms = self._due
        if terms is None or self._watched or not Judge(terms).free or self._state is not State.READY:
            return NOTHING
        if not self._here or not self._reader.between or self._reader.waiting:
            return NOTHING
        self._adopt(terms)
        self._boundary = Boundary(opened=self._selected is not None)
        self._state = State.SPLICED
        return [Splice(self._boundary)]

    def answered(self, data: bytes | memoryview) -> Commands:
        done = super().answered(data)
        return done if self._due is None else [*done, *self._let_go()]

    # -- how it ends --------------------------------------------------------------------------------------------

    def dismissed(self, reason: Reason, words: str) -> Commands:
        """RFC 9051, section 7.1.5: untagged BYE, between two responses. ``[UNAVAILABLE]`` where the trouble is ours."""
        if self._state is State.OVER:
            return NOTHING
        last = End(self._bye(reason, words), reason)
        if not self._here and self._state is not State.SPLICED:
            self._falling = last
            return NOTHING
        self._state = State.OVER
        return [last]

    def unreachable(self, reason: Reason = Reason.UPSTREAM) -> Commands:
        if self._leaving:
            self._state = State.OVER
            return [End()]
        return self._close(self._bye(reason, ""), reason)

    def overdue(self) -> Commands:
        return self._close(b"* BYE Too slow.\r\n", Reason.IDLE)

    def _misled(self, what: str) -> Commands:
        return self._close(f"* BYE Protocol error: {what}.\r\n".encode(), None)

    def _broken(self) -> Commands:
        """Nothing that this server says is passed on any more."""
        return self._close(self._bye(Reason.UPSTREAM, ""), Reason.UPSTREAM)

    def _close(self, words: bytes, reason: Reason | None) -> Commands:
        here = self._here
        self._state = State.OVER
        return [End(words if here else b"", reason)]

    def _bye(self, reason: Reason, words: str) -> bytes:
        code = b"[UNAVAILABLE] " if saying.our_trouble(reason) else b""
        return b"* BYE %b%b\r\n" % (code, saying.sentence(words, reason).encode())
