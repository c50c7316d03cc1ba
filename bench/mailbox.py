"""A small IMAP server to stand behind every proxy alike: ``python -m bench.mailbox PORT``. It lets everybody in.

One process, one epoll loop, no TLS. It answers just what proxies and the load generator say: LOGIN (also with
literals), AUTHENTICATE PLAIN, CAPABILITY, ID, SELECT, NOOP, IDLE, FETCH of ``<0.SIZE>`` octets, LOGOUT.
"""

import re
import select
import socket
import sys
from collections import deque

CAPABILITIES = b"IMAP4rev1 SASL-IR ID IDLE AUTH=PLAIN"
GREETING = b"* OK [CAPABILITY " + CAPABILITIES + b"] ready\r\n"
BEFORE_OK = {
    b"CAPABILITY": b"* CAPABILITY " + CAPABILITIES + b"\r\n",
    b"ID": b"* ID NIL\r\n",
    b"LOGOUT": b"* BYE\r\n",
    b"SELECT": b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* 3 EXISTS\r\n* 0 RECENT\r\n"
    b"* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 4] ok\r\n",
}
LITERAL = re.compile(rb"\{(\d{1,5})(\+?)\}$")
PARTIAL = re.compile(rb"<0\.(\d{1,10})>")
CHUNK = memoryview(b"The quick brown fox jumps over the lazy dog, and so on.\r\n" * 4600)
BUFFER = 65536


class Visitor:
    """One connection."""

    __slots__ = ("_ahead", "_asked", "_line", "_literal", "_out", "over", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.over = False
        self._ahead = b""
        self._line = b""
        self._literal = 0
        self._asked = b""
        self._out: deque[bytes | memoryview] = deque((GREETING,))

    def hear(self, data: bytes) -> None:
        """Take octets and answer every command that is complete."""
        self._ahead += data
        while not self.over:
            if self._literal:
                if len(self._ahead) < self._literal:
                    return
                self._line += self._ahead[: self._literal]
                self._ahead, self._literal = self._ahead[self._literal :], 0
            end = self._ahead.find(b"\r\n")
            if end < 0:
                return
            self._line += self._ahead[:end]
            self._ahead = self._ahead[end + 2 :]
            literal = LITERAL.search(self._line)
            if literal is not None:
                self._literal = int(literal[1])
                self._out.extend(() if literal[2] else (b"+ go\r\n",))
                continue
            line, self._line = self._line, b""
            self._answer(line)

    def flush(self) -> bool:
        """Send what the peer takes; say whether that was all."""
        while self._out:
            first = self._out[0]
            try:
                sent = self.sock.send(first)
            except BlockingIOError:
                return False
            if sent < len(first):
                self._out[0] = memoryview(first)[sent:]
                return False
            self._out.popleft()
        return True

    def _answer(self, line: bytes) -> None:
        if self._asked:
            # DONE after IDLE, or the response that AUTHENTICATE waited for.
            self._out.append(self._asked + b" OK done\r\n")
            self._asked = b""
            return
        tag, _, rest = line.partition(b" ")
        verb = rest.partition(b" ")[0].upper()
        if verb == b"IDLE" or (verb == b"AUTHENTICATE" and rest.count(b" ") < 2):
            self._asked = tag
            self._out.append(b"+ \r\n")
            return
        if verb == b"FETCH" and (size := PARTIAL.search(rest)):
            self._fetch(int(size[1]))
        self._out.append(BEFORE_OK.get(verb, b"") + tag + b" OK done\r\n")
        self.over = verb == b"LOGOUT"

    def _fetch(self, size: int) -> None:
        self._out.append(b"* 1 FETCH (BODY[]<0> {%d}\r\n" % size)
        whole, part = divmod(size, len(CHUNK))
        self._out.extend([CHUNK] * whole)
        self._out.append(CHUNK[:part])
        self._out.append(b")\r\n")


class Mailbox:
    """The server. ``serve`` runs until the process ends."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listener.setblocking(False)
        self._poll = select.epoll()
        self._poll.register(self._listener, select.EPOLLIN)
        self._visitors: dict[int, Visitor] = {}

    def serve(self) -> None:
        while True:
            for descriptor, events in self._poll.poll():
                visitor = self._visitors.get(descriptor)
                if visitor is None:
                    self._accept()
                else:
                    self._turn(visitor, events)

    def _accept(self) -> None:
        for _ in range(64):
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setblocking(False)
            visitor = self._visitors[sock.fileno()] = Visitor(sock)
            self._poll.register(sock, select.EPOLLIN)
            visitor.flush()

    def _turn(self, visitor: Visitor, events: int) -> None:
        try:
            if events & ~select.EPOLLOUT:
                data = visitor.sock.recv(BUFFER)
                if not data:
                    self._close(visitor)
                    return
                visitor.hear(data)
            sent = visitor.flush()
        except OSError:
            self._close(visitor)
            return
        if sent and visitor.over:
            self._close(visitor)
        elif not sent or events & select.EPOLLOUT:
            self._poll.modify(visitor.sock, select.EPOLLIN if sent else select.EPOLLIN | select.EPOLLOUT)

    def _close(self, visitor: Visitor) -> None:
        del self._visitors[visitor.sock.fileno()]
        visitor.sock.close()


if __name__ == "__main__":
    Mailbox(int(sys.argv[1])).serve()
