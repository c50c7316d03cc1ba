"""The IMAP load: many TLS sessions at once over one epoll loop, all saying the same.

A script is a row of (what to say, what the last line of the answer begins with); waiting for ``OVER`` means the
server's close. Every wait is bounded by ``PATIENCE``.
"""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from bench.ground import HOST, client_tls

PATIENCE = 60.0
BUFFER = 256 * 1024
OVER = b""
TAIL = 1024
"""How much of an answer is kept: its last line is all that is looked at."""

Step = tuple[bytes, bytes]
Script = Sequence[Step]
Credential = tuple[str, str]

LOG_OUT: Script = ((b"a3 LOGOUT\r\n", OVER),)
NOOP: Script = ((b"n1 NOOP\r\n", b"n1 OK "),)
IDLE: Script = ((b"i1 IDLE\r\n", b"+ "),)


class Broken(Exception):
    """A server did not say what the script waits for."""


def log_in(who: Credential) -> Script:
    """Return how a session begins: greeting, LOGIN, SELECT."""
    name, password = (part.encode() for part in who)
    return (
        (b"", b"* OK "),
        (b'a1 LOGIN "%b" "%b"\r\n' % (name, password), b"a1 OK "),
        (b"a2 SELECT INBOX\r\n", b"a2 OK "),
    )


def fetch(size: int) -> Script:
    """Return how ``size`` octets are fetched."""
    return ((b"f1 FETCH 1 BODY.PEEK[]<0.%d>\r\n" % size, b"f1 OK "),)


def last_line(text: bytes) -> bytes:
    """Return the last line when it is complete, else nothing."""
    if not text.endswith(b"\r\n"):
        return b""
    return text[text.rfind(b"\r\n", 0, -2) + 2 :] if b"\r\n" in text[:-2] else text


class Talk:
    """One connection on its way through a script. Not connected before ``begin``."""

    __slots__ = ("_heard", "_shaken", "_steps", "_wait", "octets", "sock")

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self.sock = sock
        self.octets = 0
        self._shaken = False
        self._steps: Iterator[Step] = iter(())
        self._wait = OVER
        self._heard = b""

    def begin(self, script: Script) -> bool:
        """Start on this script; True when it is done already."""
        self._steps = iter(script)
        return self._next()

    def turn(self, buffer: memoryview) -> bool:
        """Go on as far as the socket lets us; say whether the script is done."""
        while True:
            try:
                if not self._shaken:
                    self.sock.do_handshake()
                    self._shaken = True
                size = self.sock.recv_into(buffer)
            except ssl.SSLWantReadError:
                return False
            except (ssl.SSLEOFError, ConnectionResetError):
                size = 0
            if not size:
                if self._wait != OVER:
                    raise Broken(f"closed instead of {self._wait!r}: {self._heard[-200:]!r}")
                return True
            self.octets += size
            if self._hear(bytes(buffer[max(0, size - TAIL) : size])):
                return True

    def _hear(self, data: bytes) -> bool:
        self._heard = (self._heard + data)[-TAIL:]
        line = last_line(self._heard)
        if self._wait == OVER or not line:
            return False
        if line.startswith(self._wait):
            return self._next()
        if line[:3] == self._wait[:3] or line[:5] == b"* BYE":
            raise Broken(line.decode("ascii", "replace"))
        return False

    def _next(self) -> bool:
        step = next(self._steps, None)
        if step is None:
            return True
        said, self._wait = step
        self._heard = b""
        if said:
            self.sock.sendall(said)
        return False


class ImapLoad:
    """Loads one port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tls = client_tls()
        self._buffer = memoryview(bytearray(BUFFER))

    def sessions(self, scripts: Iterable[Script], together: int) -> None:
        """Run each script on a connection of its own, ``together`` at a time."""
        self._run((self._connected(script) for script in scripts), together, lambda talk: talk.sock.close())

    def enter(self, scripts: Iterable[Script], together: int) -> list[Talk]:
        """Do the same, and leave the connections open."""
        entered: list[Talk] = []
        self._run((self._connected(script) for script in scripts), together, entered.append)
        return entered

    def repeat(self, talks: Sequence[Talk], script: Script, times: int) -> None:
        """Run a script on open connections, all at once, each ``times`` times."""
        whole = [step for _ in range(times) for step in script]

        def again() -> Iterator[Talk]:
            for talk in talks:
                talk.begin(whole)
                yield talk

        self._run(again(), len(talks), lambda _: None)

    def _connected(self, script: Script) -> Talk:
        sock = socket.create_connection((HOST, self._port), PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        talk = Talk(self._tls.wrap_socket(sock, server_hostname="localhost", do_handshake_on_connect=False))
        talk.begin(script)
        return talk

    def _run(self, talks: Iterator[Talk], together: int, done: Callable[[Talk], None]) -> None:
        live: dict[int, Talk] = {}
        until = time.monotonic() + PATIENCE
        with select.epoll() as poll:
            ended = False
            while live or not ended:
                while len(live) < together and not ended:
                    talk = next(talks, None)
                    if talk is None:
                        ended = True
                    elif talk.turn(self._buffer):
                        done(talk)
                    else:
                        live[talk.sock.fileno()] = talk
                        poll.register(talk.sock, select.EPOLLIN)
                for descriptor, _ in poll.poll(1.0):
                    if live[descriptor].turn(self._buffer):
                        talk = live.pop(descriptor)
                        poll.unregister(descriptor)
                        done(talk)
                if time.monotonic() > until:
                    raise Broken(f"{len(live)} sessions were not served in {PATIENCE:.0f} s")
