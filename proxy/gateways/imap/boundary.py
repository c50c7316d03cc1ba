"""Knows whether a server's IMAP stream stands between two responses, so that a BYE may be put in there. Pure, O(1)
memory.

It counts literals and skips over them; it does not otherwise read what passes. A stream that turned to COMPRESS is no
text any more: then there is no boundary, and the session is closed without words.
"""

import re

LITERAL = re.compile(rb"\{(\d{1,20})\+?\}\r\n")
COMPRESS = re.compile(rb" compress deflate", re.IGNORECASE)
TAIL = 26
"""The longest piece of ``{digits+}CRLF`` that may end one chunk and go on in the next."""
SHORT = 128
ANSWER = 4096
"""Most that a server says is no longer than this, and holds no literal: one look tells."""


class Boundary:
    """Follow both directions of one session."""

    __slots__ = ("_left", "_tail", "_whole", "blind")

    def __init__(self) -> None:
        self._left = 0
        self._tail = b""
        self._whole = True
        self.blind = False

    @property
    def here(self) -> bool:
        """Tell whether the server is between two responses now."""
        return self._whole and not self._left and not self.blind

    def client(self, data: bytes | memoryview) -> None:
        """The client sent ``data``: look out for COMPRESS (RFC 4978), which is a short line of its own."""
        if len(data) <= SHORT and COMPRESS.search(data) is not None:
            self.blind = True

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
