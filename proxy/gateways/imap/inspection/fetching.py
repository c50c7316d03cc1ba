"""A FETCH that may touch attachments, answered message by message. Pure, O(1) memory however large a part.

For each message::

    structure, size and facts asked --> headers asked, of what is to be shown --> response begun
        --> each segment said, readable bodies as the server sends them --> response ended [--> marked as seen]

What is no text is never asked for. A part that is an attachment is left out of the response, and the command then is
answered NO.
"""

from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from proxy.gateways.imap.inspection.answers import Fragment
from proxy.gateways.imap.inspection.errands import Broken, Errand, Then
from proxy.gateways.imap.inspection.items import Fetch
from proxy.gateways.imap.inspection.message import Message, Passed, Said, Target
from proxy.gateways.imap.inspection.rendering import Body, Fixed, Segment, blank, measure
from proxy.gateways.imap.inspection.sizing import HEAD
from proxy.gateways.imap.inspection.streaming import Streaming
from proxy.gateways.imap.inspection.values import Malformed, items

MOST = 100_000
"""The most messages of one FETCH; a client that wants more asks again."""
NUMBERED = 1000
"""So many numbers are tried one by one; of more, those that exist are asked for first."""
PIECE = 64 * 1024
"""What is said at once of what is at hand already; before the next, the server is asked for something, which it answers
only once the client has taken it."""
LOST = 4096
"""So much of a part may be missing against its structure, and is made up by blanks."""

Take = Callable[[bytes], bool]


class Fetching(Errand):
    """One FETCH. ``many``: there were too many messages for one command."""

    __slots__ = (
        "_asked",
        "_blanks",
        "_language",
        "_listed",
        "_message",
        "_numbers",
        "_said",
        "_segments",
        "_stream",
        "_take",
        "_targets",
        "_writable",
        "many",
    )

    def __init__(self, fetch: Fetch, by_uid: bool, writable: bool, language: str) -> None:
        """``writable``: what is fetched is marked as seen, unless it is only peeked at."""
        super().__init__(by_uid)
        self._asked = fetch
        self._writable = writable
        self._language = language
        self._listed: array[int] = array("Q")
        self._numbers: Iterator[int] = iter(())
        self._message = Message(0, fetch, by_uid, language)
        self._targets: deque[Target] = deque()
        self._segments: deque[Segment] = deque()
        self._blanks: Iterator[bytes] = iter(())
        self._stream: Streaming | None = None
        self._take: Take = _none
        self._said = False
        self.many = False

    def begin(self) -> None:
        few = None if self._asked.changed else numbered(self._asked.numbers)
        if few is not None:
            self._numbers = iter(few)
            self._next()
            return
        self._take = self._list
        self._fetch(self._asked.numbers, [b"UID"], self._all_listed, self._asked.changed)

    def heard(self, fragment: Fragment) -> None:
        if self._stream is None:
            super().heard(fragment)
            return
        self._say(self._stream.heard(fragment))
        self.others += self._stream.others
        self._stream.others.clear()

    def _response(self, raw: bytes) -> None:
        try:
            if not self._take(raw):
                self.others.append(raw)
        except Malformed as fault:
            raise Broken(str(fault)) from None

    # -- which messages -----------------------------------------------------------------------------------------

    def _list(self, raw: bytes) -> bool:
        head = HEAD.match(raw)
        told = {item.name: item.value for item in items(raw, head.end())} if head else {}
        uid = told.get(b"UID")
        if head is None or not isinstance(uid, bytes) or not uid.isdigit():
            return False
        if len(self._listed) < MOST:
            self._listed.append(int(uid) if self._prefix else int(head[1]))
        else:
            self.many = True
        return True

    def _all_listed(self, done: bool) -> None:
        self.refused = not done
        self._numbers = iter(self._listed)
        self._next()

    def _next(self) -> None:
        """Begin with the next message, if there is one."""
        self._take, self.holding = _none, False
        number = next(self._numbers, None)
        if number is None:
            self.over = True
            return
        self.holding = True
        self._message = Message(number, self._asked, bool(self._prefix), self._language)
        self._query(self._message.first(), self._message.learnt, self._first_told)

    def _query(self, wanted: Sequence[bytes], take: Take, then: Then) -> None:
        self._take = take
        self._fetch(b"%d" % self._message.number, wanted, then)

    # -- what it is made of -------------------------------------------------------------------------------------

    def _first_told(self, done: bool) -> None:
        message = self._message
        if not message.sequence:
            self.refused = self.refused or not done
            self._next()  # there is none of that number
            return
        wanted = message.more()
        if wanted:
            self._query(wanted, message.learnt_more, self._all_told)
        else:
            self._all_told(done)

    def _all_told(self, _: bool) -> None:
        message = self._message
        targets, refused = message.targets()
        self.refused = self.refused or refused
        self._targets = deque(targets)
        if not targets and not message.facts:
            self._next()
            return
        self.midway, self._said = True, bool(message.facts)
        self._say(b"* %d FETCH (%b" % (message.sequence, b" ".join(message.facts)))
        self._target()

    # -- what is said -------------------------------------------------------------------------------------------

    def _target(self) -> None:
        """Say the next item, or end the response."""
        while self._targets:
            target = self._targets.popleft()
            blank_before = b" " if self._said else b""
            self._said = True
            if isinstance(target, Said):
                self._say(blank_before + target.octets)
                continue
            if isinstance(target, Passed):
                self._say(b"%b%b " % (blank_before, target.label))
                self._stream_item(target)
                return
            self._say(b"%b%b {%d}\r\n" % (blank_before, target.label, measure(target.segments)))
            self._segments = deque(target.segments)
            if not self._segment():
                return
        self._say(b")\r\n")
        self.midway = False
        self._mark()

    def _segment(self) -> bool:
        """Say what is at hand; False: something must be waited for."""
        while self._segments:
            one = self._segments.popleft()
            if isinstance(one, Fixed):
                self._say(one.octets)
            elif isinstance(one, Body):
                self._stream_body(one)
                return False
            elif one.octets <= PIECE:
                self._say(b"".join(blank(one, PIECE)))
            else:
                self._blanks = blank(one, PIECE)
                self._go_on(True)
                return False
        return True

    def _go_on(self, _: bool) -> None:
        piece = next(self._blanks, None)
        if piece is not None:
            self._say(piece)
            self._query([b"UID"], _uid_alone, self._go_on)
        elif self._segment():
            self._target()

    def _stream_body(self, one: Body) -> None:
        whole = one.origin == 0 and one.octets == one.whole
        span = b"" if whole else b"<%d.%d>" % (one.origin, one.octets)
        self._stream = Streaming(b"BODY[%b]" % one.section, one.octets)
        self._query([b"BODY.PEEK[%b]%b" % (one.section, span)], _none, self._body_told)

    def _stream_item(self, target: Passed) -> None:
        self._stream = Streaming(target.label.partition(b"<")[0].upper(), None)
        self._query([target.raw], _none, self._item_told)

    def _body_told(self, _: bool) -> None:
        """What the structure promised and the server did not send is blank, within reason."""
        missing, self._stream = (self._stream.want or 0) if self._stream else 0, None
        if missing > LOST:
            raise Broken("a part is not what the structure said")
        self._say(b" " * missing)
        if self._segment():
            self._target()

    def _item_told(self, _: bool) -> None:
        begun, self._stream = self._stream is not None and self._stream.begun, None
        if not begun:
            self._say(b"NIL")
        self._target()

    def _mark(self) -> None:
        """Mark the message as seen, as the server would have done; it tells of that itself."""
        if not self._writable or not self._message.marks():
            self._next()
            return
        self._take = _none
        self._ask(b"%bSTORE %d +FLAGS (\\Seen)" % (self._prefix, self._message.number), lambda _: self._next())


def numbered(numbers: bytes) -> Sequence[int] | None:
    """Return what a set of numbers holds; None when it is not known, or much."""
    if b"*" in numbers or b"$" in numbers:
        return None
    found: list[int] = []
    for span in numbers.split(b","):
        first, mark, last = span.partition(b":")
        low, high = sorted((int(first), int(last) if mark else int(first)))
        if high - low + len(found) >= NUMBERED:
            return None
        found += range(low, high + 1)
    return found


def _none(_: bytes) -> bool:
    return False


def _uid_alone(raw: bytes) -> bool:
    head = HEAD.match(raw)
    return head is not None and {item.name for item in items(raw, head.end())} == {b"UID"}
