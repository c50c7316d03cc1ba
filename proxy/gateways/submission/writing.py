"""One letter between DATA and its answer. Pure.

::

    head --clean, From is the user's--> opening --354--> body --end--> whole --reply--> done
      |                                    |               |
      '--refused by us--> sink             '--refused--> sink, its answer         spoilt, too big: upstream cut off,
      sink '-- CR LF . CR LF: done, with the answer -----------------------------------'

The header is read before the next hop hears DATA: a letter under a foreign name never reaches it.
"""

from collections.abc import Callable

from proxy.gateways.submission.grammar import Reply
from proxy.gateways.submission.letter import HEAD, Scanner, fault_of, head_end
from proxy.relays.gate import NOTHING, Commands, DropUp, Pause, Resume, SendUp

SPOILT = b"550 5.5.2 Lines must end in CR LF, and hold no NUL\r\n"
OUT_OF_STEP = b"451 4.3.0 The mail server is out of step; please try again\r\n"
TOO_BIG = b"552 5.3.4 Too big\r\n"


class Writing:
    """``done``: ``answer`` is the client's, ``rest`` what stands behind the letter. ``whole``: the next hop has all
    of it. ``untold``: the next hop never heard DATA. ``broken``: it was cut off, or spoke out of turn (``lost``); the
    session must end."""

    __slots__ = (
        "_belongs",
        "_head",
        "_limit",
        "_scanner",
        "_state",
        "_tail",
        "answer",
        "broken",
        "done",
        "lost",
        "rest",
        "untold",
        "whole",
    )

    def __init__(self, belongs: Callable[[str], bool], limit: int) -> None:
        self._belongs = belongs
        self._limit = limit
        self._scanner = Scanner()
        self._head = bytearray()
        self._state = "head"
        self._tail = b""
        self.answer = b""
        self.rest = b""
        self.untold = True
        self.done = self.whole = self.broken = self.lost = False

    @property
    def size(self) -> int:
        """How many octets the letter had so far, dots stuffed."""
        return self._scanner.size

    def client(self, data: bytes | memoryview) -> Commands:
        """The client wrote on."""
        if self._state in ("opening", "whole"):
            self.rest += data
            return NOTHING
        piece = self._scanner.feed(data)
        if piece.ended:
            self.rest = piece.rest
        octets = piece.octets
        if self._state == "head":
            return self._read_head(octets, piece.ended)
        if self._state == "body":
            return self._relay(octets, piece.ended)
        return self._sink(piece.ended)

    def replied(self, reply: Reply) -> Commands:
        """The next hop said something. Only what it says of the whole letter may sound like acceptance."""
        if self._state == "opening" and reply.code == 354:
            return self._opened()
        if self._state == "whole":
            self.answer, self.done = reply.octets, True
            return NOTHING
        self.answer = reply.octets if reply.code >= 400 else OUT_OF_STEP
        if self._state == "opening":
            self._state = "sink"
            if self._tail:
                self.done = True
                return [Resume()]
            waiting, self.rest = self.rest, b""
            return [Resume(), *self.client(waiting)]
        # It gave up in mid-letter; what follows would be read as commands there.
        self._state, self.broken, self.lost = "sink", True, True
        return [DropUp()]

    def _read_head(self, octets: bytes, ended: bool) -> Commands:
        self._head += octets
        at = head_end(self._head)
        if self._scanner.spoilt:
            return self._refuse(SPOILT, ended)
        if (at if at >= 0 else len(self._head)) > HEAD:
            return self._refuse(b"550 5.6.0 The header is too big\r\n", ended)
        if at < 0 and not ended:
            return NOTHING
        head = bytes(self._head) if at < 0 else bytes(self._head[:at])
        fault = fault_of(head, self._belongs)
        if fault:
            return self._refuse(f"550 5.7.1 {_ascii(fault)}\r\n".encode(), ended)
        if self.size > self._limit:
            return self._refuse(TOO_BIG, ended)
        self._state = "opening"
        self._tail = b".\r\n" if ended else b""
        return [Pause(), SendUp(b"DATA\r\n")]

    def _opened(self) -> Commands:
        self.untold = False
        head, self._head = bytes(self._head), bytearray()
        if self._tail:
            self._state, self.whole = "whole", True
            return [Resume(), SendUp(head + self._tail)]
        self._state = "body"
        waiting, self.rest = self.rest, b""
        more = self.client(waiting) if waiting else NOTHING
        return [Resume(), SendUp(head), *more]

    def _relay(self, octets: bytes, ended: bool) -> Commands:
        if self._scanner.spoilt or self.size > self._limit:
            self.broken = True
            return [DropUp(), *self._refuse(SPOILT if self._scanner.spoilt else TOO_BIG, ended)]
        if not ended:
            return [SendUp(octets)] if octets else NOTHING
        self._state, self.whole = "whole", True
        return [SendUp(octets + b".\r\n")]

    def _refuse(self, answer: bytes, ended: bool) -> Commands:
        self._state, self.answer = "sink", answer
        self._head = bytearray()
        return self._sink(ended)

    def _sink(self, ended: bool) -> Commands:
        self.done = ended
        return NOTHING


def _ascii(text: str) -> str:
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text)
