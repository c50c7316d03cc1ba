"""Knows whether a server's IMAP stream stands between two responses, so that a BYE may be put in there. Pure, O(1)
memory.

It counts literals and skips over them; it does not otherwise read what passes. A stream that turned to COMPRESS is no
text any more: then there is no boundary, and the session is closed without words.
"""

import re

from proxy.gateways.imap.inspection.answers import Reader

LITERAL = re.compile(rb"\{(\d{1,20})\+?\}\r\n")
TELLING = re.compile(rb" (?:(compress)|select|examine) ", re.IGNORECASE)
"""What must be known of what a client said, should its stream be inspected from some moment on."""
TAIL = 26
"""The longest piece of ``{digits+}CRLF`` that may end one chunk and go on in the next."""
SHORT = 128
ANSWER = 4096
"""Most that a server says is no longer than this, and holds no literal: one look tells."""


class Boundary:
    """Follow both directions of one session. ``opened``: the client has opened a mailbox, and the server may know its
    name. ``unsure``: it is not known whether the client stands between two commands."""

    __slots__ = ("_left", "_tail", "_whole", "blind", "opened", "unsure")

    def __init__(self, *, opened: bool = False) -> None:
        self._left = 0
        self._tail = b""
        self._whole = True
        self.blind = self.unsure = False
        self.opened = opened

    @property
    def here(self) -> bool:
        """Tell whether the server is between two responses now."""
        return self._whole and not self._left and not self.blind

    def client(self, data: bytes | memoryview) -> None:
        """The client sent ``data``: look out for COMPRESS (RFC 4978), which is a short line of its own, and for what
        else must be known. Whole lines without a literal are commands; anything else is not followed."""
        if len(data) > ANSWER or not (text := bytes(data)).endswith(b"\r\n") or text.find(b"{") >= 0:
            self.unsure = True
            text = bytes(data[:ANSWER])
        found = TELLING.search(text)
        if found is not None:
            self.blind, self.opened = self.blind or found[1] is not None, True

    def taken(self) -> Reader:
        """Return a reader that goes on where the server's stream stands."""
        return Reader(self._left, self._tail, first=self._whole and not self._left)

    def server(self, data: bytes | memoryview) -> None:
        """The server sent ``data``."""
        size = len(data)
        # `find`, because `in` asks first whether the needle is a number, and makes an exception of it.
        if size <= ANSWER and not self._left and not self._tail and (text := bytes(data)).find(b"{") < 0:
            self._whole = text[-2:] == b"\r\n"
            self._tail = b"\r" if text[-1:] == b"\r" else b""
            return
        if self._left >= size:
            self._left -= size
            self._whole = False
            return
        at = self._left
        self._left = 0
        if self._tail and not at:
            data = self._tail + bytes(data)
            size = len(data)
        while True:
            found = LITERAL.search(data, at)
            if found is None:
                break
            at = found.end() + int(found[1])
            if at >= size:
                # Even when it ends here exactly, the response goes on behind the literal.
                self._left = at - size
                self._whole, self._tail = False, b""
                return
        self._finish(data, at, size)

    def _finish(self, data: bytes | memoryview, at: int, size: int) -> None:
        end = bytes(data[max(at, size - TAIL) :])
        self._whole = end.endswith(b"\r\n")
        brace = end.rfind(b"{")
        self._tail = b"" if self._whole or brace < 0 else end[brace:]
        if not self._whole and not self._tail and end.endswith(b"\r"):
            self._tail = b"\r"
